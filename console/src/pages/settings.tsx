import { Button, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '~/api/problem'
import { replaceSettings, settingsQuery } from '~/api/settings'
import { useMay } from '~/api/session'
import type { SettingsAnswer } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { PageHead } from '~/ui/page'
import { useProblemText } from '~/ui/said'
import { Answer, Failed } from '~/ui/state'
import { Audit } from './settings/audit'
import { DkimRecord } from './settings/dkim'
import { Keeping, RemovalDialog, isShorter } from './settings/keeping'
import { Policy } from './settings/policy'
import { Providers } from './settings/providers'
import { SenderFields } from './settings/sender'
import { Users } from './settings/users'
import { Workspace } from './settings/workspace'

/** What a workspace decides once. */
export function SettingsPage() {
  const { t } = useTranslation('settings')
  const settings = useQuery(settingsQuery)
  return (
    <Answer of={settings} head={<PageHead title={t('title')} />}>
      {(data) => <Form key={data.version} answer={data} />}
    </Answer>
  )
}

function Form({ answer }: { answer: SettingsAnswer }) {
  const { t } = useTranslation('settings')
  const format = useFormat()
  const may = useMay('admin')
  const say = useProblemText()
  const [settings, setSettings] = useState(answer.settings)
  const [asking, setAsking] = useState(false)
  const save = useMutation({
    mutationFn: (removeEvents: boolean) => replaceSettings(answer.version, settings, removeEvents),
    onSuccess: () => notifications.show({ message: t('saved') }),
    onError: () => setAsking(false),
  })
  const problem = save.error ? asProblem(save.error) : null
  const wrong = (field: string) => (problem?.said.field?.endsWith(field) ? say(problem) : null)
  const changed = JSON.stringify(settings) !== JSON.stringify(answer.settings)
  const parts = { settings, onChange: setSettings, wrong }
  return (
    <>
      <PageHead
        title={t('title')}
        answer={t('answer', { who: answer.changed_by, at: format.dateTime(answer.changed_at) })}
      />
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isShorter(answer.settings, settings)) setAsking(true)
          else save.mutate(false)
        }}
      >
        <fieldset disabled={!may} style={{ border: 0, margin: 0, padding: 0, maxWidth: 720 }}>
          <legend className="sr-only">{t('title')}</legend>
          <Workspace {...parts} />
          <SenderFields {...parts} />
          <Providers {...parts} />
          <Policy {...parts} />
          <Keeping {...parts} />
          {problem && problem.said.field == null ? <Failed error={problem} /> : null}
          {may ? (
            <Group mt="lg">
              <Button type="submit" size="sm" disabled={!changed} loading={save.isPending}>
                {t('save')}
              </Button>
              <Text c="dimmed" role="status">
                {changed ? t('unsaved') : ''}
              </Text>
            </Group>
          ) : (
            <Text c="dimmed" mt="md">
              {t('readOnly')}
            </Text>
          )}
        </fieldset>
      </form>
      {asking && settings.keep_events_months != null ? (
        <RemovalDialog
          months={settings.keep_events_months}
          saving={save.isPending}
          onMeant={() => save.mutate(true)}
          onClose={() => setAsking(false)}
        />
      ) : null}
      {answer.dkim ? <DkimRecord dkim={answer.dkim} /> : null}
      {may ? <Users /> : null}
      {may ? <Audit /> : null}
    </>
  )
}
