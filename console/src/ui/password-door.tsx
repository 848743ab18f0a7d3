import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '~/api/problem'
import { Door, PASSWORD_MIN } from './door'
import { useProblemText } from './said'

interface PasswordDoorProps {
  /** Which one it is: its texts begin so. */
  of: 'setUp' | 'reset'
  /** What the one-time link carried; without it there is nothing to do here. */
  token: string | undefined
  /** Whether it asks for a name, too. */
  named?: boolean
  enter: (wish: { token: string; name: string; password: string }) => Promise<unknown>
}

/** The door that a one-time link opens: who comes in chooses a password. */
export function PasswordDoor({ of, token, named = false, enter }: PasswordDoorProps) {
  const { t } = useTranslation('door')
  const navigate = useNavigate()
  const say = useProblemText()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const choose = useMutation({
    mutationFn: (token: string) => enter({ token, name, password }),
    onSuccess: () => navigate({ to: '/' }),
  })
  if (token === undefined) {
    return (
      <Door title={t(`${of}.title`)}>
        <Text>{t(`${of}.noToken`)}</Text>
      </Door>
    )
  }
  const problem = choose.error ? asProblem(choose.error) : null
  return (
    <Door title={t(`${of}.title`)} text={t(`${of}.text`)}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          choose.mutate(token)
        }}
      >
        <Stack>
          {problem ? (
            <Alert color="bad" role="alert">
              {problem.said.field === 'token' ? t(`${of}.used`) : say(problem)}
            </Alert>
          ) : null}
          {named ? (
            <TextInput
              label={t('name')}
              autoComplete="name"
              required
              withAsterisk={false}
              autoFocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          ) : null}
          <PasswordInput
            label={t('newPassword')}
            description={t('passwordRule', { count: PASSWORD_MIN })}
            autoComplete="new-password"
            minLength={PASSWORD_MIN}
            required
            withAsterisk={false}
            autoFocus={!named}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button
            type="submit"
            size="sm"
            loading={choose.isPending}
            disabled={password.length < PASSWORD_MIN}
          >
            {t(`${of}.enter`)}
          </Button>
        </Stack>
      </form>
    </Door>
  )
}
