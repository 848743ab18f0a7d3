import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { SettingsAnswer } from '~/api/types'
import { Section } from '~/ui/page'

/** The DNS record that proves mail to be ours. */
export function DkimRecord({ dkim }: { dkim: NonNullable<SettingsAnswer['dkim']> }) {
  const { t } = useTranslation('settings')
  return (
    <Section title={t('dkim')}>
      <Text mb="xs">{t('dkimNote', { domain: dkim.domain })}</Text>
      <pre className="mono break" style={{ whiteSpace: 'pre-wrap', margin: 0 }} tabIndex={0}>
        {`${dkim.record_name}. TXT "${dkim.record_value}"`}
      </pre>
    </Section>
  )
}
