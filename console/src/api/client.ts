/** The one door to the server: typed by the contract, and every refusal is a `Problem`. */
import { QueryCache, QueryClient } from '@tanstack/react-query'
import createClient, { type Middleware } from 'openapi-fetch'
import { asProblem, problemOf } from './problem'
import type { paths } from './schema'

let csrf: string | null = null

/** The token that came with the session; sent with everything that changes something. */
export function holdCsrf(token: string | null | undefined): void {
  csrf = token ?? null
}

const safe = new Set(['GET', 'HEAD'])

const guard: Middleware = {
  onRequest({ request }) {
    if (csrf !== null && !safe.has(request.method)) request.headers.set('x-csrf-token', csrf)
  },
}

export const api = createClient<paths>({ baseUrl: '/', credentials: 'same-origin' })
api.use(guard)

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The body of a successful answer; throws a `Problem` for any other. */
export async function body<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer
  if (!response.ok) throw problemOf(response.status, error)
  // An answer without a body (204) has no data, and its type says so.
  return data as T
}

/** Answers of queries live here. What is on the page is read again when the reader comes back to it. */
export const queries = new QueryClient({
  queryCache: new QueryCache({
    onError: (thrown) => {
      if (asProblem(thrown).kind === 'signed_out') queries.setQueryData(['me'], null)
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, thrown) => count < 2 && asProblem(thrown).passing,
    },
    mutations: { retry: false },
  },
})
