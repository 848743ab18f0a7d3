import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { CustomerSummary } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { PersonLink } from './person'
import type { Column } from './table'

/** How people look in a list, wherever there is a list of people; `narrow` beside a page. */
export function useCustomerColumns({ narrow = false } = {}): Column<CustomerSummary>[] {
  const { t } = useTranslation('customers')
  const format = useFormat()
  return useMemo(() => {
    const columns: Column<CustomerSummary>[] = [
      {
        accessorKey: 'label',
        header: t('column.who'),
        cell: ({ row: { original } }) => (
          <PersonLink id={original.id}>
            <strong style={{ fontWeight: 550 }}>{original.label}</strong>
          </PersonLink>
        ),
      },
      {
        id: 'email',
        accessorFn: ({ email }) => email ?? '',
        header: t('column.email'),
        cell: ({ getValue }) => orDash(getValue<string>()),
      },
      {
        id: 'identifier',
        accessorFn: ({ identifier }) => identifier ?? '',
        header: t('column.identifier'),
        cell: ({ getValue }) => <span className="mono">{orDash(getValue<string>())}</span>,
      },
      {
        accessorKey: 'events',
        header: t('column.events'),
        meta: { number: true },
        cell: ({ row }) => format.number(row.original.events),
      },
      {
        id: 'first',
        accessorFn: ({ first_seen }) => first_seen ?? '',
        header: t('column.first'),
        cell: ({ getValue }) => day(getValue<string>(), format.date),
      },
      {
        id: 'last',
        accessorFn: ({ last_seen }) => last_seen ?? '',
        header: t('column.last'),
        cell: ({ getValue }) => day(getValue<string>(), narrow ? format.date : format.dateTime),
      },
    ]
    return narrow ? columns.filter(({ id }) => id !== 'first') : columns
  }, [t, format, narrow])
}

function orDash(text: string): string {
  return text === '' ? '–' : text
}

function day(at: string, say: (at: string) => string): string {
  return at === '' ? '–' : say(at)
}
