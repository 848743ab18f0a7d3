import { Alert, Button, PasswordInput, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '~/api/problem'
import { choosePassword } from '~/api/session'
import { Door, PASSWORD_MIN } from '~/ui/door'
import { useProblemText } from '~/ui/said'

const route = getRouteApi('/reset')

/** A new password, by a one-time link that an administrator made. */
export function Reset() {
  const { t } = useTranslation('door')
  const { token } = route.useSearch()
  const navigate = useNavigate()
  const [password, setPassword] = useState('')
  const say = useProblemText()
  const choose = useMutation({
    mutationFn: (token: string) => choosePassword(token, password),
    onSuccess: () => navigate({ to: '/' }),
  })
  if (token === undefined) {
    return (
      <Door title={t('reset.title')}>
        <Text>{t('reset.noToken')}</Text>
      </Door>
    )
  }
  const problem = choose.error ? asProblem(choose.error) : null
  return (
    <Door title={t('reset.title')} text={t('reset.text')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          choose.mutate(token)
        }}
      >
        <Stack>
          {problem ? (
            <Alert color="bad" role="alert">
              {problem.said.field === 'token' ? t('reset.used') : say(problem)}
            </Alert>
          ) : null}
          <PasswordInput
            label={t('newPassword')}
            description={t('passwordRule', { count: PASSWORD_MIN })}
            autoComplete="new-password"
            minLength={PASSWORD_MIN}
            required
            withAsterisk={false}
            autoFocus
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button
            type="submit"
            size="sm"
            loading={choose.isPending}
            disabled={password.length < PASSWORD_MIN}
          >
            {t('reset.enter')}
          </Button>
        </Stack>
      </form>
    </Door>
  )
}
