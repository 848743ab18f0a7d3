/** Who has access to the workspace. */
import { queryOptions } from '@tanstack/react-query'
import { api, body, queries } from './client'
import type { OneTimeLink, Role, User } from './types'

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => body(api.GET('/api/v1/users', { signal })),
})

/** What others did meanwhile counts too: every change reads the list again, and the log of changes. */
async function changed<T>(answer: Promise<T>): Promise<T> {
  const done = await answer
  await Promise.all([
    queries.invalidateQueries({ queryKey: ['users'] }),
    queries.invalidateQueries({ queryKey: ['audit'] }),
  ])
  return done
}

export const inviteUser = (email: string, role: Role): Promise<OneTimeLink> =>
  changed(body(api.POST('/api/v1/users/invites', { body: { email, role } })))

export const takeBackInvite = (email: string): Promise<void> =>
  changed(body(api.DELETE('/api/v1/users/invites/{email}', { params: { path: { email } } })))

export const changeRole = (id: string, role: Role): Promise<User> =>
  changed(body(api.PUT('/api/v1/users/{id}', { params: { path: { id } }, body: { role } })))

export const removeUser = (id: string): Promise<void> =>
  changed(body(api.DELETE('/api/v1/users/{id}', { params: { path: { id } } })))

export const resetPassword = (id: string): Promise<OneTimeLink> =>
  changed(body(api.POST('/api/v1/users/{id}/reset', { params: { path: { id } } })))
