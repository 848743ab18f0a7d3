import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { audiencesQuery } from '~/api/audiences'
import { entryQuery, traitsQuery } from '~/api/data'
import type { Compare, ConditionInput } from '~/api/types'
import { SpanFields } from '~/condition/window'
import { spanOf, spanText } from '~/lib/condition'
import { audienceOf, membersOf, type Kind } from '~/lib/question'
import { DateRange } from '~/ui/date-range'
import { Labelled } from '~/ui/labelled'
import { useUrl } from './use-question'

/** The names of all audiences. */
function useAudiences(): string[] {
  return useQuery(audiencesQuery).data?.items.map(({ name }) => name) ?? []
}

interface SharedProps {
  /** The range, when nobody says. */
  range: string | undefined
  /** What the answer is compared with; null: this question is not compared. */
  compare: Compare | undefined | null
}

/** The fields that every question has: whom, compared with what, when. */
export function Shared({ range = '30d', compare }: SharedProps) {
  const [search, set] = useUrl<Kind>()
  return (
    <>
      <Whom condition={search.condition} onChange={(condition) => set({ condition })} />
      {compare === null ? null : <With compare={compare} onChange={(next) => set({ compare: next })} />}
      <DateRange
        value={{ ...search, range: search.range ?? range }}
        onChange={(next) => set({ from: undefined, to: undefined, ...next })}
      />
    </>
  )
}

interface WhomProps {
  condition: ConditionInput | undefined
  onChange: (condition: ConditionInput | undefined) => void
}

const EVERYBODY = ''
const CONDITION = ' condition'

/** Of whom the question is asked: everybody, or those in an audience. */
function Whom({ condition, onChange }: WhomProps) {
  const { t } = useTranslation('explore')
  const names = useAudiences()
  const audience = audienceOf(condition)
  const other = condition !== undefined && audience === undefined
  const known = audience === undefined || names.includes(audience) ? names : [audience, ...names]
  return (
    <Select
      label={t('whom')}
      size="xs"
      w={176}
      searchable
      allowDeselect={false}
      value={other ? CONDITION : (audience ?? EVERYBODY)}
      onChange={(next) => {
        if (next !== CONDITION) onChange(next === EVERYBODY || next === null ? undefined : membersOf(next))
      }}
      data={[
        { value: EVERYBODY, label: t('whom.everybody') },
        ...(other ? [{ value: CONDITION, label: condition.text ?? t('whom.condition') }] : []),
        { group: t('audiences'), items: known },
      ]}
    />
  )
}

interface WithProps {
  compare: Compare | undefined
  onChange: (compare: Compare | 'none') => void
}

/** What the answer is compared with: the period before, or other people. */
function With({ compare, onChange }: WithProps) {
  const { t } = useTranslation('explore')
  const names = useAudiences()
  const condition = typeof compare === 'object' ? compare.condition : undefined
  const audience = audienceOf(condition)
  const value =
    typeof compare === 'object' ? (audience ? `audience:${audience}` : CONDITION) : (compare ?? 'none')
  const choose = (next: string | null) => {
    if (next === 'none' || next === 'previous') onChange(next)
    else if (next?.startsWith('audience:')) {
      onChange({ condition: membersOf(next.slice('audience:'.length)) })
    }
  }
  return (
    <Select
      label={t('compare')}
      size="xs"
      w={176}
      searchable
      allowDeselect={false}
      value={value}
      onChange={choose}
      data={[
        { value: 'none', label: t('compare.none') },
        { value: 'previous', label: t('compare.previous') },
        ...(value === CONDITION ? [{ value, label: condition?.text ?? t('compare.condition') }] : []),
        { group: t('audiences'), items: names.map((name) => ({ value: `audience:${name}`, label: name })) },
      ]}
    />
  )
}

interface BreakdownProps {
  /** Whose properties. */
  event: string
  breakdown: string | undefined
  onChange: (breakdown: string | undefined) => void
}

/** By what an answer is broken down: a property of the event, a trait, an audience. */
export function Breakdown({ event, breakdown, onChange }: BreakdownProps) {
  const { t } = useTranslation('explore')
  const properties = useQuery(entryQuery(event)).data?.properties.map(({ name }) => name) ?? []
  const traits = useQuery(traitsQuery).data?.items.map(({ name }) => name) ?? []
  const audiences = useAudiences()
  const named = (prefix: string, names: readonly string[]) =>
    names.map((name) => ({ value: prefix + name, label: name }))
  const groups = [
    { group: t('breakdown.properties'), items: named('', properties) },
    { group: t('breakdown.traits'), items: named('trait:', traits) },
    { group: t('audiences'), items: named('audience:', audiences) },
  ]
  const known = groups.some(({ items }) => items.some(({ value }) => value === breakdown))
  return (
    <Select
      label={t('breakdown')}
      placeholder={t('breakdown.nothing')}
      size="xs"
      w={176}
      searchable
      clearable
      value={breakdown ?? null}
      onChange={(next) => onChange(next ?? undefined)}
      data={known || !breakdown ? groups : [{ value: breakdown, label: breakdown }, ...groups]}
    />
  )
}

const DAY_7 = { amount: 7, unit: 'day' } as const

interface WithinProps {
  label: string
  within: string | undefined
  onChange: (within: string) => void
}

/** How much time there is for it. */
export function Within({ label, within, onChange }: WithinProps) {
  return (
    <Labelled label={label}>
      <div style={{ display: 'flex', gap: 8 }}>
        <SpanFields span={spanOf(within ?? '') ?? DAY_7} onChange={(span) => onChange(spanText(span))} />
      </div>
    </Labelled>
  )
}

interface ChoiceProps<T extends string> {
  label: string
  width: number
  value: T
  /** Each with what it is called. */
  choices: readonly (readonly [T, string])[]
  onChange: (value: T) => void
}

/** One of a few words. */
export function Choice<T extends string>({ label, width, value, choices, onChange }: ChoiceProps<T>) {
  return (
    <Select
      label={label}
      size="xs"
      w={width}
      allowDeselect={false}
      value={value}
      onChange={(next) => {
        const chosen = choices.find(([each]) => each === next)
        if (chosen) onChange(chosen[0])
      }}
      data={choices.map(([each, says]) => ({ value: each, label: says }))}
    />
  )
}
