import { Button, Group, Menu, Modal, Stack, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDots, IconDownload, IconSpeakerphone } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { Trans, useTranslation } from 'react-i18next'
import {
  audienceQuery,
  deleteAudience,
  liveQuery,
  membersCsv,
  membersList,
  replaceAudience,
} from '~/api/audiences'
import { useMay } from '~/api/session'
import type { Audience } from '~/api/types'
import { ConditionEditor } from '~/condition/editor'
import { useFormat } from '~/lib/use-format'
import { useCustomerColumns } from '~/ui/customer-columns'
import { PageHead, Section } from '~/ui/page'
import { PagedTable } from '~/ui/paged'
import { Answer, Empty, Failed } from '~/ui/state'
import { LiveCount } from './audience/count'
import { Freshness } from './audience/freshness'
import { Passages } from './audience/passages'
import { Sizes } from './audience/sizes'

const route = getRouteApi('/inside/audiences/$name')

/** One audience: its people, its reach, its condition. */
export function AudiencePage() {
  const { t } = useTranslation('audiences')
  const { name } = route.useParams()
  const audience = useQuery(audienceQuery(name))
  return (
    <Answer of={audience} head={<PageHead title={t('title')} />}>
      {(data) => <Known key={data.name} audience={data} />}
    </Answer>
  )
}

function Known({ audience }: { audience: Audience }) {
  const { t } = useTranslation('audiences')
  const format = useFormat()
  const may = useMay('marketer')
  const [editing, setEditing] = useState(false)
  const live = useQuery(liveQuery(audience.name))
  const { people } = audience
  return (
    <>
      <PageHead
        back={{ to: '/audiences', label: t('title') }}
        title={audience.name}
        answer={
          <Trans
            t={t}
            i18nKey="one"
            values={{
              customers: format.number(live.data?.customers ?? people.customers),
              share: format.share(live.data?.customers ?? people.customers, people.of),
              consented: format.number(people.consented),
            }}
            components={{ b: <strong /> }}
          />
        }
        mark={live.data ? <Freshness live={live.data} /> : null}
        actions={<Actions audience={audience} />}
      />
      {audience.description ? <Text mb="md">{audience.description}</Text> : null}
      <Section
        title={t('condition')}
        aside={
          may && !editing ? (
            <Button variant="default" onClick={() => setEditing(true)}>
              {t('edit')}
            </Button>
          ) : null
        }
      >
        {editing ? (
          <Edit audience={audience} onDone={() => setEditing(false)} />
        ) : (
          <>
            <pre className="mono" style={{ whiteSpace: 'pre-wrap', margin: 0 }}>
              {audience.text}
            </pre>
            <Text size="sm" c="dimmed" mt={4}>
              {t('changedBy', { who: audience.changed_by, at: format.dateTime(audience.changed_at) })}
            </Text>
            <Section title={t('live.title')}>
              <LiveCount text={audience.text} />
            </Section>
          </>
        )}
      </Section>
      {live.data?.since ? <Sizes name={audience.name} /> : null}
      {live.data?.since ? <Passages name={audience.name} /> : null}
      <Members name={audience.name} />
    </>
  )
}

function Actions({ audience }: { audience: Audience }) {
  const { t } = useTranslation('audiences')
  const marketer = useMay('marketer')
  const analyst = useMay('analyst')
  const [removing, setRemoving] = useState(false)
  return (
    <>
      {marketer ? (
        <Button
          leftSection={<IconSpeakerphone size={15} />}
          renderRoot={(props) => <Link to="/campaigns/new" search={{ audience: audience.name }} {...props} />}
        >
          {t('message')}
        </Button>
      ) : null}
      {analyst ? (
        <Button
          component="a"
          href={membersCsv(audience.name)}
          download
          variant="default"
          leftSection={<IconDownload size={15} />}
        >
          CSV
        </Button>
      ) : null}
      {marketer ? (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" aria-label={t('more')}>
              <IconDots size={16} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setRemoving(true)}>{t('delete.button')}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ) : null}
      <Remove name={audience.name} opened={removing} onClose={() => setRemoving(false)} />
    </>
  )
}

function Remove({ name, opened, onClose }: { name: string; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('audiences')
  const navigate = useNavigate()
  const remove = useMutation({
    mutationFn: () => deleteAudience(name),
    onSuccess: () => navigate({ to: '/audiences' }),
  })
  return (
    <Modal opened={opened} onClose={onClose} title={t('delete.title', { name })}>
      <Stack>
        <Text>{t('delete.text')}</Text>
        {remove.error ? <Failed error={remove.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('delete.keep')}
          </Button>
          <Button color="bad.6" loading={remove.isPending} onClick={() => remove.mutate()}>
            {t('delete.do')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function Edit({ audience, onDone }: { audience: Audience; onDone: () => void }) {
  const { t } = useTranslation('audiences')
  const [text, setText] = useState<string | null>(audience.text)
  const [description, setDescription] = useState(audience.description)
  const save = useMutation({
    mutationFn: (condition: string) => replaceAudience(audience, description, condition),
    onSuccess: () => {
      notifications.show({ message: t('saved') })
      onDone()
    },
  })
  return (
    <>
      <ConditionEditor text={text ?? audience.text} onChange={setText} />
      <TextInput
        mt="md"
        maw={560}
        label={t('description')}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <Section title={t('live.title')}>
        <LiveCount text={text} />
      </Section>
      {save.error ? <Failed error={save.error} /> : null}
      <Group mt="md">
        <Button
          size="sm"
          loading={save.isPending}
          disabled={text === null}
          onClick={() => {
            if (text !== null) save.mutate(text)
          }}
        >
          {t('save')}
        </Button>
        <Button size="sm" variant="default" onClick={onDone}>
          {t('cancel')}
        </Button>
      </Group>
    </>
  )
}

function Members({ name }: { name: string }) {
  const { t } = useTranslation('audiences')
  const list = useMemo(() => membersList(name), [name])
  const columns = useCustomerColumns()
  return (
    <Section title={t('members')}>
      <PagedTable
        label={t('members')}
        list={list}
        columns={columns}
        empty={<Empty title={t('noMembers.title')} text={t('noMembers.text')} />}
      />
    </Section>
  )
}
