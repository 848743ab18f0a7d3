/** Who is signed in. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, body, holdCsrf, queries } from './client'
import { asProblem } from './problem'
import type { components } from './schema'

export type Me = components['schemas']['Me']
export type Role = components['schemas']['Role']

/** From the one who may least to the one who may all. */
export const ROLES: readonly Role[] = ['viewer', 'analyst', 'marketer', 'admin', 'owner']

/** `null`: nobody is signed in. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  staleTime: Infinity,
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return welcome(await body(api.GET('/api/v1/me', { signal })))
    } catch (thrown) {
      if (asProblem(thrown).kind === 'signed_out') return null
      throw thrown
    }
  },
})

function welcome(me: Me): Me {
  holdCsrf(me.csrf)
  return me
}

export function useMe(): Me | null | undefined {
  return useQuery(meQuery).data
}

/** The zone whose days are meant. */
export function useZone(): string {
  return useMe()?.workspace.time_zone ?? 'UTC'
}

/** Whether the person who is signed in may do what `role` may. */
export function useMay(role: Role): boolean {
  const mine = useMe()?.role
  return mine !== undefined && ROLES.indexOf(mine) >= ROLES.indexOf(role)
}

export async function signIn(email: string, password: string): Promise<void> {
  const me = await body(api.POST('/api/v1/sessions', { body: { email, password } }))
  queries.setQueryData(meQuery.queryKey, welcome(me))
}

export async function setUp(wish: components['schemas']['SetupFinish']): Promise<void> {
  const me = await body(api.POST('/api/v1/setup', { body: wish }))
  queries.setQueryData(meQuery.queryKey, welcome(me))
}

export async function choosePassword(token: string, password: string): Promise<void> {
  const me = await body(api.POST('/api/v1/password', { body: { token, password } }))
  queries.setQueryData(meQuery.queryKey, welcome(me))
}

export async function signOut(): Promise<void> {
  await body(api.DELETE('/api/v1/sessions/current'))
  holdCsrf(null)
  queries.clear()
  queries.setQueryData(meQuery.queryKey, null)
}
