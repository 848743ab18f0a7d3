import { Button, Select, Stack, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { audiencesQuery } from '~/api/audiences'
import { createCampaign } from '~/api/campaigns'
import { asProblem } from '~/api/problem'
import { useMe } from '~/api/session'
import { freshDraft } from '~/lib/draft'
import { useFormat } from '~/lib/use-format'
import { PageHead } from '~/ui/page'
import { Failed } from '~/ui/state'

const route = getRouteApi('/inside/campaigns/new')

/** A name and whom it is for; everything else is written on the campaign's own page. */
export function CampaignNew() {
  const { t } = useTranslation('campaigns')
  const format = useFormat()
  const { audience: first } = route.useSearch()
  const navigate = useNavigate()
  const language = useMe()?.workspace.language ?? 'en'
  const audiences = useQuery(audiencesQuery).data?.items ?? []
  const [name, setName] = useState('')
  const [audience, setAudience] = useState<string | null>(first ?? null)
  const create = useMutation({
    mutationFn: () => createCampaign(freshDraft(name.trim(), audience, language)),
    onSuccess: ({ id }) => navigate({ to: '/campaigns/$id', params: { id: String(id) } }),
  })
  const problem = create.error ? asProblem(create.error) : null
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        create.mutate()
      }}
    >
      <PageHead back={{ to: '/campaigns', label: t('title') }} title={t('new')} answer={t('newText')} />
      <Stack maw={440}>
        <TextInput
          label={t('name')}
          required
          withAsterisk={false}
          autoFocus
          maxLength={100}
          value={name}
          error={problem?.kind === 'conflict' ? t('nameTaken') : null}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label={t('audience')}
          description={t('audienceNote')}
          searchable
          clearable
          value={audience}
          onChange={setAudience}
          data={audiences.map(({ name, customers }) => ({
            value: name,
            label: customers == null ? name : `${name} · ${format.number(customers)}`,
          }))}
        />
        {problem && problem.kind !== 'conflict' ? <Failed error={problem} /> : null}
        <div>
          <Button type="submit" size="sm" loading={create.isPending} disabled={name.trim() === ''}>
            {t('write')}
          </Button>
        </div>
      </Stack>
    </form>
  )
}
