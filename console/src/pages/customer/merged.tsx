import { Button, Group } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { unmerge } from '~/api/customers'
import { useMay } from '~/api/session'
import type { Customer } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { Section } from '~/ui/page'
import { Failed } from '~/ui/state'
import { Table, type Column } from '~/ui/table'

type Merged = Customer['merged'][number]

/** Who turned out to be this customer, and how to take them apart again. */
export function MergedInto({ customer }: { customer: Customer }) {
  const { t } = useTranslation('customers')
  const format = useFormat()
  const admin = useMay('admin')
  const apart = useMutation({ mutationFn: (by: string) => unmerge(customer.id, by) })
  const columns = useMemo(
    (): Column<Merged>[] => [
      {
        accessorKey: 'by',
        header: t('merged.by'),
        cell: ({ row }) => <span className="mono break">{row.original.by}</span>,
      },
      { accessorKey: 'at', header: t('merged.at'), cell: ({ row }) => format.dateTime(row.original.at) },
      {
        id: 'apart',
        header: () => <span className="sr-only">{t('merged.apart')}</span>,
        cell: ({ row: { original } }) =>
          admin ? (
            <Group justify="flex-end">
              <Button
                size="compact-xs"
                variant="default"
                aria-label={`${original.by}: ${t('merged.apart')}`}
                onClick={() => apart.mutate(original.by)}
              >
                {t('merged.apart')}
              </Button>
            </Group>
          ) : null,
      },
    ],
    [t, format, admin, apart],
  )
  if (customer.merged.length === 0) return null
  return (
    <Section title={t('merged.title')}>
      {apart.error ? <Failed error={apart.error} /> : null}
      <Table label={t('merged.title')} rows={customer.merged} columns={columns} />
    </Section>
  )
}
