/** Values of properties and traits, as text. */

export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'string') return value
  return JSON.stringify(value)
}

/** `category shoes · amount 4980`; long values are cut. */
export function propertiesText(properties: Record<string, unknown>, max = 8): string {
  const pairs = Object.entries(properties)
    .filter(([name]) => !HIDDEN.has(name))
    .slice(0, max)
    .map(([name, value]) => {
      const text = valueText(value)
      return `${name} ${text.length > 80 ? `${text.slice(0, 79)}…` : text}`
    })
  return pairs.join(' · ')
}

/** The ledger record is for machines; people ask "why". */
const HIDDEN: ReadonlySet<string> = new Set(['record', 'message'])
