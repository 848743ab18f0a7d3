import { NumberInput, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Section } from '~/ui/page'
import type { PartProps } from './parts'

/** When nobody is disturbed, who is left alone, what is measured. */
export function Policy({ settings, onChange, wrong }: PartProps) {
  const { t } = useTranslation('settings')
  const set = (change: Partial<typeof settings>) => onChange({ ...settings, ...change })
  const quiet = settings.quiet_hours
  return (
    <Section title={t('policy')}>
      <Stack>
        <Switch
          label={t('quiet')}
          description={t('quietNote')}
          checked={quiet != null}
          onChange={(event) =>
            set({ quiet_hours: event.currentTarget.checked ? { from: '21:00', until: '08:00' } : null })
          }
        />
        {quiet ? (
          <SimpleGrid cols={2} maw={320}>
            <TextInput
              type="time"
              label={t('quietFrom')}
              value={quiet.from}
              error={wrong('quiet_hours.from')}
              onChange={(event) => set({ quiet_hours: { ...quiet, from: event.currentTarget.value } })}
            />
            <TextInput
              type="time"
              label={t('quietUntil')}
              value={quiet.until}
              error={wrong('quiet_hours.until')}
              onChange={(event) => set({ quiet_hours: { ...quiet, until: event.currentTarget.value } })}
            />
          </SimpleGrid>
        ) : null}
        <NumberInput
          maw={320}
          label={t('holdout')}
          description={t('holdoutNote')}
          suffix=" %"
          min={0}
          max={50}
          value={settings.holdout_percent}
          error={wrong('holdout_percent')}
          onChange={(value) => set({ holdout_percent: Number(value) })}
        />
        <Switch
          label={t('opens')}
          checked={settings.track_opens}
          onChange={(event) => set({ track_opens: event.currentTarget.checked })}
        />
        <Switch
          label={t('clicks')}
          checked={settings.track_clicks}
          onChange={(event) => set({ track_clicks: event.currentTarget.checked })}
        />
      </Stack>
    </Section>
  )
}
