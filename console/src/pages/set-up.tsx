import { getRouteApi } from '@tanstack/react-router'
import { setUp } from '~/api/session'
import { PasswordDoor } from '~/ui/password-door'

const route = getRouteApi('/setup')

/** People come in by a one-time link: the first by the one the server printed, the others by invitation. */
export function SetUp() {
  const { token } = route.useSearch()
  return <PasswordDoor of="setUp" token={token} named enter={setUp} />
}
