import { Button, Group, SegmentedControl, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { previewQuery, sendTest } from '~/api/campaigns'
import { useMay, useMe } from '~/api/session'
import type { ContentError, Preview, Variant } from '~/api/types'
import { MailFrame } from '~/ui/mail-frame'
import { PersonLink } from '~/ui/person'
import { SaidText, useProblemText } from '~/ui/said'
import { Answer } from '~/ui/state'
import classes from './content.module.css'
import { usePlaceOf } from './part-of'

/** The message as one customer would see it; follows what is written. */
export function PreviewPane({ id, variant }: { id: string; variant: Variant | undefined }) {
  const { t } = useTranslation('campaigns')
  const [as, setAs] = useState('')
  const [settled] = useDebouncedValue({ variant, as: as.trim() }, 350)
  const preview = useQuery({
    ...previewQuery(id, {
      customer: settled.as === '' ? null : settled.as,
      language: settled.variant?.language ?? null,
      variant: settled.variant ?? null,
    }),
    enabled: settled.variant !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  })
  return (
    <aside className={classes['preview']} aria-label={t('preview.title')}>
      <TextInput
        mb="sm"
        label={t('preview.as')}
        placeholder={t('preview.asExample')}
        value={as}
        onChange={(event) => setAs(event.currentTarget.value)}
      />
      <Answer of={preview}>{(data) => <Seen preview={data} />}</Answer>
      <TestSend id={id} customer={settled.as} />
    </aside>
  )
}

function Seen({ preview }: { preview: Preview }) {
  const { t } = useTranslation('campaigns')
  const [part, setPart] = useState('html')
  const text = part === 'text' || preview.html == null
  return (
    <>
      <dl className={classes['envelope']}>
        <dt>{t('preview.from')}</dt>
        <dd className="break">{preview.from}</dd>
        <dt>{t('preview.to')}</dt>
        <dd>
          {preview.customer ? (
            <PersonLink id={preview.customer}>{preview.label ?? preview.customer}</PersonLink>
          ) : (
            t('preview.nobody')
          )}
        </dd>
        <dt>{t('subject')}</dt>
        <dd lang={preview.language}>
          <strong>{preview.subject}</strong>{' '}
          <Text span c="dimmed">
            {preview.preheader}
          </Text>
        </dd>
      </dl>
      <Errors errors={preview.errors} />
      {preview.html == null ? null : (
        <SegmentedControl
          mb="xs"
          aria-label={t('preview.part')}
          value={part}
          onChange={setPart}
          data={[
            { value: 'html', label: 'HTML' },
            { value: 'text', label: t('plainText') },
          ]}
        />
      )}
      {text ? (
        <pre style={{ whiteSpace: 'pre-wrap', margin: 0 }}>{preview.text}</pre>
      ) : (
        <MailFrame html={preview.html ?? ''} height={480} />
      )}
    </>
  )
}

function Errors({ errors }: { errors: readonly ContentError[] }) {
  const { t } = useTranslation('campaigns')
  const placeOf = usePlaceOf()
  if (errors.length === 0) return null
  return (
    <ul role="alert" style={{ color: 'var(--bad-ink)', paddingInlineStart: 20, marginTop: 0 }}>
      {errors.map((error) => (
        <li key={`${error.part}${String(error.line)}${error.message}`}>
          {t('preview.place', { place: placeOf(error) })} <SaidText by={[error.message]} />
          {error.fix ? <Fix text={error.fix} /> : null}
        </li>
      ))}
    </ul>
  )
}

/** What to do; the line with a caret below the place stays as it is drawn. */
function Fix({ text }: { text: string }) {
  return text.includes('\n') ? (
    <pre className={`mono ${classes['picture'] ?? ''}`}>{text}</pre>
  ) : (
    <SaidText by={[text]} />
  )
}

function TestSend({ id, customer }: { id: string; customer: string }) {
  const { t } = useTranslation('campaigns')
  const may = useMay('marketer')
  const own = useMe()?.email
  const [to, setTo] = useState(own ?? '')
  const say = useProblemText()
  const send = useMutation({
    mutationFn: () => sendTest(id, { to, customer: customer === '' ? null : customer, languages: [] }),
    onSuccess: ({ sent }) => notifications.show({ message: t('test.sent', { count: sent, to }) }),
    onError: (thrown) => notifications.show({ color: 'bad', message: say(thrown) }),
  })
  if (!may) return null
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        send.mutate()
      }}
    >
      <Group mt="md" align="flex-end" gap="xs">
        <TextInput
          style={{ flex: 1 }}
          type="email"
          label={t('test.to')}
          required
          withAsterisk={false}
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" variant="default" loading={send.isPending}>
          {t('test.send')}
        </Button>
      </Group>
    </form>
  )
}
