/** Questions as they stand in the URL: the fields of the contract, the range as people say it, and how the answer is shown. */
import { hashKey } from '@tanstack/react-query'
import type {
  Compare,
  ConditionInput,
  EventInput,
  FilterInput,
  FunnelAnswer,
  FunnelQuestion,
  FunnelStep,
  PathsAnswer,
  PathsQuestion,
  Pick,
  Question,
  RetentionAnswer,
  RetentionQuestion,
  RfmAnswer,
  RfmQuestion,
  SavedQuestion,
  TrendAnswer,
  TrendQuestion,
} from '~/api/types'
import type { Filter } from './condition'
import { boundsOf, rangeOf } from './range'
import { dayIn, numberIn, oneOf, textIn, wholeIn } from './search'

/** The questions that have a page. */
export interface Questions {
  trend: TrendQuestion
  funnel: FunnelQuestion
  retention: RetentionQuestion
  paths: PathsQuestion
  rfm: RfmQuestion
}

export interface Answers {
  trend: TrendAnswer
  funnel: FunnelAnswer
  retention: RetentionAnswer
  paths: PathsAnswer
  rfm: RfmAnswer
}

export type Kind = keyof Questions
export const KINDS: readonly Kind[] = ['trend', 'funnel', 'retention', 'paths', 'rfm']

export const BUCKETS = ['day', 'week', 'month'] as const
export const MEASURES = ['events', 'customers', 'sum', 'average', 'percentile'] as const
export const ORDERS = ['ordered', 'strict', 'any'] as const
export const COUNTINGS = ['calendar', 'on_or_after', 'rolling'] as const
export const PATH_DIRECTIONS = ['before', 'after'] as const
export const OCCURRENCES = ['first', 'last', 'each'] as const
export const RFM_SHOWS = ['customers', 'revenue'] as const

type Search = Record<string, unknown>

const isObject = (value: unknown): value is Search => typeof value === 'object' && value !== null

/** A condition or a filter, in whichever form; the server judges what it says. */
function formIn(search: Search, name: string): FilterInput | undefined {
  const value = search[name]
  if (!isObject(value)) return undefined
  if (typeof value['text'] === 'string') return { text: value['text'] }
  return isObject(value['json']) ? { json: value['json'] as FilterInput['json'] } : undefined
}

function eventOf(value: unknown): EventInput[] {
  if (typeof value === 'string' && value !== '') return [{ event: value }]
  if (!isObject(value) || typeof value['event'] !== 'string') return []
  const where = formIn(value, 'where')
  return [{ event: value['event'], ...(where ? { where } : {}) }]
}

function stepOf(value: unknown): FunnelStep[] {
  const or = isObject(value) ? listOf(value['or'], eventOf) : undefined
  return eventOf(value).map((event) => ({ ...event, ...(or ? { or } : {}) }))
}

function listOf<T>(value: unknown, each: (value: unknown) => T[]): T[] | undefined {
  const all = Array.isArray(value) ? value.flatMap(each) : []
  return all.length > 0 ? all : undefined
}

const eventIn = (search: Search, name: string) => eventOf(search[name])[0]
const nameOf = (value: unknown) => (typeof value === 'string' && value !== '' ? [value] : [])

/** What the answer is compared with; `none` says that it is not, where it would be by itself. */
function compareIn(search: Search): Compare | 'none' | undefined {
  const value = search['compare']
  if (value === 'none' || value === 'previous') return value
  const condition = isObject(value) ? formIn(value, 'condition') : undefined
  return condition ? { condition } : undefined
}

/** The number whose people lie open. The server judges whether the answer has it. */
function pickIn(search: Search): Pick | undefined {
  const pick = search['pick']
  return isObject(pick) && typeof pick['type'] === 'string' ? (pick as Pick) : undefined
}

function rangeIn(search: Search): string | undefined {
  const range = textIn(search, 'range')
  return range && /^([1-9]\d{0,4}d|all|custom)$/.test(range) ? range : undefined
}

/** What every question shares: whom, when, compared with what; and how its answer is shown. */
const shared = (search: Search) => ({
  range: rangeIn(search),
  from: dayIn(search, 'from'),
  to: dayIn(search, 'to'),
  condition: formIn(search, 'condition') as ConditionInput | undefined,
  compare: compareIn(search),
  as: oneOf(search, 'as', ['table']),
  pick: pickIn(search),
  /** The people are those of the answer it is compared with. */
  of: oneOf(search, 'of', ['compared']),
  /** Which saved question this was opened from. */
  saved: wholeIn(search, 'saved', 1, Number.MAX_SAFE_INTEGER),
})

