import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { Answers, Kind, Questions } from '~/lib/question'
import type { PagedList } from '~/ui/paged'
import { api, body, queries } from './client'
import type { Audience, CountQuestion, CustomerSummary, Pick, Question } from './types'

type Send<K extends Kind> = (body: Questions[K], signal: AbortSignal) => Promise<Answers[K]>

/** How each question is sent. */
const SENDS: { [K in Kind]: Send<K> } = {
  trend: (question, signal) => body(api.POST('/api/v1/ask/trend', { body: question, signal })),
  funnel: (question, signal) => body(api.POST('/api/v1/ask/funnel', { body: question, signal })),
  retention: (question, signal) => body(api.POST('/api/v1/ask/retention', { body: question, signal })),
  paths: (question, signal) => body(api.POST('/api/v1/ask/paths', { body: question, signal })),
  rfm: (question, signal) => body(api.POST('/api/v1/ask/rfm', { body: question, signal })),
}

const FRESH_MS = 60_000

/**
 * An answer. It stays while the next one is on its way, the request ends when nobody waits for it any more, and it is
 * asked again while it is looked at, since time goes on.
 */
export const askQuery = <K extends Kind>(kind: K, question: Questions[K] | undefined) =>
  queryOptions<Answers[K], Error, Answers[K], readonly unknown[]>({
    queryKey: ['ask', kind, question],
    queryFn: ({ signal }) => SENDS[kind](question ?? ({} as Questions[K]), signal),
    staleTime: FRESH_MS,
    refetchInterval: FRESH_MS,
    placeholderData: keepPreviousData,
  })

/** How many customers meet a condition. */
export const countQuery = (question: CountQuestion) =>
  queryOptions({
    queryKey: ['ask', 'count', question],
    queryFn: ({ signal }) => body(api.POST('/api/v1/ask/count', { body: question, signal })),
    staleTime: FRESH_MS,
    refetchInterval: FRESH_MS,
  })

/** How far the questions of the reader are that are being answered. */
export const runningQuery = queryOptions({
  queryKey: ['running'],
  queryFn: ({ signal }) => body(api.GET('/api/v1/ask/running', { signal })),
  refetchInterval: 1_000,
})

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
