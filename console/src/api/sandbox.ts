import { queryOptions } from '@tanstack/react-query'
import type { PagedList } from '~/ui/paged'
import { api, body } from './client'
import type { SandboxSummary } from './types'

export const mailboxList: PagedList<SandboxSummary> = {
  key: ['sandbox', 'list'],
  read: (after, signal) =>
    body(api.GET('/api/v1/sandbox/messages', { params: { query: { after, limit: 50 } }, signal })),
}

export const mailQuery = (id: string) =>
  queryOptions({
    queryKey: ['sandbox', 'one', id],
    queryFn: ({ signal }) =>
      body(api.GET('/api/v1/sandbox/messages/{id}', { params: { path: { id } }, signal })),
    staleTime: Infinity,
  })
