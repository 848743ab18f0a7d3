import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '~/api/problem'
import { setUp } from '~/api/session'
import { Door, PASSWORD_MIN } from '~/ui/door'
import { useProblemText } from '~/ui/said'

const route = getRouteApi('/setup')

/** People come in by a one-time link: the first by the one the server printed, the others by invitation. */
export function SetUp() {
  const { t } = useTranslation('door')
  const { token } = route.useSearch()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const say = useProblemText()
  const enter = useMutation({
    mutationFn: (token: string) => setUp({ token, name, password }),
    onSuccess: () => navigate({ to: '/' }),
  })
  if (token === undefined) {
    return (
      <Door title={t('setUp.title')}>
        <Text>{t('setUp.noToken')}</Text>
      </Door>
    )
  }
  const problem = enter.error ? asProblem(enter.error) : null
  const used = problem?.said.field === 'token'
  return (
    <Door title={t('setUp.title')} text={t('setUp.text')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          enter.mutate(token)
        }}
      >
        <Stack>
          {problem ? (
            <Alert color="bad" role="alert">
              {used ? t('setUp.used') : say(problem)}
            </Alert>
          ) : null}
          <TextInput
            label={t('name')}
            autoComplete="name"
            required
            withAsterisk={false}
            autoFocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('newPassword')}
            description={t('passwordRule', { count: PASSWORD_MIN })}
            autoComplete="new-password"
            minLength={PASSWORD_MIN}
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" size="sm" loading={enter.isPending} disabled={password.length < PASSWORD_MIN}>
            {t('setUp.enter')}
          </Button>
        </Stack>
      </form>
    </Door>
  )
}
