import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '~/api/problem'
import { signIn } from '~/api/session'
import { Door } from '~/ui/door'

const route = getRouteApi('/signin')

export function SignIn() {
  const { t } = useTranslation('door')
  const { then } = route.useSearch()
  const router = useRouter()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const enter = useMutation({
    mutationFn: () => signIn(email, password),
    onSuccess: () => {
      // Only a path of this console, never another site.
      router.history.push(then?.startsWith('/') && !then.startsWith('//') ? then : '/')
    },
  })
  const problem = enter.error ? asProblem(enter.error) : null
  return (
    <Door title={t('signIn.title')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          enter.mutate()
        }}
      >
        <Stack>
          {problem ? (
            <Alert color="bad" role="alert">
              {t(
                problem.kind === 'signed_out'
                  ? 'signIn.wrong'
                  : problem.kind === 'busy'
                    ? 'signIn.busy'
                    : 'signIn.failed',
              )}
            </Alert>
          ) : null}
          <TextInput
            label={t('email')}
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('password')}
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" size="sm" loading={enter.isPending}>
            {t('signIn.enter')}
          </Button>
        </Stack>
      </form>
    </Door>
  )
}
