import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Customer } from '~/api/types'
import { valueText } from '~/lib/values'
import { Empty } from '~/ui/state'
import { Table, type Column } from '~/ui/table'

/** What is known of a customer, by name. */
export function Traits({ customer }: { customer: Customer }) {
  const { t } = useTranslation('customers')
  const rows = useMemo(
    () =>
      Object.entries(customer.traits as Record<string, unknown>).toSorted(([a], [b]) => a.localeCompare(b)),
    [customer],
  )
  const columns = useMemo(
    (): Column<[string, unknown]>[] => [
      {
        id: 'name',
        header: t('trait.name'),
        cell: ({ row }) => <span className="mono">{row.original[0]}</span>,
      },
      {
        id: 'value',
        header: t('trait.value'),
        cell: ({ row }) => <span className="break">{valueText(row.original[1])}</span>,
      },
    ],
    [t],
  )
  if (rows.length === 0) return <Empty title={t('trait.empty')} text={t('trait.emptyText')} />
  return <Table label={t('tab.traits')} rows={rows} columns={columns} />
}
