import { Alert, List } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Warning } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { SaidText } from './said'

/** What an answer lacks, and names in the question that nobody has ever seen, how far back it goes: said before the answer. */
export function Warnings({ of }: { of: Warning[] | undefined }) {
  const missing = of?.filter(({ kind }) => kind === 'missing_rows') ?? []
  const notKept = of?.find(({ kind }) => kind === 'not_kept')
  const unknown = of?.filter(({ kind }) => kind === 'unknown_name') ?? []
  return (
    <>
      {missing.length > 0 ? <Missing of={missing} /> : null}
      {unknown.length > 0 ? <Unknown of={unknown} /> : null}
      {notKept?.to ? <NotKept from={notKept.to} /> : null}
    </>
  )
}

function Missing({ of }: { of: Warning[] }) {
  const { t } = useTranslation('shell')
  const format = useFormat()
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

function NotKept({ from }: { from: string }) {
  const { t } = useTranslation('shell')
  const format = useFormat()
  return (
    <Alert role="status" mb="md">
      {t('warnings.notKept', { from: format.date(from) })}
    </Alert>
  )
}

function Unknown({ of }: { of: Warning[] }) {
  const { t } = useTranslation('explore')
  return (
    <Alert color="bad" role="status" mb="md" title={t('doubtful')}>
      <List size="sm">
        {of.map(({ field, message }) => (
          <List.Item key={`${field ?? ''} ${message}`}>
            <SaidText by={[message]} />
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}
