import { queryOptions } from '@tanstack/react-query'
import { api, body } from './client'

/** What is happening now; asked again every few seconds while somebody looks. */
export const homeQuery = queryOptions({
  queryKey: ['home'],
  queryFn: ({ signal }) => body(api.GET('/api/v1/home', { signal })),
  refetchInterval: 5_000,
})
