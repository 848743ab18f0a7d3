import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { dictionaryQuery } from '~/api/data'
import { useZone } from '~/api/session'
import { settingsQuery } from '~/api/settings'
import { questionOf, type Kind, type Questions, type SearchOf } from '~/lib/question'

/** What stands in the URL of a question's page, and how the reader changes it. */
export function useUrl<K extends Kind>(): readonly [SearchOf<K>, (change: Partial<SearchOf<K>>) => void] {
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  const set = (change: Partial<SearchOf<K>>) =>
    void navigate({ to: '.', search: (now: object) => ({ ...now, ...change }), replace: true })
  // The route of the page has read it with `SEARCHES`.
  return [search as SearchOf<K>, set]
}

/** The question that the page asks. */
export function useQuestion<K extends Kind>(kind: K, search: SearchOf<K>): Questions[K] {
  return questionOf(kind, search, useZone())
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
