import { Alert } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Campaign } from '~/api/types'
import { useFormat } from '~/lib/use-format'

/** What the provider puts off: how much, since when, what it said, and when it is tried again. */
export function Retrying({ of }: { of: Campaign['retrying'] }) {
  const { t } = useTranslation('campaigns')
  const format = useFormat()
  if (!of) return null
  return (
    <Alert
      color="bad"
      mb="md"
      title={t('retrying.title', { count: of.messages, shown: format.number(of.messages) })}
    >
      {of.since ? `${t('retrying.since', { since: format.dateTime(of.since) })} ` : null}
      {t('retrying.next', { next: format.time(of.next_attempt) })}
      {of.reply ? (
        <div className="break">
          {t('retrying.reply')} <q className="mono">{of.reply}</q>
        </div>
      ) : null}
      <Link to="/settings">{t('retrying.settings')}</Link>
    </Alert>
  )
}
