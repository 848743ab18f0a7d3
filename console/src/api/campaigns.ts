import { queryOptions } from '@tanstack/react-query'
import type { PagedList } from '~/ui/paged'
import { api, body, queries } from './client'
import type { components } from './schema'
import type { BrokenFor, Campaign, CampaignDraft, MessageSummary } from './types'

export const campaignsQuery = queryOptions({
  queryKey: ['campaigns', 'all'],
  queryFn: ({ signal }) => body(api.GET('/api/v1/campaigns', { params: { query: { limit: 200 } }, signal })),
})

const MOVING_MS = 1_500

export const campaignQuery = (id: string) =>
  queryOptions({
    queryKey: ['campaigns', 'one', id],
    queryFn: ({ signal }) => body(api.GET('/api/v1/campaigns/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? MOVING_MS : false),
  })

export const reportQuery = (id: string, moving: boolean) =>
  queryOptions({
    queryKey: ['campaigns', 'report', id],
    queryFn: ({ signal }) =>
      body(api.GET('/api/v1/campaigns/{id}/report', { params: { path: { id } }, signal })),
    refetchInterval: moving ? MOVING_MS : false,
  })

/** Answers the questions before launch for one version of the campaign. */
export const launchCheckQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: ['campaigns', 'check', id, version],
    queryFn: ({ signal }) =>
      body(api.POST('/api/v1/campaigns/{id}/check', { params: { path: { id } }, signal })),
    staleTime: 30_000,
  })

/** Everybody for whom the content would break. */
export const brokenList = (id: string, version: number): PagedList<BrokenFor> => ({
  key: ['campaigns', 'broken', id, version],
  read: (after, signal) =>
    body(
      api.GET('/api/v1/campaigns/{id}/broken', {
        params: { path: { id }, query: { after, limit: 50 } },
        signal,
      }),
    ),
})

export type PreviewQuestion = components['schemas']['PreviewQuestion']

export const previewQuery = (id: string, question: PreviewQuestion) =>
  queryOptions({
    queryKey: ['campaigns', 'preview', id, question],
    queryFn: ({ signal }) =>
      body(api.POST('/api/v1/campaigns/{id}/preview', { params: { path: { id } }, body: question, signal })),
  })

export function campaignMessagesList(id: string, outcome: string, reason: string): PagedList<MessageSummary> {
  const orNothing = (text: string) => (text === '' ? undefined : text)
  return {
    key: ['campaigns', 'messages', id, outcome, reason],
    read: (after, signal) =>
      body(
        api.GET('/api/v1/campaigns/{id}/messages', {
          params: {
            path: { id },
            query: { outcome: orNothing(outcome), reason: orNothing(reason), after, limit: 100 },
          },
          signal,
        }),
      ),
  }
}

async function told(change: Promise<Campaign>): Promise<Campaign> {
  const campaign = await change
  queries.setQueryData(['campaigns', 'one', String(campaign.id)], campaign)
  void queries.invalidateQueries({ queryKey: ['campaigns'] })
  return campaign
}

export function createCampaign(draft: CampaignDraft): Promise<Campaign> {
  return told(body(api.POST('/api/v1/campaigns', { body: draft })))
}

export function replaceCampaign(was: Campaign, draft: CampaignDraft): Promise<Campaign> {
  const id = String(was.id)
  return told(
    body(
      api.PUT('/api/v1/campaigns/{id}', { params: { path: { id } }, body: { version: was.version, draft } }),
    ),
  )
}

export type Act = 'launch' | 'pause' | 'resume' | 'stop'

export function act(what: Act, id: string, version: number): Promise<Campaign> {
  const request = { params: { path: { id } }, body: { version } }
  switch (what) {
    case 'launch':
      return told(body(api.POST('/api/v1/campaigns/{id}/launch', request)))
    case 'pause':
      return told(body(api.POST('/api/v1/campaigns/{id}/pause', request)))
    case 'resume':
      return told(body(api.POST('/api/v1/campaigns/{id}/resume', request)))
    case 'stop':
      return told(body(api.POST('/api/v1/campaigns/{id}/stop', request)))
  }
}

export function sendTest(id: string, wish: components['schemas']['TestSend']) {
  return body(api.POST('/api/v1/campaigns/{id}/test', { params: { path: { id } }, body: wish }))
}
