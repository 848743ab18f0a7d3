import { Progress, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { reportQuery } from '~/api/campaigns'
import type { Campaign, CampaignReport } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { Bars } from '~/ui/bars'
import { Section, Stat, Stats } from '~/ui/page'
import { Answer } from '~/ui/state'
import { Table, type Column } from '~/ui/table'
import { LeftOutBars } from './left-out'

/** What became of a campaign. */
export function Report({ campaign }: { campaign: Campaign }) {
  const moving = campaign.state === 'running'
  const report = useQuery(reportQuery(String(campaign.id), moving))
  return (
    <>
      {moving && campaign.progress ? <Moving {...campaign.progress} /> : null}
      <Answer of={report}>{(data) => <Reported report={data} />}</Answer>
    </>
  )
}

function Moving({ decided, of }: { decided: number; of: number }) {
  const { t } = useTranslation('campaigns')
  return <Progress value={(100 * decided) / Math.max(1, of)} mb="md" aria-label={t('report.progress')} />
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

type Arm = CampaignReport['reached'] & { name: string }

function Bought({ report }: { report: CampaignReport }) {
  const { t } = useTranslation('campaigns')
  const format = useFormat()
  const rows: Arm[] = [
    { ...report.reached, name: t('report.reached') },
    { ...report.holdout, name: t('report.holdout') },
  ]
  const columns = useMemo((): Column<Arm>[] => {
    const number = (id: string, header: string, of: (arm: Arm) => string): Column<Arm> => ({
      id,
      header,
      meta: { number: true },
      cell: ({ row }) => of(row.original),
    })
    return [
      { accessorKey: 'name', header: t('report.arm') },
      number('customers', t('report.customers'), (arm) => format.number(arm.customers)),
      number('buyers', t('report.buyers'), (arm) => format.number(arm.buyers)),
      number('share', t('report.buyerShare'), (arm) => format.share(arm.buyers, arm.customers)),
      number('purchases', t('report.purchases'), (arm) => format.number(arm.purchases)),
      number('revenue', t('report.revenue'), (arm) => format.money(arm.revenue)),
      number('each', t('report.each'), (arm) =>
        arm.customers > 0 ? format.money(arm.revenue / arm.customers) : '–',
      ),
    ]
  }, [t, format])
  return (
    <Section title={t('report.bought')}>
      <Table
        label={t('report.bought')}
        rows={report.holdout.customers > 0 ? rows : rows.slice(0, 1)}
        columns={columns}
      />
      <Text c="dimmed" mt="xs">
        {report.lift == null
          ? t('report.noHoldout')
          : t(report.lift >= 0 ? 'report.lift' : 'report.drop', {
              lift: format.decimal(Math.abs(report.lift) * 100, 2),
            })}
      </Text>
    </Section>
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
