import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, body } from './client'
import type { RfmQuestion, TrendQuestion } from './types'

export const rfmQuery = (question: RfmQuestion) =>
  queryOptions({
    queryKey: ['ask', 'rfm', question],
    queryFn: ({ signal }) => body(api.POST('/api/v1/ask/rfm', { body: question, signal })),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  })

export const trendQuery = (question: TrendQuestion) =>
  queryOptions({
    queryKey: ['ask', 'trend', question],
    queryFn: ({ signal }) => body(api.POST('/api/v1/ask/trend', { body: question, signal })),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    enabled: question.event !== '',
  })
