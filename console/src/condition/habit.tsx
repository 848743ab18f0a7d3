import { Select, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { entryQuery } from '~/api/data'
import type { Mostly, UsualHour } from '~/lib/condition'
import { EventField, NameField, type OneLineProps } from './one-line'
import { TestFields } from './test'
import { Where } from './where'
import { WindowFields } from './window'

/** Taste: the value that a property has most often. */
export function MostlyFields({ of, onChange }: OneLineProps<Mostly>) {
  const { t } = useTranslation('condition')
  const names = useQuery(entryQuery(of.event)).data?.properties.map(({ name }) => name) ?? []
  return (
    <>
      <Text size="sm">{t('kind.mostly')}</Text>
      <NameField
        label={t('property')}
        value={of.property}
        names={names}
        onChange={(property) => onChange({ ...of, property })}
      />
      <Text size="sm">{t('of')}</Text>
      <EventField event={of.event} onChange={(event) => onChange({ ...of, event })} />
      <TestFields test={of.test} onChange={(test) => onChange({ ...of, test })} />
      <WindowFields window={of.window} onChange={(window) => onChange({ ...of, window })} />
      <Where event={of.event} where={of.where} onChange={(where) => onChange({ ...of, where })} />
    </>
  )
}

const HOURS = Array.from({ length: 24 }, (_, hour) => hour)

/** Habit: the hour of the day at which something mostly happens. */
export function UsualHourFields({ of, onChange }: OneLineProps<UsualHour>) {
  const { t } = useTranslation('condition')
  const { from, to } = of.hours
  return (
    <>
      <Text size="sm">{t('kind.usual_hour')}</Text>
      <EventField event={of.event} onChange={(event) => onChange({ ...of, event })} />
      <Hour
        label={t('from')}
        hour={from}
        onChange={(next) => onChange({ ...of, hours: { from: next, to } })}
      />
      <Text size="sm">–</Text>
      <Hour label={t('to')} hour={to} onChange={(next) => onChange({ ...of, hours: { from, to: next } })} />
      <WindowFields window={of.window} onChange={(window) => onChange({ ...of, window })} />
      <Where event={of.event} where={of.where} onChange={(where) => onChange({ ...of, where })} />
    </>
  )
}

interface HourProps {
  label: string
  hour: number
  onChange: (hour: number) => void
}

function Hour({ label, hour, onChange }: HourProps) {
  const { t } = useTranslation('condition')
  return (
    <Select
      aria-label={label}
      size="xs"
      w={92}
      value={String(hour)}
      onChange={(value) => onChange(Number(value ?? hour))}
      data={HOURS.map((each) => ({ value: String(each), label: t('hour', { hour: each }) }))}
    />
  )
}
