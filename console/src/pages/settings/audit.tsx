import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { auditList } from '~/api/settings'
import type { AuditEntry } from '~/api/types'
import { useWord } from '~/i18n/word'
import { useFormat } from '~/lib/use-format'
import { Section } from '~/ui/page'
import { PagedTable } from '~/ui/paged'
import { Empty } from '~/ui/state'
import type { Column } from '~/ui/table'

/** Who did what when. */
export function Audit() {
  const { t } = useTranslation('settings')
  const format = useFormat()
  const word = useWord()
  const columns = useMemo(
    (): Column<AuditEntry>[] => [
      { accessorKey: 'at', header: t('audit.at'), cell: ({ row }) => format.dateTime(row.original.at) },
      { accessorKey: 'who', header: t('audit.who') },
      {
        accessorKey: 'what',
        header: t('audit.what'),
        cell: ({ row }) => word('operation', row.original.what),
      },
      {
        accessorKey: 'subject',
        header: t('audit.subject'),
        cell: ({ row }) => <span className="break">{row.original.subject}</span>,
      },
      {
        accessorKey: 'detail',
        header: t('audit.detail'),
        cell: ({ row }) => <span className="break">{row.original.detail}</span>,
      },
    ],
    [t, format, word],
  )
  return (
    <Section title={t('audit.title')}>
      <PagedTable
        label={t('audit.title')}
        list={auditList}
        columns={columns}
        empty={<Empty title={t('audit.empty')} text={t('audit.emptyText')} />}
      />
    </Section>
  )
}
