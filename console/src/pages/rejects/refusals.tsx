import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { refusalsQuery } from '~/api/data'
import type { Refusal } from '~/api/types'
import { useWord } from '~/i18n/word'
import { useFormat } from '~/lib/use-format'
import { Section } from '~/ui/page'
import { Table, type Column } from '~/ui/table'

/** Requests that were turned away whole, so that no record of them could be kept; nothing when there were none. */
export function Refusals() {
  const { t } = useTranslation('data')
  const format = useFormat()
  const word = useWord()
  const { data } = useQuery(refusalsQuery)
  const columns = useMemo(
    (): Column<Refusal>[] => [
      {
        id: 'what',
        header: t('rejects.what'),
        cell: ({ row: { original } }) => (
          <>
            {word('problem', original.code)}
            <Latest of={original} />
          </>
        ),
      },
      {
        accessorKey: 'requests',
        header: t('refusals.requests'),
        meta: { number: true },
        cell: ({ row }) => format.number(row.original.requests),
      },
      {
        id: 'last',
        header: t('refusals.last'),
        cell: ({ row }) => format.dateTime(row.original.latest[0]?.at ?? 0),
      },
    ],
    [t, format, word],
  )
  if (data === undefined || data.items.length === 0) return null
  return (
    <Section
      title={t('refusals.title')}
      aside={
        <Text c="dimmed" size="sm">
          {t('refusals.since', { at: format.dateTime(data.since) })}
        </Text>
      }
    >
      <Table label={t('refusals.title')} rows={data.items} columns={columns} />
    </Section>
  )
}

/** Where the latest of them went, with which key, and what they brought. */
function Latest({ of }: { of: Refusal }) {
  const { t } = useTranslation('data')
  const format = useFormat()
  return (
    <details>
      <summary style={{ cursor: 'pointer' }}>{t('rejects.show')}</summary>
      <ul className="mono break" style={{ margin: 0, paddingInlineStart: '1rem' }}>
        {of.latest.map(({ at, door, method, path, status, field, value, request_id }, index) => (
          <li key={request_id ?? index}>
            {format.time(at)} {method} {path} {status}
            {field ? ` · ${field}` : ''}
            {value ? `=${value}` : ''}
            {door ? ` · ${door}` : ''}
          </li>
        ))}
      </ul>
    </details>
  )
}
