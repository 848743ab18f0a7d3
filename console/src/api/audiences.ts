import { queryOptions } from '@tanstack/react-query'
import type { Condition } from '~/lib/condition'
import type { PagedList } from '~/ui/paged'
import { api, body, queries } from './client'
import type { components } from './schema'
import type { Audience, ConditionChecked, CountAnswer, CustomerSummary, Passage } from './types'

type Input = components['schemas']['ConditionInput']

/** The contract calls the JSON form an object and no more; `lib/condition` knows it closely. */
function jsonForm(condition: Condition): Input {
  return { json: condition as unknown as NonNullable<Input['json']> }
}

export type Wish = { text: string } | { json: Condition }

function input(wish: Wish): Input {
  return 'json' in wish ? jsonForm(wish.json) : { text: wish.text }
}

export interface Checked extends Omit<ConditionChecked, 'json'> {
  json?: Condition | null
}

export const audiencesQuery = queryOptions({
  queryKey: ['audiences', 'all'],
  queryFn: ({ signal }) => body(api.GET('/api/v1/audiences', { params: { query: { limit: 1000 } }, signal })),
  // Until what was made or changed is counted, the list says how far that is.
  refetchInterval: ({ state: { data } }) =>
    data?.items.some(({ counted_percent: percent }) => percent != null) ? 2_000 : false,
})

export const audienceQuery = (name: string) =>
  queryOptions({
    queryKey: ['audiences', 'one', name],
    queryFn: ({ signal }) =>
      body(api.GET('/api/v1/audiences/{name}', { params: { path: { name } }, signal })),
  })

/** How many are in an audience at this moment; asked again and again, since it costs the server nothing. */
export const liveQuery = (name: string) =>
  queryOptions({
    queryKey: ['audiences', 'live', name],
    queryFn: ({ signal }) =>
      body(api.GET('/api/v1/audiences/{name}/live', { params: { path: { name } }, signal })),
    refetchInterval: 2_000,
  })

/** How large an audience was at the end of each of the last days. */
export const sizesQuery = (name: string, days: number) =>
  queryOptions({
    queryKey: ['audiences', 'sizes', name, days],
    queryFn: ({ signal }) =>
      body(
        api.GET('/api/v1/audiences/{name}/sizes', { params: { path: { name }, query: { days } }, signal }),
      ),
    refetchInterval: 60_000,
  })

/** Who entered and left, the latest first. */
export function passagesList(name: string, direction: 'entered' | 'left' | undefined): PagedList<Passage> {
  return {
    key: ['audiences', 'passages', name, direction ?? 'both'],
    read: (before, signal) =>
      body(
        api.GET('/api/v1/audiences/{name}/passages', {
          params: { path: { name }, query: { direction, before, limit: 50 } },
          signal,
        }),
      ),
  }
}

/** Both forms of a condition, or where it is wrong. */
export const checkQuery = (wish: Wish) =>
  queryOptions({
    queryKey: ['condition', wish],
    queryFn: ({ signal }) =>
      body(
        api.POST('/api/v1/conditions/check', { body: input(wish), signal }),
      ) as unknown as Promise<Checked>,
    staleTime: Infinity,
  })

/** How many people meet a condition now. */
export const countQuery = (text: string) =>
  queryOptions({
    queryKey: ['count', text],
    queryFn: ({ signal }): Promise<CountAnswer> =>
      body(api.POST('/api/v1/ask/count', { body: { condition: { text } }, signal })),
    staleTime: 10_000,
  })

export function membersList(name: string): PagedList<CustomerSummary> {
  return {
    key: ['audiences', 'members', name],
    read: (after, signal) =>
      body(
        api.GET('/api/v1/audiences/{name}/members', {
          params: { path: { name }, query: { after, limit: 100 } },
          signal,
        }),
      ),
  }
}

export function membersCsv(name: string): string {
  return `/api/v1/audiences/${encodeURIComponent(name)}/members.csv`
}

async function told(audience: Promise<Audience>): Promise<Audience> {
  const made = await audience
  await queries.invalidateQueries({ queryKey: ['audiences'] })
  return made
}

export function createAudience(name: string, description: string, text: string): Promise<Audience> {
  return told(body(api.POST('/api/v1/audiences', { body: { name, description, condition: { text } } })))
}

export function replaceAudience(was: Audience, description: string, text: string): Promise<Audience> {
  return told(
    body(
      api.PUT('/api/v1/audiences/{name}', {
        params: { path: { name: was.name } },
        body: { version: was.version, description, condition: { text } },
      }),
    ),
  )
}

export async function deleteAudience(name: string): Promise<void> {
  await body(api.DELETE('/api/v1/audiences/{name}', { params: { path: { name } } }))
  await queries.invalidateQueries({ queryKey: ['audiences'] })
}
