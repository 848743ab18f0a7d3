import { Progress } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { importsList } from '~/api/data'
import type { Import } from '~/api/types'
import { useWord } from '~/i18n/word'
import { useFormat } from '~/lib/use-format'
import { PageHead } from '~/ui/page'
import { PagedTable } from '~/ui/paged'
import { Empty } from '~/ui/state'
import type { Column } from '~/ui/table'

const SAMPLE = `omotenashi import events FILE --map MAP.toml --url ${typeof window === 'undefined' ? '' : window.location.origin} --token TOKEN`

/** Files that were or are being read in. */
export function Imports() {
  const { t } = useTranslation('data')
  const format = useFormat()
  const word = useWord()
  const columns = useMemo((): Column<Import>[] => {
    const number = (id: 'accepted' | 'duplicate' | 'rejected', header: string): Column<Import> => ({
      accessorKey: id,
      header,
      meta: { number: true },
      cell: ({ row }) => format.number(row.original[id]),
    })
    return [
      {
        accessorKey: 'file',
        header: t('imports.file'),
        cell: ({ row }) => <span className="break">{row.original.file}</span>,
      },
      {
        accessorKey: 'state',
        header: t('imports.state'),
        cell: ({ row: { original } }) => (
          <>
            {word('import', original.state)}
            {original.state === 'running' && original.rows ? (
              <Progress
                mt={4}
                w={120}
                value={(100 * original.position) / original.rows}
                aria-label={t('imports.progress', { share: format.share(original.position, original.rows) })}
              />
            ) : null}
          </>
        ),
      },
      {
        id: 'rows',
        accessorFn: ({ rows }) => rows ?? 0,
        header: t('imports.rows'),
        meta: { number: true },
        cell: ({ row: { original } }) => (original.rows == null ? '–' : format.number(original.rows)),
      },
      number('accepted', t('imports.accepted')),
      number('duplicate', t('imports.duplicate')),
      number('rejected', t('imports.rejected')),
      {
        accessorKey: 'changed_at',
        header: t('imports.changed'),
        cell: ({ row }) => format.dateTime(row.original.changed_at),
      },
      { accessorKey: 'created_by', header: t('imports.by') },
    ]
  }, [t, format, word])
  return (
    <>
      <PageHead title={t('imports.title')} answer={t('imports.answer')} />
      <PagedTable
        label={t('imports.title')}
        list={importsList}
        columns={columns}
        every={2_000}
        empty={<Empty title={t('imports.empty')} text={t('imports.emptyText')} sample={SAMPLE} />}
      />
    </>
  )
}
