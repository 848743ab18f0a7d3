import { Text, TextInput } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { dictionaryQuery } from '~/api/data'
import type { EventSummary } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { FilterBar } from '~/ui/filter-bar'
import { PageHead } from '~/ui/page'
import { Answer, Empty } from '~/ui/state'
import { Table, type Column } from '~/ui/table'

/** Every event name that was ever seen, and which of their properties contradict themselves. */
export function Dictionary() {
  const { t } = useTranslation('data')
  const events = useQuery(dictionaryQuery)
  const [text, setText] = useState('')
  const conflicts = events.data?.items.reduce((sum, each) => sum + each.conflicts, 0) ?? 0
  return (
    <>
      <PageHead
        title={t('dictionary.title')}
        answer={
          events.data
            ? `${t('dictionary.answer', { count: events.data.items.length })} ${t('dictionary.conflicts', { count: conflicts })}`
            : null
        }
      />
      <FilterBar>
        <TextInput
          type="search"
          aria-label={t('dictionary.search')}
          placeholder={t('dictionary.search')}
          w={280}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </FilterBar>
      <Answer of={events} rows={8}>
        {({ items }) =>
          items.length > 0 ? (
            <List items={items} text={text} />
          ) : (
            <Empty
              title={t('dictionary.empty')}
              text={t('dictionary.emptyText')}
              action={<Link to="/data/keys">{t('keys.title')}</Link>}
            />
          )
        }
      </Answer>
    </>
  )
}

function List({ items, text }: { items: readonly EventSummary[]; text: string }) {
  const { t } = useTranslation('data')
  const format = useFormat()
  const rows = useMemo(
    () => items.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase())),
    [items, text],
  )
  const columns = useMemo(
    (): Column<EventSummary>[] => [
      {
        accessorKey: 'name',
        header: t('event'),
        cell: ({ row: { original } }) => (
          <Link to="/data/dictionary/$name" params={{ name: original.name }} className="plain">
            <strong style={{ fontWeight: 550 }}>{original.name}</strong>
          </Link>
        ),
      },
      {
        accessorKey: 'events',
        header: t('dictionary.count'),
        meta: { number: true },
        cell: ({ row }) => format.number(row.original.events),
      },
      {
        accessorKey: 'properties',
        header: t('dictionary.properties'),
        meta: { number: true },
        cell: ({ row }) => format.number(row.original.properties),
      },
      {
        accessorKey: 'conflicts',
        header: t('dictionary.conflictColumn'),
        meta: { number: true },
        cell: ({ row }) => <Conflicts count={row.original.conflicts} />,
      },
      {
        accessorKey: 'planned',
        header: t('dictionary.planned'),
        cell: ({ row }) => (row.original.planned ? t('dictionary.yes') : '–'),
      },
      {
        id: 'first',
        accessorFn: ({ first_seen }) => first_seen ?? '',
        header: t('dictionary.first'),
        cell: ({ row: { original } }) => (original.first_seen ? format.date(original.first_seen) : '–'),
      },
      {
        id: 'last',
        accessorFn: ({ last_seen }) => last_seen ?? '',
        header: t('dictionary.last'),
        cell: ({ row: { original } }) => (original.last_seen ? format.dateTime(original.last_seen) : '–'),
      },
    ],
    [t, format],
  )
  return <Table label={t('dictionary.title')} rows={rows} columns={columns} sortable />
}

export function Conflicts({ count }: { count: number }) {
  const format = useFormat()
  if (count === 0)
    return (
      <Text span c="dimmed">
        –
      </Text>
    )
  return (
    <span style={{ color: 'var(--warn-ink)' }}>
      <IconAlertTriangle size={14} style={{ verticalAlign: '-2px' }} aria-hidden /> {format.number(count)}
    </span>
  )
}
