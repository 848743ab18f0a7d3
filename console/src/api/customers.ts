import { queryOptions } from '@tanstack/react-query'
import type { PagedList } from '~/ui/paged'
import { api, body, queries } from './client'
import type { components } from './schema'
import type { Customer, CustomerSummary, MessageSummary, Moment } from './types'

const PAGE = 100

export function customersList(query: string): PagedList<CustomerSummary> {
  return {
    key: ['customers', 'list', query],
    read: (after, signal) =>
      body(
        api.GET('/api/v1/customers', {
          params: { query: { query: query === '' ? undefined : query, after, limit: PAGE } },
          signal,
        }),
      ),
  }
}

export const customerSearchQuery = (query: string, limit: number) =>
  queryOptions({
    queryKey: ['customers', 'search', query, limit],
    queryFn: ({ signal }) =>
      body(api.GET('/api/v1/customers', { params: { query: { query, limit } }, signal })),
    staleTime: 30_000,
  })

export const customerQuery = (id: string) =>
  queryOptions({
    queryKey: ['customers', 'one', id],
    queryFn: ({ signal }) => body(api.GET('/api/v1/customers/{id}', { params: { path: { id } }, signal })),
  })

export function timelineList(id: string): PagedList<Moment> {
  return {
    key: ['customers', 'timeline', id],
    read: (before, signal) =>
      body(
        api.GET('/api/v1/customers/{id}/timeline', {
          params: { path: { id }, query: { before, limit: PAGE } },
          signal,
        }),
      ),
  }
}

export function messagesList(id: string): PagedList<MessageSummary> {
  return {
    key: ['customers', 'messages', id],
    read: (before, signal) =>
      body(
        api.GET('/api/v1/customers/{id}/messages', {
          params: { path: { id }, query: { before, limit: PAGE } },
          signal,
        }),
      ),
  }
}

export const whyQuery = (id: string) =>
  queryOptions({
    queryKey: ['why', id],
    queryFn: ({ signal }) => body(api.GET('/api/v1/messages/{id}/why', { params: { path: { id } }, signal })),
  })

export async function recordConsent(
  id: string,
  record: components['schemas']['ConsentRecord'],
): Promise<Customer> {
  const customer = await body(
    api.POST('/api/v1/customers/{id}/consents', { params: { path: { id } }, body: record }),
  )
  await queries.invalidateQueries({ queryKey: ['customers'] })
  return customer
}

/** Takes apart who was held for one person; both have changed. */
export async function unmerge(id: string, by: string): Promise<void> {
  await body(api.POST('/api/v1/customers/{id}/unmerge', { params: { path: { id } }, body: { by } }))
  await queries.invalidateQueries({ queryKey: ['customers'] })
}

export async function erase(id: string, reason: string): Promise<void> {
  await body(api.POST('/api/v1/customers/{id}/erase', { params: { path: { id } }, body: { reason } }))
  queries.removeQueries({ queryKey: ['customers', 'one', id] })
  await queries.invalidateQueries({ queryKey: ['customers'] })
}
