import { Button, SegmentedControl, Text } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { mailboxList, mailQuery } from '~/api/sandbox'
import type { SandboxMessage, SandboxSummary } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { MailFrame } from '~/ui/mail-frame'
import { PageHead } from '~/ui/page'
import { PersonLink, WhyLink } from '~/ui/person'
import { Answer, Empty } from '~/ui/state'
import classes from './sandbox.module.css'

const route = getRouteApi('/inside/sandbox')

/** The mailbox of the provider that sends nothing: what customers would have got. */
export function SandboxPage() {
  const { t } = useTranslation('sandbox')
  const { mail } = route.useSearch()
  const box = useInfiniteQuery({
    queryKey: mailboxList.key,
    queryFn: ({ pageParam, signal }) => mailboxList.read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: 5_000,
  })
  return (
    <>
      <PageHead title={t('title')} answer={t('answer')} />
      <Answer of={box}>
        {({ pages }) => {
          const mails = pages.flatMap(({ items }) => items)
          if (mails.length === 0) {
            return (
              <Empty
                title={t('empty.title')}
                text={t('empty.text')}
                action={<Link to="/campaigns/new">{t('empty.action')}</Link>}
              />
            )
          }
          const open = mail ?? mails[0]?.id
          return (
            <div className={classes['sides']}>
              <nav aria-label={t('title')}>
                <ul className={classes['list']}>
                  {mails.map((each) => (
                    <Letter key={each.id} mail={each} current={each.id === open} />
                  ))}
                </ul>
                {box.hasNextPage ? (
                  <Button
                    mt="sm"
                    variant="default"
                    loading={box.isFetchingNextPage}
                    onClick={() => void box.fetchNextPage()}
                  >
                    {t('more')}
                  </Button>
                ) : null}
              </nav>
              {open === undefined ? null : <Opened key={open} id={open} />}
            </div>
          )
        }}
      </Answer>
    </>
  )
}

function Letter({ mail, current }: { mail: SandboxSummary; current: boolean }) {
  const format = useFormat()
  return (
    <li>
      <Link
        to="/sandbox"
        search={(now) => ({ ...now, mail: mail.id })}
        className={classes['mail']}
        aria-current={current ? 'true' : undefined}
      >
        <div className={classes['line']}>
          <strong className={classes['subject']} style={{ fontWeight: 550 }}>
            {mail.to}
          </strong>
          <time className={classes['quiet']} dateTime={mail.at}>
            {format.dateTime(mail.at)}
          </time>
        </div>
        <div className={classes['subject']}>{mail.subject}</div>
        {mail.campaign ? <div className={classes['quiet']}>{mail.campaign}</div> : null}
      </Link>
    </li>
  )
}

function Opened({ id }: { id: string }) {
  const mail = useQuery(mailQuery(id))
  return <Answer of={mail}>{(data) => <Read mail={data} />}</Answer>
}

const PARTS = ['html', 'text', 'headers', 'raw'] as const
type Part = (typeof PARTS)[number]

function Read({ mail }: { mail: SandboxMessage }) {
  const { t } = useTranslation('sandbox')
  const format = useFormat()
  const [part, setPart] = useState<Part>(mail.html == null ? 'text' : 'html')
  const { summary } = mail
  return (
    <article aria-label={summary.subject}>
      <h2 className="break">{summary.subject}</h2>
      <Text size="sm" c="dimmed" mt={4} mb="sm" className="break">
        {summary.from} → {summary.to} · {format.dateTime(summary.at)}
        {summary.customer ? (
          <>
            {' · '}
            <PersonLink id={summary.customer}>{t('person')}</PersonLink>
          </>
        ) : null}
        {summary.message ? (
          <>
            {' · '}
            <WhyLink id={summary.message}>{t('why')}</WhyLink>
          </>
        ) : null}
      </Text>
      <SegmentedControl
        mb="sm"
        aria-label={t('part')}
        value={part}
        onChange={(next) => setPart(PARTS.find((each) => each === next) ?? part)}
        data={PARTS.map((each) => ({ value: each, label: t(`parts.${each}`) }))}
      />
      <Shown mail={mail} part={part} />
    </article>
  )
}

function Shown({ mail, part }: { mail: SandboxMessage; part: Part }) {
  if (part === 'html' && mail.html != null) return <MailFrame html={mail.html} height={640} />
  const text = {
    html: '',
    text: mail.text ?? '',
    headers: mail.headers.map(({ name, value }) => `${name}: ${value}`).join('\n'),
    raw: mail.raw,
  }[part]
  return (
    <pre className="mono break" style={{ whiteSpace: 'pre-wrap', margin: 0 }} tabIndex={0}>
      {text}
    </pre>
  )
}
