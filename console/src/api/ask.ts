import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { PagedList } from '~/ui/paged'
import { api, body, queries } from './client'
import type {
  Audience,
  CustomerSummary,
  FunnelQuestion,
  PathsQuestion,
  Pick,
  Question,
  RetentionQuestion,
  RfmQuestion,
  TrendQuestion,
} from './types'

/** An answer stays while the next one is on its way, and the request ends when nobody waits for it any more. */
function asked<Q, A>(word: string, question: Q, send: (signal: AbortSignal) => Promise<A>) {
  return queryOptions<A, Error, A, readonly unknown[]>({
    queryKey: ['ask', word, question],
    queryFn: ({ signal }) => send(signal),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  })
}

export const rfmQuery = (question: RfmQuestion) =>
  asked('rfm', question, (signal) => body(api.POST('/api/v1/ask/rfm', { body: question, signal })))

export const trendQuery = (question: TrendQuestion) =>
  asked('trend', question, (signal) => body(api.POST('/api/v1/ask/trend', { body: question, signal })))

export const funnelQuery = (question: FunnelQuestion) =>
  asked('funnel', question, (signal) => body(api.POST('/api/v1/ask/funnel', { body: question, signal })))

export const retentionQuery = (question: RetentionQuestion) =>
  asked('retention', question, (signal) =>
    body(api.POST('/api/v1/ask/retention', { body: question, signal })),
  )

export const pathsQuery = (question: PathsQuestion) =>
  asked('paths', question, (signal) => body(api.POST('/api/v1/ask/paths', { body: question, signal })))

/** One number of an answer. */
export interface Picked {
  question: Question
  pick: Pick
}

/** How many people stand behind a number, and how they can be reached. */
export const peopleQuery = (picked: Picked) =>
  queryOptions({
    queryKey: ['ask', 'people', picked],
    queryFn: ({ signal }) => body(api.POST('/api/v1/ask/people', { body: { ...picked, limit: 1 }, signal })),
    staleTime: 60_000,
  })

export function peopleList(picked: Picked): PagedList<CustomerSummary> {
  return {
    key: ['ask', 'people', 'list', picked],
    read: (after, signal) =>
      body(api.POST('/api/v1/ask/people', { body: { ...picked, after, limit: 100 }, signal })),
  }
}

export function readPeopleCsv(picked: Picked): Promise<Blob> {
  return body(api.POST('/api/v1/ask/people.csv', { body: picked, parseAs: 'blob' }))
}

export async function createAudienceOf(picked: Picked, name: string, description: string): Promise<Audience> {
  const made = await body(api.POST('/api/v1/ask/audience', { body: { ...picked, name, description } }))
  await queries.invalidateQueries({ queryKey: ['audiences'] })
  return made
}
