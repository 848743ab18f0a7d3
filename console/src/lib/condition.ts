/** The JSON form of the condition language: what the visual builder edits. The server owns the text form. */
import type { Channel, Purpose } from '~/api/types'

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='
export const COMPARISONS: readonly Comparison[] = ['=', '!=', '<', '<=', '>', '>=']

/** A moment has an object form that only the text editor writes. */
export type Literal = boolean | number | string | Record<string, unknown>

export type Test =
  | { is: Comparison; value: Literal }
  | { is: 'between'; from: Literal; to: Literal }
  | { is: 'in'; values: Literal[] }
  | { is: 'contains' | 'starts_with' | 'ends_with'; text: string }
  | { is: 'matches'; pattern: string }
  | { is: 'set' }
  | { is: 'in_last' | 'in_next' | 'anniversary_in_next' | 'anniversary_in_last'; span: string }
  | { is: 'this'; unit: string }

/** A part of the earth's surface, in degrees: latitude, then longitude. */
export type Area = { near: { point: Point; meters: number } } | { inside: Point[] }
export type Point = [latitude: number, longitude: number]

/** Two properties, or traits, that are a point, and where it must lie. */
export interface Place {
  latitude: string
  longitude: string
  area: Area
}

/** What is asked of one property, or of the two that say where something was. */
export type FilterTest = { type: 'property'; name: string; test: Test } | { type: 'place'; place: Place }

export type Filter = FilterTest | { type: 'all' | 'any'; of: Filter[] } | { type: 'not'; of: Filter }

export type Measure =
  | { type: 'at_least' | 'at_most' | 'exactly'; times: number }
  | { type: 'between'; from: number; to: number }
  | {
      type: 'amount'
      function: 'sum' | 'avg' | 'min' | 'max' | 'distinct'
      of: string
      is: Comparison
      value: number
    }

export type Window =
  | { type: 'ever' }
  | { type: 'last'; span: string }
  | { type: 'between'; from: object; to: object }
  | { type: 'since'; from: object }
  | { type: 'before'; to: object }
  | { type: 'since_event'; which: 'first' | 'last'; event: string }
  | { type: 'this'; unit: string }

export interface Did {
  type: 'did'
  event: string
  where?: Filter
  measure?: Measure
  window?: Window
}

export interface Edge {
  type: 'first_did' | 'last_did'
  event: string
  where?: Filter
  window?: Window
}

/** One event of a sequence. */
export interface Step {
  event: string
  where?: Filter
}

export interface Sequence {
  type: 'sequence'
  steps: Step[]
  within?: string
  without?: Step
  window?: Window
}

/** The most frequent value of a property passes a test. */
export interface Mostly {
  type: 'mostly'
  property: string
  event: string
  where?: Filter
  test: Test
  window?: Window
}

/** The hour of the day at which something mostly happens; both hours are included. */
export interface UsualHour {
  type: 'usual_hour'
  event: string
  where?: Filter
  hours: { from: number; to: number }
  window?: Window
}

/** The last event that says where it was, was there. */
export interface LastPlace {
  type: 'last_place'
  place: Place
  event: string
  where?: Filter
  window?: Window
}

export type Condition =
  | { type: 'everyone' }
  | { type: 'all' | 'any'; of: Condition[] }
  | { type: 'not'; of: Condition }
  | Did
  | Edge
  | { type: 'trait'; name: string; test: Test }
  | { type: 'reachable'; channel?: Channel }
  | { type: 'consented'; purpose: Purpose; channel?: Channel }
  | { type: 'subscribed'; topic: string }
  | { type: 'member'; audience: string }
  | Sequence
  | Mostly
  | UsualHour
  | LastPlace
  | { type: 'trait_place'; place: Place }

/** One line of the builder: a condition, perhaps turned into its opposite. */
export interface Line {
  not: boolean
  of: Condition
}

/** What the builder shows: lines joined by one word; a line may be such a group itself. */
export interface Plan {
  join: 'all' | 'any'
  lines: Line[]
}

export function line(of: Condition): Line {
  return of.type === 'not' ? { not: true, of: of.of } : { not: false, of }
}

