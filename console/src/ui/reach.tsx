import type { Reach } from '~/api/types'
import { useWord } from '~/i18n/word'
import { Bars } from './bars'

/** How many of a set of people each channel reaches, the widest first. */
export function ReachBars({ reach, of }: { reach: readonly Reach[]; of: number }) {
  const word = useWord()
  const bars = reach
    .filter(({ customers }) => customers > 0)
    .toSorted((a, b) => b.customers - a.customers)
    .map(({ channel, customers }) => ({ key: channel, label: word('channel', channel), value: customers }))
  return <Bars bars={bars} of={of} />
}
