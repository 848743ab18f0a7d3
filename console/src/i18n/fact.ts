import { valueText } from '~/lib/values'
import { useWord, type Family } from './word'

/** What the house says about a message in words of its own; anything else is data and stays as it is. */
const FAMILIES: Readonly<Record<string, Family>> = {
  channel: 'channel',
  channels: 'channel',
  gate: 'gate',
  outcome: 'outcome',
  purpose: 'purpose',
  reason: 'reason',
}

/** Says one fact about a message, such as its channel, in the reader's language. */
export function useFact(): (key: string, value: unknown) => string {
  const word = useWord()
  return (key, value) => {
    const family = FAMILIES[key] ?? 'sawValue'
    const said = valueText(value)
      .split(', ')
      .map((one) => word(family, one))
    return `${word('saw', key)} ${said.join(', ')}`
  }
}
