import { Text } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { CampaignReport } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { Section } from '~/ui/page'
import { Table, type Column } from '~/ui/table'

type Arm = CampaignReport['reached'] & { name: string }
type Comparison = NonNullable<CampaignReport['comparison']>
type Difference = Comparison['buyers']

/** What was bought, and how much of it the message itself brought about. */
export function Bought({ report }: { report: CampaignReport }) {
  const { t } = useTranslation('campaigns')
  const format = useFormat()
  const { comparison, closes_at: closes } = report
  const open = closes != null && closes > report.as_of
  return (
    <Section title={t('report.bought')}>
      {comparison ? <Changed comparison={comparison} /> : <Text mb="xs">{t('report.noHoldout')}</Text>}
      <Arms report={report} />
      {comparison ? <Note>{t('report.intention')}</Note> : null}
      {open ? <Note>{t('report.closes', { at: format.dateTime(closes) })}</Note> : null}
    </Section>
  )
}

function Note({ children }: { children: string }) {
  return (
    <Text c="dimmed" size="sm" mt="xs">
      {children}
    </Text>
  )
}

const SENTENCES = {
  buyers: { more: 'report.buyersMore', less: 'report.buyersLess', open: 'report.buyersOpen' },
  revenue: { more: 'report.revenueMore', less: 'report.revenueLess', open: 'report.revenueOpen' },
} as const

/** The differences between the groups, as far as one can be sure of them. */
function Changed({ comparison }: { comparison: Comparison }) {
  const { t } = useTranslation('campaigns')
  const format = useFormat()
  const say = (of: keyof typeof SENTENCES, seen: Difference, show: (value: number) => string) => {
    const ends = [seen.low, seen.high].map(Math.abs)
    if (seen.reading === 'less') ends.reverse()
    const [from = 0, to = 0] = ends
    return t(SENTENCES[of][seen.reading], { from: show(from), to: show(to) })
  }
  const { buyers, revenue_per_customer: revenue } = comparison
  return (
    <>
      <Text>{say('buyers', buyers, (share) => format.decimal(share * 100, 1))}</Text>
      <Text mb="xs">{revenue ? say('revenue', revenue, format.money) : t('report.revenueFew')}</Text>
    </>
  )
}

function Arms({ report }: { report: CampaignReport }) {
  const { t } = useTranslation('campaigns')
  const format = useFormat()
  const { comparison, reached } = report
  const rows: Arm[] = comparison
    ? [
        { ...comparison.contacted, name: t('report.contacted') },
        { ...comparison.holdout, name: t('report.holdout') },
      ]
    : [{ ...reached, name: t('report.reached') }]
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
  return <Table label={t('report.bought')} rows={rows} columns={columns} />
}
