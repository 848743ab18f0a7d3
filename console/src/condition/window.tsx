import { NumberInput, Select, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { spanOf, spanText, SPAN_UNITS, type Span, type Window } from '~/lib/condition'

interface WindowFieldsProps {
  window: Window | undefined
  onChange: (window: Window | undefined) => void
}

const KINDS = ['ever', 'last', 'day', 'week', 'month', 'year'] as const
type Kind = (typeof KINDS)[number]

function kindOf(window: Window | undefined): Kind | 'other' {
  if (window === undefined || window.type === 'ever') return 'ever'
  if (window.type === 'last') return spanOf(window.span) ? 'last' : 'other'
  return (window.type === 'this' ? KINDS.find((kind) => kind === window.unit) : undefined) ?? 'other'
}

function fresh(kind: Kind): Window | undefined {
  if (kind === 'ever') return undefined
  return kind === 'last' ? { type: 'last', span: '30 days' } : { type: 'this', unit: kind }
}

/** When the events must have happened. */
export function WindowFields({ window, onChange }: WindowFieldsProps) {
  const { t } = useTranslation('condition')
  const kind = kindOf(window)
  const span = window?.type === 'last' ? spanOf(window.span) : null
  const kinds = kind === 'other' ? [...KINDS, kind] : KINDS
  return (
    <>
      <Select
        aria-label={t('window.label')}
        size="xs"
        w={144}
        value={kind}
        onChange={(value) => {
          const next = KINDS.find((each) => each === value)
          if (next) onChange(fresh(next))
        }}
        data={kinds.map((each) => ({ value: each, label: t(`window.${each}`) }))}
      />
      {kind === 'other' ? (
        <Text size="sm" c="dimmed">
          {t('windowText')}
        </Text>
      ) : null}
      {span ? (
        <SpanFields span={span} onChange={(next) => onChange({ type: 'last', span: spanText(next) })} />
      ) : null}
    </>
  )
}

export function SpanFields({ span, onChange }: { span: Span; onChange: (span: Span) => void }) {
  const { t } = useTranslation('condition')
  return (
    <>
      <NumberInput
        aria-label={t('amount')}
        size="xs"
        w={76}
        min={1}
        max={36_500}
        allowDecimal={false}
        value={span.amount}
        onChange={(amount) => onChange({ ...span, amount: Math.max(1, Number(amount)) })}
      />
      <Select
        aria-label={t('unit.label')}
        size="xs"
        w={100}
        value={span.unit}
        onChange={(value) =>
          onChange({ ...span, unit: SPAN_UNITS.find((each) => each === value) ?? span.unit })
        }
        data={SPAN_UNITS.map((unit) => ({ value: unit, label: t(`unit.${unit}`) }))}
      />
    </>
  )
}
