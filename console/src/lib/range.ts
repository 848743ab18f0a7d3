/** Ranges of time as they stand in the URL and as the server takes them. */
import { spanOf } from './condition'

export const PRESETS = ['7d', '30d', '90d', '365d', 'all', 'custom'] as const
export type Preset = (typeof PRESETS)[number]

export interface Range {
  /** A preset, or any other number of days: `45d`. */
  range?: string
  /** First and last day, both included; only for `custom`. */
  from?: string
  to?: string
}

/** As the server takes a range. */
export interface Bounds {
  last?: string | null
  from?: string | null
  to?: string | null
}

const DAY_MS = 86_400_000
/** Long before anybody kept events. */
const BEGINNING = '1970-01-01T00:00:00.000Z'

/** How far the wall clock of `zone` is ahead of UTC at `at`, in milliseconds. */
function offset(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at)
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value)
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return wall - Math.floor(at / 1000) * 1000
}

/** The instant at which `day` begins in `zone`. */
export function dayStart(day: string, zone: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`)
  const guess = utc - offset(zone, utc)
  // The clocks may have changed between the guess and midnight; the second look settles it.
  return utc - offset(zone, guess)
}

/** The calendar day in `zone` on which `at` falls. */
export function dayOf(at: number, zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(at)
}

/** What to ask the server for. Days back from now are asked for as such, so that a link or a saved question stays fresh. */
export function boundsOf({ range = '30d', from, to }: Range, zone: string): Bounds {
  if (range === 'all') return { from: BEGINNING }
  if (range === 'custom') {
    return {
      from: from ? new Date(dayStart(from, zone) - 1).toISOString() : BEGINNING,
      to: to ? new Date(dayStart(dayAfter(to), zone) - 1).toISOString() : undefined,
    }
  }
  return { last: `${range.slice(0, -1)} days` }
}

const DAYS_IN: Record<string, number> = { day: 1, week: 7 }

/** The same, back: what to show for what the server was asked. A range that is no number of days is shown as the next longer one. */
export function rangeOf({ last, from, to }: Bounds, zone: string): Range {
  const span = last ? spanOf(last) : null
  if (span) return { range: `${String(Math.max(1, Math.ceil(span.amount * (DAYS_IN[span.unit] ?? 0))))}d` }
  if (!from) return {}
  if (Date.parse(from) <= Date.parse(BEGINNING) && !to) return { range: 'all' }
  return {
    range: 'custom',
    from: dayOf(Date.parse(from) + 1, zone),
    to: to ? dayOf(Date.parse(to), zone) : undefined,
  }
}

export function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10)
}

/** What a wall clock in `zone` shows at `at`, to the minute: `2026-01-31T12:00`. */
export function toLocal(at: string, zone: string): string {
  const ms = Date.parse(at)
  return new Date(ms + offset(zone, ms)).toISOString().slice(0, 16)
}

/** The instant at which a wall clock in `zone` shows `local`. */
export function fromLocal(local: string, zone: string): string {
  const wall = Date.parse(`${local}Z`)
  const guess = wall - offset(zone, wall)
  return new Date(wall - offset(zone, guess)).toISOString()
}