/** The fields of each question that are its own, under the names of the contract. */
const OWN = {
  trend: (search: Search) => ({
    event: textIn(search, 'event'),
    where: formIn(search, 'where'),
    events: listOf(search['events'], eventOf),
    measure: oneOf(search, 'measure', MEASURES),
    property: textIn(search, 'property'),
    percentile: numberIn(search, 'percentile', 0, 100),
    bucket: oneOf(search, 'bucket', BUCKETS),
    breakdown: textIn(search, 'breakdown'),
    top: wholeIn(search, 'top', 1, 50),
  }),
  funnel: (search: Search) => ({
    steps: listOf(search['steps'], stepOf),
    within: textIn(search, 'within'),
    order: oneOf(search, 'order', ORDERS),
    breakdown: textIn(search, 'breakdown'),
    top: wholeIn(search, 'top', 1, 50),
  }),
  retention: (search: Search) => ({
    start: eventIn(search, 'start'),
    back: eventIn(search, 'back'),
    period: oneOf(search, 'period', BUCKETS),
    counting: oneOf(search, 'counting', COUNTINGS),
    breakdown: textIn(search, 'breakdown'),
    top: wholeIn(search, 'top', 1, 50),
  }),
  paths: (search: Search) => ({
    anchor: eventIn(search, 'anchor'),
    occurrence: oneOf(search, 'occurrence', OCCURRENCES),
    direction: oneOf(search, 'direction', PATH_DIRECTIONS),
    steps: wholeIn(search, 'steps', 1, 10),
    within: textIn(search, 'within'),
    events: listOf(search['events'], nameOf),
    collapse: typeof search['collapse'] === 'boolean' ? search['collapse'] : undefined,
    top: wholeIn(search, 'top', 1, 1_000),
  }),
  rfm: (search: Search) => ({
    event: textIn(search, 'event'),
    amount_property: textIn(search, 'amount_property'),
    where: formIn(search, 'where'),
  }),
}

/** Reads the URL of a question's page. */
export const SEARCHES = {
  trend: (search: Search) => ({ ...OWN.trend(search), ...shared(search) }),
  funnel: (search: Search) => ({ ...OWN.funnel(search), ...shared(search) }),
  retention: (search: Search) => ({ ...OWN.retention(search), ...shared(search) }),
  paths: (search: Search) => ({ ...OWN.paths(search), ...shared(search) }),
  rfm: (search: Search) => ({
    ...OWN.rfm(search),
    ...shared(search),
    show: oneOf(search, 'show', RFM_SHOWS),
    group: textIn(search, 'group'),
  }),
}

/** What stands in the URL of a question's page. */
export type SearchOf<K extends Kind> = Partial<ReturnType<(typeof SEARCHES)[K]>>

/** The question that a URL asks. */
export function questionOf<K extends Kind>(kind: K, search: SearchOf<K>, zone: string): Questions[K] {
  const { condition, compare, range, from, to } = search as SearchOf<Kind>
  const about = { condition, compare: compare === 'none' ? undefined : compare }
  // The table above has the contract's own names and types, which the compiler cannot follow through a type parameter.
  return { ...OWN[kind](search), ...about, ...boundsOf({ range, from, to }, zone) } as unknown as Questions[K]
}

/** The URL that asks a question: the reverse. */
export function searchOf<K extends Kind>(kind: K, question: Questions[K], zone: string): SearchOf<K> {
  const { condition, compare, last, from, to } = question
  const about = shared({ condition, compare: compare ?? 'none' })
  const search = { ...about, ...OWN[kind]({ ...question }), ...rangeOf({ last, from, to }, zone) }
  return search as unknown as SearchOf<K>
}

/** The URL of a saved question. */
export function savedSearch({ id, question }: SavedQuestion, zone: string): SearchOf<Kind> {
  const asked = question.type === 'count' ? {} : searchOf(question.type, question as Questions[Kind], zone)
  return { ...asked, saved: id }
}

/** Whether two questions ask the same, however they are written down. */
export function isSame(one: Question, other: Question): boolean {
  const said = (it: Question) => (it.type === 'count' ? it : searchOf(it.type, it as Questions[Kind], 'UTC'))
  return one.type === other.type && hashKey([said(one)]) === hashKey([said(other)])
}

/** The same question asked of exactly the range that was answered, so that a number and its people belong together. */
export function answered<K extends Kind>(
  kind: K,
  question: Questions[K],
  { from, to }: Answers[K],
): Question {
  return { type: kind, ...question, last: undefined, from, to, compare: undefined } as Question
}

/** The question whose answer stands beside, for comparison. */
export function beside<K extends Kind>(kind: K, question: Questions[K], compared: Answers[K]): Question {
  const other = question.compare
  const condition = typeof other === 'object' && other !== null ? other.condition : question.condition
  return answered(kind, { ...question, condition }, compared)
}

/** A filter as the builder edits it. */
export function filterOf(input: FilterInput | undefined): Filter | undefined {
  return (input?.json ?? undefined) as unknown as Filter | undefined
}

/** As the server takes it: the contract calls the JSON form of a filter an object and no more. */
export function filterInput(filter: Filter | undefined): FilterInput | undefined {
  return filter ? { json: filter as unknown as NonNullable<FilterInput['json']> } : undefined
}

/** The customers in an audience. */
export function membersOf(audience: string): ConditionInput {
  return { json: { type: 'member', audience } as unknown as NonNullable<ConditionInput['json']> }
}

/** The audience whose members are meant, when it is that simple. */
export function audienceOf(condition: ConditionInput | undefined): string | undefined {
  const json = condition?.json as Search | null | undefined
  return json?.['type'] === 'member' && typeof json['audience'] === 'string' ? json['audience'] : undefined
}
