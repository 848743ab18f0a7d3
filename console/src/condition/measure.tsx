import { NumberInput, Select, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { entryQuery } from '~/api/data'
import { COMPARISONS, type Measure } from '~/lib/condition'
import { NameField } from './one-line'

interface MeasureFieldsProps {
  event: string
  measure: Measure | undefined
  onChange: (measure: Measure | undefined) => void
}

const KINDS = ['once', 'at_least', 'at_most', 'exactly', 'between', 'amount'] as const
type Kind = (typeof KINDS)[number]
const FUNCTIONS = ['sum', 'avg', 'min', 'max', 'distinct'] as const

function fresh(kind: Kind): Measure | undefined {
  switch (kind) {
    case 'once':
      return undefined
    case 'between':
      return { type: 'between', from: 2, to: 5 }
    case 'amount':
      return { type: 'amount', function: 'sum', of: '', is: '>=', value: 100 }
    default:
      return { type: kind, times: 2 }
  }
}

/** How often, or how much. */
export function MeasureFields({ event, measure, onChange }: MeasureFieldsProps) {
  const { t } = useTranslation('condition')
  return (
    <>
      <Select
        aria-label={t('measure.label')}
        size="xs"
        w={136}
        value={measure?.type ?? 'once'}
        onChange={(kind) => onChange(fresh(KINDS.find((each) => each === kind) ?? 'once'))}
        data={KINDS.map((kind) => ({ value: kind, label: t(`measure.${kind}`) }))}
      />
      {measure ? <Details event={event} measure={measure} onChange={onChange} /> : null}
    </>
  )
}

function Details({ event, measure, onChange }: MeasureFieldsProps & { measure: Measure }) {
  const { t } = useTranslation('condition')
  if (measure.type === 'between') {
    return (
      <>
        <Times value={measure.from} onChange={(from) => onChange({ ...measure, from })} />
        <Text size="sm">–</Text>
        <Times value={measure.to} onChange={(to) => onChange({ ...measure, to })} />
        <Text size="sm">{t('times')}</Text>
      </>
    )
  }
  if (measure.type === 'amount') return <Amount event={event} measure={measure} onChange={onChange} />
  return (
    <>
      <Times value={measure.times} onChange={(times) => onChange({ ...measure, times })} />
      <Text size="sm">{t('times')}</Text>
    </>
  )
}

interface AmountProps {
  event: string
  measure: Extract<Measure, { type: 'amount' }>
  onChange: (measure: Measure) => void
}

function Amount({ event, measure, onChange }: AmountProps) {
  const { t } = useTranslation('condition')
  const names = useQuery(entryQuery(event)).data?.properties.map(({ name }) => name) ?? []
  return (
    <>
      <Select
        aria-label={t('function.label')}
        size="xs"
        w={112}
        value={measure.function}
        onChange={(value) =>
          onChange({ ...measure, function: FUNCTIONS.find((each) => each === value) ?? measure.function })
        }
        data={FUNCTIONS.map((each) => ({ value: each, label: t(`function.${each}`) }))}
      />
      <NameField
        label={t('property')}
        value={measure.of}
        names={names}
        onChange={(of) => onChange({ ...measure, of })}
      />
      <Select
        aria-label={t('comparison')}
        size="xs"
        w={72}
        value={measure.is}
        onChange={(value) =>
          onChange({ ...measure, is: COMPARISONS.find((each) => each === value) ?? measure.is })
        }
        data={[...COMPARISONS]}
      />
      <NumberInput
        aria-label={t('value')}
        size="xs"
        w={112}
        value={measure.value}
        onChange={(value) => onChange({ ...measure, value: Number(value) })}
      />
    </>
  )
}

function Times({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const { t } = useTranslation('condition')
  return (
    <NumberInput
      aria-label={t('times')}
      size="xs"
      w={72}
      min={0}
      max={1_000_000}
      allowDecimal={false}
      value={value}
      onChange={(next) => onChange(Number(next))}
    />
  )
}
