import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { rejectsList } from '~/api/data'
import type { Reject } from '~/api/types'
import { useWord } from '~/i18n/word'
import { useFormat } from '~/lib/use-format'
import { PageHead } from '~/ui/page'
import { PagedTable } from '~/ui/paged'
import { PersonLink } from '~/ui/person'
import { Empty } from '~/ui/state'
import type { Column } from '~/ui/table'
import { Refusals } from './rejects/refusals'

/** What was not accepted and why: records, parts of accepted ones, and whole requests; nothing is dropped in silence. */
export function Rejects() {
  const { t } = useTranslation('data')
  const format = useFormat()
  const word = useWord()
  const columns = useMemo(
    (): Column<Reject>[] => [
      { accessorKey: 'at', header: t('rejects.at'), cell: ({ row }) => format.dateTime(row.original.at) },
      {
        accessorKey: 'door',
        header: t('rejects.door'),
        cell: ({ row }) => <span className="mono">{row.original.door}</span>,
      },
      {
        id: 'what',
        header: t('rejects.what'),
        cell: ({ row: { original } }) => (
          <>
            {original.field ? <span className="mono">{original.field}</span> : null}{' '}
            {word('reject', original.reason)}
            {original.value ? <span className="mono"> {original.value}</span> : null}
            <div style={{ color: 'var(--mantine-color-dimmed)' }}>{word('mend', original.reason)}</div>
          </>
        ),
      },
      {
        id: 'record',
        header: t('rejects.record'),
        cell: ({ row: { original } }) =>
          original.customer ? (
            <PersonLink id={original.customer}>
              <span className="mono break">{original.record}</span>
            </PersonLink>
          ) : (
            <details>
              <summary style={{ cursor: 'pointer' }}>{t('rejects.show')}</summary>
              <pre className="mono break" style={{ whiteSpace: 'pre-wrap', margin: 0 }}>
                {original.record}
              </pre>
            </details>
          ),
      },
    ],
    [t, format, word],
  )
  return (
    <>
      <PageHead title={t('rejects.title')} answer={t('rejects.answer')} />
      <PagedTable
        label={t('rejects.title')}
        list={rejectsList}
        columns={columns}
        every={10_000}
        empty={<Empty title={t('rejects.empty')} text={t('rejects.emptyText')} />}
      />
      <Refusals />
    </>
  )
}
