import { getRouteApi } from '@tanstack/react-router'
import { choosePassword } from '~/api/session'
import { PasswordDoor } from '~/ui/password-door'

const route = getRouteApi('/reset')

/** A new password, by a one-time link that an administrator made. */
export function Reset() {
  const { token } = route.useSearch()
  return (
    <PasswordDoor of="reset" token={token} enter={({ token, password }) => choosePassword(token, password)} />
  )
}
