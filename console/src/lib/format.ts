/** Numbers, money and time as this reader expects them: by language, in the workspace's zone and currency. */

export interface Place {
  /** BCP 47, of the reader. */
  language: string
  /** IANA, of the workspace. */
  zone: string
  /** ISO 4217, of the workspace; empty: amounts have no currency. */
  currency: string
}

export interface Format {
  number(value: number): string
  /** 12,345 → 12K; for places where the exact figure is one glance away. */
  compact(value: number): string
  percent(part: number, digits?: number): string
  /** A share of a whole that may be empty. */
  share(part: number, whole: number): string
  money(value: number): string
  decimal(value: number, digits?: number): string
  date(at: string | number): string
  dateTime(at: string | number): string
  /** A calendar month, as "2026-01". */
  month(month: string): string
  /** Hour and minute. */
  clock(at: string | number): string
  /** Hour, minute, second. */
  time(at: string | number): string
  /** "3 hours ago", seen from `now`. */
  ago(at: string | number, now: number): string
  milliseconds(value: number): string
}

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

export function formatter({ language, zone, currency }: Place): Format {
  const number = new Intl.NumberFormat(language)
  const compact = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 })
  const money = moneyFormat(language, currency)
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: zone })
  const dateTime = new Intl.DateTimeFormat(language, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: zone,
  })
  const month = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'long', timeZone: 'UTC' })
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'medium', timeZone: zone })
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: zone })
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const decimal = (value: number, digits = 1) =>
    new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value)
  const percent = (part: number, digits = 1) =>
    new Intl.NumberFormat(language, {
      style: 'percent',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(part)
  return {
    number: (value) => number.format(value),
    compact: (value) => compact.format(value),
    percent,
    share: (part, whole) => (whole > 0 ? percent(part / whole) : '–'),
    money: (value) => money.format(value),
    decimal,
    date: (at) => date.format(new Date(at)),
    dateTime: (at) => dateTime.format(new Date(at)),
    month: (text) => month.format(new Date(`${text}-01T00:00:00Z`)),
    clock: (at) => clock.format(new Date(at)),
    time: (at) => time.format(new Date(at)),
    ago: (at, now) => ago(relative, (new Date(at).getTime() - now) / 1000),
    milliseconds: (value) =>
      value < 1000 ? `${decimal(value, value < 10 ? 1 : 0)} ms` : `${decimal(value / 1000, 1)} s`,
  }
}

function moneyFormat(language: string, currency: string): Intl.NumberFormat {
  if (currency === '') return new Intl.NumberFormat(language, { maximumFractionDigits: 2 })
  return new Intl.NumberFormat(language, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
}

function ago(relative: Intl.RelativeTimeFormat, seconds: number): string {
  const unit = UNITS.find(([, size]) => Math.abs(seconds) >= size)
  return unit
    ? relative.format(Math.trunc(seconds / unit[1]), unit[0])
    : relative.format(Math.trunc(seconds), 'second')
}
