import { NumberInput, Select, TagsInput, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { COMPARISONS, literalOf, spanOf, spanText, typedOf, type Test } from '~/lib/condition'
import { SpanFields } from './window'

interface TestFieldsProps {
  test: Test
  onChange: (test: Test) => void
}

const KINDS = [
  ...COMPARISONS,
  'in',
  'between',
  'contains',
  'starts_with',
  'ends_with',
  'matches',
  'set',
  'in_last',
  'in_next',
  'anniversary_in_next',
  'anniversary_in_last',
] as const
type Kind = (typeof KINDS)[number]

/** The test of another kind, keeping what was typed where it still means something. */
function turned(kind: Kind, was: Test): Test {
  const value = 'value' in was ? was.value : 'text' in was ? was.text : ''
  switch (kind) {
    case 'in':
      return { is: 'in', values: value === '' ? [] : [value] }
    case 'between':
      return { is: 'between', from: 0, to: 100 }
    case 'contains':
    case 'starts_with':
    case 'ends_with':
      return { is: kind, text: typedOf(value) }
    case 'matches':
      return { is: kind, pattern: typedOf(value) }
    case 'set':
      return { is: kind }
    case 'in_last':
    case 'in_next':
    case 'anniversary_in_next':
    case 'anniversary_in_last':
      return { is: kind, span: '7 days' }
    default:
      return { is: kind, value }
  }
}

/** What is asked of one value. */
export function TestFields({ test, onChange }: TestFieldsProps) {
  const { t } = useTranslation('condition')
  return (
    <>
      <Select
        aria-label={t('comparison')}
        size="xs"
        w={144}
        value={test.is}
        onChange={(value) => {
          const kind = KINDS.find((each) => each === value)
          if (kind) onChange(turned(kind, test))
        }}
        data={KINDS.map((kind) => ({ value: kind, label: isSign(kind) ? kind : t(`test.${kind}`) }))}
      />
      <Values test={test} onChange={onChange} />
    </>
  )
}

function isSign(kind: Kind): kind is (typeof COMPARISONS)[number] {
  return COMPARISONS.some((sign) => sign === kind)
}

function Values({ test, onChange }: TestFieldsProps) {
  const { t } = useTranslation('condition')
  if ('value' in test) {
    return (
      <TextInput
        aria-label={t('value')}
        placeholder={t('value')}
        size="xs"
        w={168}
        value={typedOf(test.value)}
        onChange={(event) => onChange({ ...test, value: literalOf(event.currentTarget.value) })}
      />
    )
  }
  if ('values' in test) {
    return (
      <TagsInput
        aria-label={t('values')}
        placeholder={t('values')}
        size="xs"
        miw={200}
        value={test.values.map(typedOf)}
        onChange={(values) => onChange({ ...test, values: values.map(literalOf) })}
      />
    )
  }
  if ('text' in test || 'pattern' in test) {
    const text = 'text' in test ? test.text : test.pattern
    return (
      <TextInput
        aria-label={t('value')}
        size="xs"
        w={168}
        value={text}
        onChange={(event) => {
          const { value } = event.currentTarget
          onChange('text' in test ? { ...test, text: value } : { ...test, pattern: value })
        }}
      />
    )
  }
  if ('span' in test) {
    const span = spanOf(test.span) ?? { amount: 7, unit: 'day' }
    return <SpanFields span={span} onChange={(next) => onChange({ ...test, span: spanText(next) })} />
  }
  if ('from' in test) return <Bounds test={test} onChange={onChange} />
  return null
}

interface BoundsProps {
  test: Extract<Test, { is: 'between' }>
  onChange: (test: Test) => void
}

function Bounds({ test, onChange }: BoundsProps) {
  const { t } = useTranslation('condition')
  if (typeof test.from !== 'number' || typeof test.to !== 'number') {
    return <span className="mono">{`${typedOf(test.from)} – ${typedOf(test.to)}`}</span>
  }
  return (
    <>
      <NumberInput
        aria-label={t('from')}
        size="xs"
        w={104}
        value={test.from}
        onChange={(from) => onChange({ ...test, from: Number(from) })}
      />
      <span>–</span>
      <NumberInput
        aria-label={t('to')}
        size="xs"
        w={104}
        value={test.to}
        onChange={(to) => onChange({ ...test, to: Number(to) })}
      />
    </>
  )
}
