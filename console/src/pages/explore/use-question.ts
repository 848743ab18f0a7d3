import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { dictionaryQuery } from '~/api/data'
import { useMe } from '~/api/session'
import { settingsQuery } from '~/api/settings'
import { boundsOf, type Bounds, type Range } from '~/lib/range'
import { useNow } from '~/lib/use-now'

/** The range of the page as the server takes it. */
export function useBounds({ range, from, to }: Range): Bounds {
  const zone = useMe()?.workspace.time_zone ?? 'UTC'
  const now = useNow(60_000)
  return useMemo(() => boundsOf({ range, from, to }, zone, now), [range, from, to, zone, now])
}

export interface Names {
  /** The workspace's purchase event, when it has happened. */
  purchase: string | undefined
  /** The others, the most frequent first. */
  others: string[]
  /** Whether the dictionary has answered. */
  known: boolean
}

/** What a page begins with, so that it opens with an answer: the purchase, and what happens most. */
export function useNames(): Names {
  const purchase = useQuery(settingsQuery).data?.settings.purchase_event
  const events = useQuery(dictionaryQuery).data?.items
  return useMemo(() => {
    const names = (events ?? []).toSorted((a, b) => b.events - a.events).map(({ name }) => name)
    return {
      purchase: names.find((name) => name === purchase),
      others: names.filter((name) => name !== purchase),
      known: events !== undefined && purchase !== undefined,
    }
  }, [events, purchase])
}
