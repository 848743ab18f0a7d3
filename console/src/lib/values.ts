/** Values of properties and traits, as text. */

export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'string') return value
  return JSON.stringify(value)
}

/** How many properties are told of one moment, and how much of each. */
const [PROPERTIES_MAX, CHARACTERS_MAX] = [8, 100]

/** `category shoes · amount 4980`, or as `say` says each; long ones are cut. */
export function propertiesText(
  properties: Record<string, unknown>,
  say = (name: string, value: unknown) => `${name} ${valueText(value)}`,
): string {
  return Object.entries(properties)
    .filter(([name]) => !HIDDEN.has(name))
    .slice(0, PROPERTIES_MAX)
    .map(([name, value]) => say(name, value))
    .map((text) => (text.length > CHARACTERS_MAX ? `${text.slice(0, CHARACTERS_MAX - 1)}…` : text))
    .join(' · ')
}

/** The ledger record is for machines; people ask "why". */
const HIDDEN: ReadonlySet<string> = new Set(['record', 'message'])
