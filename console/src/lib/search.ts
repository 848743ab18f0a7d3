/** What stands in the URL: read with care, since anybody may have typed it. */

export function textIn(search: Record<string, unknown>, name: string): string | undefined {
  const value = search[name]
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function oneOf<T extends string>(
  search: Record<string, unknown>,
  name: string,
  words: readonly T[],
): T | undefined {
  return words.find((word) => word === search[name])
}

/** A whole number within bounds. */
export function wholeIn(
  search: Record<string, unknown>,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const value = Number(search[name] ?? NaN)
  return Number.isInteger(value) && value >= least && value <= most ? value : undefined
}

/** A number within bounds, whole or not. */
export function numberIn(
  search: Record<string, unknown>,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const value = Number(search[name] ?? NaN)
  return value >= least && value <= most ? value : undefined
}

const DAY = /^\d{4}-\d{2}-\d{2}$/

/** A calendar day, `2026-01-31`. */
export function dayIn(search: Record<string, unknown>, name: string): string | undefined {
  const text = textIn(search, name)
  return text !== undefined && DAY.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined
}

/** On every page: whose story and which decision lie open beside it. */
export interface Beside {
  peek?: string
  why?: string
}

export function besideIn(search: Record<string, unknown>): Beside {
  return { peek: textIn(search, 'peek'), why: textIn(search, 'why') }
}

type Search = Record<string, unknown>

/** Reads a search of which every part may be missing, so that a link need not name any. */
export function optional<T extends object>(read: (search: Search) => T): (search: Search) => Partial<T> {
  return read
}
