import { Progress } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { reportQuery } from '~/api/campaigns'
import type { Campaign, CampaignReport } from '~/api/types'
import { settled } from '~/lib/settled'
import { useFormat } from '~/lib/use-format'
import { Bars } from '~/ui/bars'
import { Section, Stat, Stats } from '~/ui/page'
import { Answer } from '~/ui/state'
import { Table, type Column } from '~/ui/table'
import { Bought } from './bought'
import { LeftOutBars } from './left-out'

/** What became of a campaign. */
export function Report({ campaign }: { campaign: Campaign }) {
  const moving = campaign.state === 'running'
  const report = useQuery(reportQuery(String(campaign.id), moving))
  return (
    <>
      {moving ? <Moving campaign={campaign} /> : null}
      <Answer of={report}>{(data) => <Reported report={data} />}</Answer>
    </>
  )
}

function Moving({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns')
  const far = settled(campaign)
  if (!far) return null
  return <Progress value={(100 * far.done) / Math.max(1, far.of)} mb="md" aria-label={t('report.progress')} />
}

function Reported({ report }: { report: CampaignReport }) {
  const { t } = useTranslation('campaigns')
  const format = useFormat()
  const { messages, campaign } = report
  const all = messages.planned + messages.suppressed + messages.held
  const funnel = ['sent', 'delivered', 'opened', 'clicked'] as const
  const harm = ['bounced', 'failed', 'complained', 'unsubscribed'] as const
  return (
    <>
      <Stats>
        <Stat
          label={t('report.sent')}
          value={format.number(messages.sent)}
          note={t('report.ofAll', { of: format.number(all) })}
        />
        <Stat label={t('report.opened')} value={format.share(messages.opened, messages.delivered)} />
        <Stat label={t('report.clicked')} value={format.share(messages.clicked, messages.delivered)} />
        <Stat label={t('report.left')} value={format.share(messages.unsubscribed, messages.delivered)} />
        <Stat
          label={t('report.revenue')}
          value={format.money(report.reached.revenue)}
          note={t('report.within', { count: report.attribution_hours })}
        />
      </Stats>
      <Section title={t('report.life')}>
        <Bars
          of={messages.planned}
          bars={funnel.map((key) => ({ key, label: t(`report.${key}`), value: messages[key] }))}
        />
        <div style={{ height: 12 }} />
        <Bars
          of={messages.planned}
          bars={harm.map((key) => ({
            key,
            label: t(`report.${key}`),
            value: messages[key],
            tone: 'bad' as const,
          }))}
        />
      </Section>
      <Section title={t('report.leftOut', { shown: format.number(messages.suppressed) })}>
        <LeftOutBars left={report.left_out} of={all} id={String(campaign.id)} />
      </Section>
      {report.held.length > 0 ? (
        <Section title={t('report.held', { shown: format.number(messages.held) })}>
          <LeftOutBars left={report.held} of={all} />
        </Section>
      ) : null}
      <Bought report={report} />
      <Links report={report} />
    </>
  )
}

type LinkRow = CampaignReport['links'][number]

function Links({ report }: { report: CampaignReport }) {
  const { t } = useTranslation('campaigns')
  const format = useFormat()
  const columns = useMemo(
    (): Column<LinkRow>[] => [
      {
        accessorKey: 'url',
        header: t('report.link'),
        cell: ({ row }) => <span className="break">{row.original.url}</span>,
      },
      {
        accessorKey: 'customers',
        header: t('report.customers'),
        meta: { number: true },
        cell: ({ row }) => format.number(row.original.customers),
      },
      {
        accessorKey: 'clicks',
        header: t('report.clicks'),
        meta: { number: true },
        cell: ({ row }) => format.number(row.original.clicks),
      },
    ],
    [t, format],
  )
  if (report.links.length === 0) return null
  return (
    <Section title={t('report.links')}>
      <Table label={t('report.links')} rows={report.links} columns={columns} sortable />
    </Section>
  )
}
