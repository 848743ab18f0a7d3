import { queryOptions } from '@tanstack/react-query'
import type { PagedList } from '~/ui/paged'
import { api, body, queries } from './client'
import type { AuditEntry, Settings, SettingsAnswer } from './types'

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => body(api.GET('/api/v1/settings', { signal })),
})

export async function replaceSettings(version: number, settings: Settings): Promise<SettingsAnswer> {
  const answer = await body(api.PUT('/api/v1/settings', { body: { version, settings } }))
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
