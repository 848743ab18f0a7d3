import { Autocomplete, Select, SimpleGrid, TextInput } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Section } from '~/ui/page'
import type { PartProps } from './parts'

const CURRENCIES = ['JPY', 'USD', 'EUR', 'GBP', 'TWD', 'KRW', 'CNY', 'AUD', 'CAD', 'SGD', 'THB'] as const

/** Zone, language, currency; and which event is a purchase. */
export function Workspace({ settings, onChange, wrong }: PartProps) {
  const { t, i18n } = useTranslation('settings')
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), [])
  const names = useMemo(() => new Intl.DisplayNames(i18n.language, { type: 'currency' }), [i18n.language])
  const set = (change: Partial<typeof settings>) => onChange({ ...settings, ...change })
  const currencies = new Set<string>([settings.currency, ...CURRENCIES])
  return (
    <Section title={t('workspace')}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} style={{ alignItems: 'end' }}>
        <Autocomplete
          label={t('zone')}
          data={zones}
          limit={40}
          value={settings.time_zone}
          error={wrong('time_zone')}
          onChange={(time_zone) => set({ time_zone })}
        />
        <TextInput
          label={t('language')}
          description={t('languageNote')}
          value={settings.language}
          error={wrong('language')}
          onChange={(event) => set({ language: event.currentTarget.value })}
        />
        <Select
          label={t('currency')}
          value={settings.currency}
          error={wrong('currency')}
          onChange={(currency) => set({ currency: currency ?? settings.currency })}
          data={[...currencies]
            .filter(Boolean)
            .map((code) => ({ value: code, label: `${code} · ${names.of(code) ?? ''}` }))}
        />
        <TextInput
          label={t('publicUrl')}
          description={t('publicUrlNote')}
          value={settings.public_url}
          error={wrong('public_url')}
          onChange={(event) => set({ public_url: event.currentTarget.value })}
        />
        <TextInput
          label={t('purchaseEvent')}
          value={settings.purchase_event}
          error={wrong('purchase_event')}
          onChange={(event) => set({ purchase_event: event.currentTarget.value })}
        />
        <TextInput
          label={t('amountProperty')}
          value={settings.amount_property}
          error={wrong('amount_property')}
          onChange={(event) => set({ amount_property: event.currentTarget.value })}
        />
      </SimpleGrid>
    </Section>
  )
}
