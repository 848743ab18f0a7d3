/** Ranges of time as they stand in the URL and as the server takes them. */

export const PRESETS = ['7d', '30d', '90d', '365d', 'all', 'custom'] as const
export type Preset = (typeof PRESETS)[number]

export interface Range {
  range?: Preset
  /** First and last day, both included; only for `custom`. */
  from?: string
  to?: string
}

export interface Bounds {
  from?: string
  to?: string
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

/** What to ask the server for. A range that ends now has no end, so that the answer may stay fresh. */
export function boundsOf({ range = '30d', from, to }: Range, zone: string, now: number): Bounds {
  if (range === 'all') return { from: BEGINNING }
  if (range === 'custom') {
    return {
      from: from ? new Date(dayStart(from, zone) - 1).toISOString() : BEGINNING,
      to: to ? new Date(dayStart(dayAfter(to), zone) - 1).toISOString() : undefined,
    }
  }
  const days = Number(range.slice(0, -1))
  // To the minute, so that asking again within it is the same question.
  const end = Math.floor(now / 60_000) * 60_000
  return { from: new Date(end - days * DAY_MS).toISOString() }
}

export function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10)
}

/** The range of equal length that ends where this one begins. */
export function before({ from, to }: { from: string; to: string }): { from: string; to: string } {
  const begin = Date.parse(from)
  return { from: new Date(begin - (Date.parse(to) - begin)).toISOString(), to: from }
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
