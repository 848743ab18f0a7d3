import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { audiencesQuery } from '~/api/audiences'
import { useMay } from '~/api/session'
import type { AudienceSummary } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { PageHead } from '~/ui/page'
import { Answer, Empty } from '~/ui/state'
import { Table, type Column } from '~/ui/table'
import { BeingCounted } from './audience/freshness'

/** All audiences, with how many people are in each now. */
export function Audiences() {
  const { t } = useTranslation('audiences')
  const audiences = useQuery(audiencesQuery)
  const may = useMay('marketer')
  const create = may ? (
    <Button
      leftSection={<IconPlus size={14} />}
      renderRoot={(props) => <Link to="/audiences/new" {...props} />}
    >
      {t('new')}
    </Button>
  ) : null
  return (
    <>
      <PageHead
        title={t('title')}
        answer={audiences.data ? t('answer', { count: audiences.data.items.length }) : null}
        actions={create}
      />
      <Answer of={audiences}>
        {({ items }) =>
          items.length > 0 ? (
            <List items={items} />
          ) : (
            <Empty
              title={t('empty.title')}
              text={t('empty.text')}
              sample={'did "purchase" at least 2 times ever\nand not did "purchase" in last 60 days'}
              action={create}
            />
          )
        }
      </Answer>
    </>
  )
}

function List({ items }: { items: readonly AudienceSummary[] }) {
  const { t } = useTranslation('audiences')
  const format = useFormat()
  const columns = useMemo(
    (): Column<AudienceSummary>[] => [
      {
        accessorKey: 'name',
        header: t('name'),
        cell: ({ row: { original } }) => (
          <>
            <Link to="/audiences/$name" params={{ name: original.name }} className="plain">
              <strong style={{ fontWeight: 550 }}>{original.name}</strong>
            </Link>
            <div style={{ color: 'var(--mantine-color-dimmed)' }}>{original.description}</div>
          </>
        ),
      },
      {
        id: 'customers',
        accessorFn: ({ customers }) => customers ?? -1,
        header: t('customers'),
        meta: { number: true },
        cell: ({ row: { original } }) => (
          <>
            {original.customers == null ? '–' : format.number(original.customers)}
            {original.counted_percent == null ? null : (
              <div>
                <BeingCounted percent={original.counted_percent} />
              </div>
            )}
          </>
        ),
      },
      {
        accessorKey: 'text',
        header: t('condition'),
        enableSorting: false,
        cell: ({ row }) => <span className="mono break">{row.original.text}</span>,
      },
      {
        accessorKey: 'changed_at',
        header: t('changed'),
        cell: ({ row: { original } }) => (
          <>
            {format.date(original.changed_at)}
            <div style={{ color: 'var(--mantine-color-dimmed)' }}>{original.changed_by}</div>
          </>
        ),
      },
    ],
    [t, format],
  )
  return <Table label={t('title')} rows={items} columns={columns} sortable />
}
