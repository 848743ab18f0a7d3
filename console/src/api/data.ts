import { queryOptions } from '@tanstack/react-query'
import type { PagedList } from '~/ui/paged'
import { api, body, queries } from './client'
import type { Import, Key, KeyCreate, Reject } from './types'

/** All event names; a workspace has hundreds, not millions. */
export const dictionaryQuery = queryOptions({
  queryKey: ['dictionary', 'all'],
  queryFn: ({ signal }) =>
    body(api.GET('/api/v1/data/events', { params: { query: { limit: 1000 } }, signal })),
  staleTime: 30_000,
})

export const entryQuery = (name: string) =>
  queryOptions({
    queryKey: ['dictionary', 'one', name],
    queryFn: ({ signal }) =>
      body(api.GET('/api/v1/data/events/{name}', { params: { path: { name } }, signal })),
    staleTime: 30_000,
    enabled: name !== '',
  })

/** All traits of customers by name. */
export const traitsQuery = queryOptions({
  queryKey: ['dictionary', 'traits'],
  queryFn: ({ signal }) => body(api.GET('/api/v1/data/traits', { signal })),
  staleTime: 30_000,
})

export function readLive(after: number | undefined, event: string, signal: AbortSignal) {
  const query = { after, event: event === '' ? undefined : event, limit: 100 }
  return body(api.GET('/api/v1/data/live', { params: { query }, signal }))
}

export const rejectsList: PagedList<Reject> = {
  key: ['rejects'],
  read: (after, signal) =>
    body(api.GET('/api/v1/data/rejects', { params: { query: { after, limit: 100 } }, signal })),
}

/** Requests that were turned away whole. */
export const refusalsQuery = queryOptions({
  queryKey: ['refusals'],
  queryFn: ({ signal }) => body(api.GET('/api/v1/data/refusals', { signal })),
  refetchInterval: 10_000,
})

export const importsList: PagedList<Import> = {
  key: ['imports'],
  read: (after, signal) =>
    body(api.GET('/api/v1/data/imports', { params: { query: { after, limit: 50 } }, signal })),
}

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: ({ signal }) => body(api.GET('/api/v1/data/keys', { signal })),
})

export async function createKey(wish: KeyCreate): Promise<Key> {
  const key = await body(api.POST('/api/v1/data/keys', { body: wish }))
  await queries.invalidateQueries({ queryKey: ['keys'] })
  return key
}

export async function deleteKey(id: string): Promise<void> {
  await body(api.DELETE('/api/v1/data/keys', { params: { query: { id } } }))
  await queries.invalidateQueries({ queryKey: ['keys'] })
}
