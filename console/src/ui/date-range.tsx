import { Group, Select, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { PRESETS, type Range } from '~/lib/range'

interface DateRangeProps {
  value: Range
  onChange: (range: Range) => void
}

/** Which part of time a question is about; days are days of the workspace's zone. */
export function DateRange({ value, onChange }: DateRangeProps) {
  const { t } = useTranslation('shell')
  const range = value.range ?? '30d'
  const other = PRESETS.every((preset) => preset !== range)
  const days = { value: range, label: t('range.days', { days: range.slice(0, -1) }) }
  return (
    <Group gap="xs" align="flex-end">
      <Select
        label={t('range.label')}
        size="xs"
        w={152}
        value={range}
        onChange={(preset) => onChange({ range: preset ?? undefined })}
        data={[
          ...(other ? [days] : []),
          ...PRESETS.map((preset) => ({ value: preset, label: t(`range.${preset}`) })),
        ]}
      />
      {range === 'custom' ? (
        <>
          <DayField
            label={t('range.from')}
            day={value.from}
            onChange={(from) => onChange({ ...value, from })}
          />
          <DayField label={t('range.to')} day={value.to} onChange={(to) => onChange({ ...value, to })} />
        </>
      ) : null}
    </Group>
  )
}

interface DayFieldProps {
  label: string
  day: string | undefined
  onChange: (day: string | undefined) => void
}

function DayField({ label, day, onChange }: DayFieldProps) {
  return (
    <TextInput
      label={label}
      type="date"
      size="xs"
      w={144}
      value={day ?? ''}
      onChange={(event) => {
        const { value } = event.currentTarget
        onChange(value === '' ? undefined : value)
      }}
    />
  )
}
