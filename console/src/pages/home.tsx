import { Button, Text } from '@mantine/core'
import { IconCircleCheck, IconCircleDashed } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, type LinkProps } from '@tanstack/react-router'
import { Trans, useTranslation } from 'react-i18next'
import { homeQuery } from '~/api/home'
import { useMe } from '~/api/session'
import type { Home as HomeAnswer } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { CampaignTable } from '~/ui/campaign-table'
import { PageHead, Section, Stat, Stats } from '~/ui/page'
import { ReachBars } from '~/ui/reach'
import { Spark } from '~/ui/spark'
import { Answer } from '~/ui/state'
import { Warnings } from '~/ui/warnings'
import { Board } from './home/board'

/** What is happening now. */
export function Home() {
  const { t } = useTranslation('home')
  const home = useQuery(homeQuery)
  return (
    <>
      <PageHead
        title={t('title', { workspace: useMe()?.workspace.name ?? '' })}
        answer={home.data ? <Now home={home.data} /> : null}
      />
      <Answer of={home}>{(data) => <Everything home={data} />}</Answer>
    </>
  )
}

function Now({ home }: { home: HomeAnswer }) {
  const { t } = useTranslation('home')
  const format = useFormat()
  return (
    <Trans
      t={t}
      i18nKey="answer"
      values={{
        customers: format.number(home.customers),
        events: format.number(home.events_last_day),
        messages: format.number(home.messages_last_day.sent),
      }}
      components={{ b: <strong /> }}
    />
  )
}

function Everything({ home }: { home: HomeAnswer }) {
  const { t } = useTranslation('home')
  const format = useFormat()
  const open = home.next_steps.filter(({ done }) => !done)
  const lastMinute = home.events_per_minute.at(-1) ?? 0
  const { sent, delivered, opened, clicked, suppressed } = home.messages_last_day
  return (
    <>
      <Warnings of={home.warnings} />
      {open.length > 0 ? <Steps steps={home.next_steps} /> : null}
      <Stats>
        <Stat
          label={t('customers')}
          value={
            <Link className="plain" to="/customers">
              {format.number(home.customers)}
            </Link>
          }
        />
        <Stat
          label={t('events')}
          value={
            <Link className="plain" to="/data/live">
              {format.number(home.events_last_day)}
            </Link>
          }
          note={<Change now={home.events_last_day} before={home.events_day_before} />}
        />
        <Stat
          label={t('sent')}
          value={format.number(sent)}
          note={t('delivered', { share: format.share(delivered, sent) })}
        />
        <Stat
          label={t('opened')}
          value={format.share(opened, delivered)}
          note={t('clicked', { share: format.share(clicked, delivered) })}
        />
        <Stat label={t('suppressed')} value={format.number(suppressed)} note={t('suppressedNote')} />
        <Stat
          label={t('rejects')}
          value={
            <Link className="plain" to="/data/rejects">
              {format.number(home.rejects_last_day)}
            </Link>
          }
          note={
            home.behind_ms > 2_000 ? t('behind', { time: format.milliseconds(home.behind_ms) }) : t('keepsUp')
          }
        />
      </Stats>
      <Board />
      <Section
        title={t('stream')}
        aside={
          <Text c="dimmed" size="sm">
            {t('perMinute', { count: lastMinute, shown: format.number(lastMinute) })}
          </Text>
        }
      >
        <Spark label={t('stream')} points={home.events_per_minute} height={72} />
      </Section>
      <Section title={t('campaigns')} aside={<Link to="/campaigns">{t('all')}</Link>}>
        {home.campaigns.length > 0 ? (
          <CampaignTable campaigns={home.campaigns} />
        ) : (
          <Text c="dimmed">
            {t('noCampaigns')} <Link to="/campaigns/new">{t('firstCampaign')}</Link>
          </Text>
        )}
      </Section>
      <Section title={t('reach')}>
        {home.customers > 0 ? (
          <ReachBars reach={home.reach} of={home.customers} />
        ) : (
          <Text c="dimmed">{t('noReach')}</Text>
        )}
      </Section>
    </>
  )
}

function Change({ now, before }: { now: number; before: number }) {
  const { t } = useTranslation('home')
  const format = useFormat()
  if (before === 0) return t('noBefore')
  const change = now / before - 1
  const share = format.percent(Math.abs(change))
  return t(change >= 0 ? 'more' : 'less', { share })
}

const STEPS = {
  send_events: '/data/keys',
  make_audience: '/audiences/new',
  set_sender: '/settings',
  launch_campaign: '/campaigns/new',
} as const satisfies Record<string, LinkProps['to']>

type Step = keyof typeof STEPS

function isStep(step: string): step is Step {
  return step in STEPS
}

function Steps({ steps }: { steps: HomeAnswer['next_steps'] }) {
  const { t } = useTranslation('home')
  const next = steps.find(({ done }) => !done)?.step
  return (
    <section aria-label={t('next')} style={{ marginBottom: 32 }}>
      <h2 style={{ fontSize: '1rem', marginBottom: 8 }}>{t('next')}</h2>
      <ol style={{ listStyle: 'none', margin: 0, padding: 0 }}>
        {steps.flatMap(({ step, done }) =>
          isStep(step) ? (
            <li key={step} style={{ display: 'flex', gap: 10, alignItems: 'center', minHeight: 36 }}>
              {done ? (
                <IconCircleCheck size={18} color="var(--good-ink)" aria-label={t('done')} />
              ) : (
                <IconCircleDashed size={18} aria-label={t('open')} />
              )}
              <Text span c={done ? 'dimmed' : undefined}>
                {t(`step.${step}`)}
              </Text>
              {step === next ? (
                <Button renderRoot={(props) => <Link to={STEPS[step]} {...props} />}>
                  {t(`do.${step}`)}
                </Button>
              ) : null}
            </li>
          ) : (
            []
          ),
        )}
      </ol>
    </section>
  )
}
