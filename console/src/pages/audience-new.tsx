import { Button, Group, SimpleGrid, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createAudience } from '~/api/audiences'
import { asProblem } from '~/api/problem'
import { ConditionEditor } from '~/condition/editor'
import { PageHead, Section } from '~/ui/page'
import { useProblemText } from '~/ui/said'
import { Failed } from '~/ui/state'
import { LiveCount } from './audience/count'

const route = getRouteApi('/inside/audiences/new')

/** A new audience; may begin with the condition of a link (an RFM group, a chart). */
export function AudienceNew() {
  const { t } = useTranslation('audiences')
  const start = route.useSearch()
  const navigate = useNavigate()
  const [name, setName] = useState(start.name ?? '')
  const [description, setDescription] = useState('')
  const say = useProblemText()
  const [text, setText] = useState<string | null>(start.text ?? 'everyone')
  const save = useMutation({
    mutationFn: (condition: string) => createAudience(name.trim(), description, condition),
    onSuccess: (made) => navigate({ to: '/audiences/$name', params: { name: made.name } }),
  })
  const problem = save.error ? asProblem(save.error) : null
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (text !== null) save.mutate(text)
      }}
    >
      <PageHead back={{ to: '/audiences', label: t('title') }} title={t('new')} answer={t('newText')} />
      <SimpleGrid cols={{ base: 1, sm: 2 }} maw={720}>
        <TextInput
          label={t('name')}
          required
          withAsterisk={false}
          maxLength={100}
          value={name}
          error={
            problem?.kind === 'conflict'
              ? t('nameTaken')
              : problem?.said.field === 'name'
                ? say(problem)
                : null
          }
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t('description')}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
      </SimpleGrid>
      <Section title={t('condition')}>
        <ConditionEditor text={text ?? start.text ?? 'everyone'} onChange={setText} />
      </Section>
      <Section title={t('live.title')}>
        <LiveCount text={text} />
      </Section>
      {problem && problem.kind !== 'conflict' && problem.said.field !== 'name' ? (
        <Failed error={problem} />
      ) : null}
      <Group mt="lg">
        <Button
          type="submit"
          size="sm"
          loading={save.isPending}
          disabled={text === null || name.trim() === ''}
        >
          {t('save')}
        </Button>
      </Group>
    </form>
  )
}
