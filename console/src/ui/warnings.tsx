import { Alert, List } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Warning } from '~/api/types'
import { useFormat } from '~/lib/use-format'

/** What an answer lacks, said before the answer. */
export function Warnings({ of }: { of: Warning[] | undefined }) {
  const { t } = useTranslation('shell')
  const format = useFormat()
  if (!of || of.length === 0) return null
  return (
    <Alert color="bad" role="alert" mb="md" title={t('warnings.title')}>
      <List size="sm">
        {of.map(({ message, stream, rows, from, to }) => (
          <List.Item key={message}>
            {t('warnings.missing', {
              rows: format.number(rows ?? 0),
              stream: stream ?? '',
              from: from ? format.date(from) : '',
              to: to ? format.date(to) : '',
            })}
          </List.Item>
        ))}
      </List>
      {t('warnings.fix')}
    </Alert>
  )
}
