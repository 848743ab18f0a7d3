import { queryOptions } from '@tanstack/react-query'
import type { PagedList } from '~/ui/paged'
import { api, body, queries } from './client'
import type { AuditEntry, Settings, SettingsAnswer } from './types'

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => body(api.GET('/api/v1/settings', { signal })),
})

/** What would be removed if events were kept for so many months. */
export const retentionQuery = (months: number) =>
  queryOptions({
    queryKey: ['settings', 'retention', months],
    queryFn: ({ signal }) =>
      body(api.GET('/api/v1/settings/retention', { params: { query: { months } }, signal })),
  })

/** Replaces the settings; `removeEvents`: events that are kept no longer may go. */
export async function replaceSettings(
  version: number,
  settings: Settings,
  removeEvents = false,
): Promise<SettingsAnswer> {
  const replace = { version, settings, remove_events: removeEvents }
  const answer = await body(api.PUT('/api/v1/settings', { body: replace }))
  queries.setQueryData(settingsQuery.queryKey, answer)
  // Zone and currency are part of how every page speaks.
  await queries.invalidateQueries({ queryKey: ['me'] })
  return answer
}

export const auditList: PagedList<AuditEntry> = {
  key: ['audit'],
  read: (after, signal) =>
    body(api.GET('/api/v1/settings/audit', { params: { query: { after, limit: 50 } }, signal })),
}
