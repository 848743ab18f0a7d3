import { Button } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { entryQuery } from '~/api/data'
import type { EventEntry, PropertyEntry } from '~/api/types'
import { useWord } from '~/i18n/word'
import { quoted } from '~/lib/condition'
import { useFormat } from '~/lib/use-format'
import { PageHead, Section } from '~/ui/page'
import { Spark } from '~/ui/spark'
import { Answer } from '~/ui/state'
import { Table, type Column } from '~/ui/table'

const route = getRouteApi('/inside/data/dictionary/$name')

/** One event: how much of it, which properties, of which types. */
export function DictionaryEntry() {
  const { t } = useTranslation('data')
  const { name } = route.useParams()
  const entry = useQuery(entryQuery(name))
  return (
    <Answer of={entry} head={<PageHead title={t('dictionary.title')} />}>
      {(data) => <Known entry={data} />}
    </Answer>
  )
}

function Known({ entry }: { entry: EventEntry }) {
  const { t } = useTranslation('data')
  const format = useFormat()
  const { event, properties, days } = entry
  const search = { event: event.name }
  return (
    <>
      <PageHead
        back={{ to: '/data/dictionary', label: t('dictionary.title') }}
        title={event.name}
        answer={`${t('entry.answer', { count: event.events, shown: format.number(event.events) })} ${t('dictionary.conflicts', { count: event.conflicts })}`}
        actions={
          <>
            <Button
              variant="default"
              renderRoot={(props) => <Link to="/explore/trend" search={search} {...props} />}
            >
              {t('entry.trend')}
            </Button>
            <Button
              variant="default"
              renderRoot={(props) => (
                <Link
                  to="/audiences/new"
                  search={{ text: `did ${quoted(event.name)} in last 30 days` }}
                  {...props}
                />
              )}
            >
              {t('entry.audience')}
            </Button>
          </>
        }
      />
      <Section title={t('entry.days')}>
        <Spark label={t('entry.days')} points={days.map(({ events }) => events)} height={72} />
      </Section>
      <Section title={t('dictionary.properties')}>
        <Properties properties={properties} />
      </Section>
    </>
  )
}

function Properties({ properties }: { properties: readonly PropertyEntry[] }) {
  const { t } = useTranslation('data')
  const format = useFormat()
  const word = useWord()
  const columns = useMemo(
    (): Column<PropertyEntry>[] => [
      {
        accessorKey: 'name',
        header: t('entry.name'),
        cell: ({ row }) => <span className="mono break">{row.original.name}</span>,
      },
      {
        id: 'types',
        header: t('entry.types'),
        cell: ({ row: { original } }) => (
          <>
            {original.types
              .map(({ type, count }) => `${word('type', type)} ${format.number(count)}`)
              .join(' · ')}
            {original.conflict ? (
              <div style={{ color: 'var(--warn-ink)', fontSize: '0.8125rem' }}>
                <IconAlertTriangle size={14} style={{ verticalAlign: '-2px' }} aria-hidden />{' '}
                {t('entry.conflict')}
              </div>
            ) : null}
          </>
        ),
      },
      {
        id: 'examples',
        header: t('entry.examples'),
        cell: ({ row }) => <span className="break">{row.original.examples.join(' · ')}</span>,
      },
    ],
    [t, format, word],
  )
  return <Table label={t('dictionary.properties')} rows={properties} columns={columns} />
}