/** The builder's view of a condition. */
export function planOf(condition: Condition): Plan {
  if (condition.type === 'everyone') return { join: 'all', lines: [] }
  if (condition.type === 'all' || condition.type === 'any') {
    return { join: condition.type, lines: condition.of.map(line) }
  }
  return { join: 'all', lines: [line(condition)] }
}

/** The condition behind the builder's view. */
export function conditionOf({ join, lines }: Plan): Condition {
  const parts = lines.map(({ not, of }): Condition => (not ? { type: 'not', of } : of))
  const [first] = parts
  if (first === undefined) return { type: 'everyone' }
  return parts.length === 1 ? first : { type: join, of: parts }
}

/** The tests of a `where`, when they are a plain list joined by `and`; else nothing: the text editor has it. */
export function testsOf(where: Filter | undefined): FilterTest[] | null {
  if (where === undefined) return []
  if (where.type === 'property' || where.type === 'place') return [where]
  if (where.type !== 'all') return null
  const tests = where.of.flatMap((part) => (part.type === 'property' || part.type === 'place' ? [part] : []))
  return tests.length === where.of.length ? tests : null
}

/** The `where` behind a list of tests. */
export function whereOf(tests: readonly FilterTest[]): Filter | undefined {
  return tests.length > 1 ? { type: 'all', of: [...tests] } : tests[0]
}

/** A place under a name, whose numbers are `home.latitude` and `home.longitude`; without one, `latitude` and `longitude`. */
export function placeUnder(name: string, area: Area): Place {
  const under = name === '' ? '' : `${name}.`
  return { latitude: `${under}latitude`, longitude: `${under}longitude`, area }
}

/** The opposite of `placeUnder`; nothing when its numbers have names of their own. */
export function nameOf({ latitude, longitude, area }: Place): string | null {
  const name = latitude.replace(/\.?latitude$/, '')
  const same = placeUnder(name, area)
  return same.latitude === latitude && same.longitude === longitude ? name : null
}

/** Corners as they are typed: `35.6, 139.6; 35.7, 139.6`. */
export function cornersText(corners: readonly Point[]): string {
  return corners.map((corner) => corner.join(', ')).join('; ')
}

/** Three corners or more; nothing when there are fewer, or when something else stands among them. */
export function cornersOf(typed: string): Point[] | null {
  const corners = typed.split(';').filter((corner) => corner.trim() !== '')
  const read = corners.flatMap((corner): Point[] => {
    const [latitude, longitude, more] = corner
      .split(',')
      .map((part) => (part.trim() === '' ? NaN : Number(part)))
    const whole = latitude !== undefined && longitude !== undefined && more === undefined
    return whole && Number.isFinite(latitude + longitude) ? [[latitude, longitude]] : []
  })
  return read.length === corners.length && read.length >= 3 ? read : null
}

export interface Span {
  amount: number
  unit: SpanUnit
}

export type SpanUnit = 'minute' | 'hour' | 'day' | 'week'
export const SPAN_UNITS: readonly SpanUnit[] = ['minute', 'hour', 'day', 'week']

/** `30 days`, as the language writes it. */
export function spanText({ amount, unit }: Span): string {
  return `${String(amount)} ${unit}${amount === 1 ? '' : 's'}`
}

export function spanOf(text: string): Span | null {
  const found = /^(\d+) (minute|hour|day|week)s?$/.exec(text)
  const unit = SPAN_UNITS.find((each) => each === found?.[2])
  return found && unit ? { amount: Number(found[1]), unit } : null
}

/** What somebody typed, as the value they mean: a number, yes or no, else a text. Quotes force a text. */
export function literalOf(typed: string): string | number | boolean {
  const quoted = /^"(.*)"$/.exec(typed)
  if (quoted) return quoted[1] ?? ''
  if (typed === 'true' || typed === 'false') return typed === 'true'
  return /^-?\d+(\.\d+)?$/.test(typed) ? Number(typed) : typed
}

/** How a value looks in a field; the opposite of `literalOf`. */
export function typedOf(value: Literal): string {
  if (typeof value === 'object') return JSON.stringify(value)
  const typed = String(value)
  return typeof value === 'string' && literalOf(typed) !== value ? `"${typed}"` : typed
}

/** A name or text between double quotes, as the text form writes it. */
export function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
