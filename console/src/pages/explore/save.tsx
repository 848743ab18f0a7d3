import {
  ActionIcon,
  Button,
  Checkbox,
  CopyButton,
  Group,
  Modal,
  Stack,
  TextInput,
  Tooltip,
} from '@mantine/core'
import { IconCheck, IconDeviceFloppy, IconLink } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '~/api/problem'
import { pinQuestion, replaceQuestion, savedQuery, saveQuestion } from '~/api/questions'
import { useMay, useZone } from '~/api/session'
import type { Question, SavedQuestion } from '~/api/types'
import { isSame, savedSearch, type Kind, type Questions } from '~/lib/question'
import { useUrl } from './use-question'

/** The saved question that the page was opened from, when it is still there. */
export function useSaved(): SavedQuestion | undefined {
  const [{ saved }] = useUrl<Kind>()
  const all = useQuery({ ...savedQuery, enabled: saved !== undefined }).data?.items
  return all?.find(({ id }) => id === saved)
}

/** Takes a question along: as a link, or saved for everybody in the workspace. */
export function Save<K extends Kind>({ kind, question }: { kind: K; question: Questions[K] }) {
  const { t } = useTranslation('explore')
  const analyst = useMay('analyst')
  const saved = useSaved()
  const [open, setOpen] = useState(false)
  const asked = { type: kind, ...question } as Question
  const replace = useMutation({
    mutationFn: (of: SavedQuestion) => replaceQuestion(of, { question: asked }),
  })
  const same = saved !== undefined && isSame(saved.question, asked)
  return (
    <>
      <CopyButton value={window.location.href}>
        {({ copied, copy }) => (
          <Tooltip label={t(copied ? 'link.copied' : 'link.copy')}>
            <ActionIcon size={30} variant="default" aria-label={t('link.copy')} onClick={copy}>
              {copied ? <IconCheck size={15} /> : <IconLink size={15} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
      {analyst && saved?.mine && !same ? (
        <Button variant="default" loading={replace.isPending} onClick={() => replace.mutate(saved)}>
          {t('save.changes')}
        </Button>
      ) : null}
      {analyst && !same ? (
        <Button leftSection={<IconDeviceFloppy size={15} />} onClick={() => setOpen(true)}>
          {t(saved ? 'save.as' : 'save')}
        </Button>
      ) : null}
      <Modal opened={open} onClose={() => setOpen(false)} title={t('save.title')}>
        <SaveForm question={asked} onDone={() => setOpen(false)} />
      </Modal>
    </>
  )
}

function SaveForm({ question, onDone }: { question: Question; onDone: () => void }) {
  const { t } = useTranslation('explore')
  const [, set] = useUrl<Kind>()
  const zone = useZone()
  const [name, setName] = useState('')
  const [pinned, setPinned] = useState(false)
  const save = useMutation({
    mutationFn: async () => {
      const made = await saveQuestion(name.trim(), question)
      if (pinned) await pinQuestion(made, true)
      return made
    },
    onSuccess: (made) => {
      // From here on the URL says all that was saved, what the page took by itself included.
      set({ ...savedSearch(made, zone) })
      onDone()
    },
  })
  const problem = save.error ? asProblem(save.error) : null
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Stack>
        <TextInput
          data-autofocus
          label={t('save.name')}
          description={t('save.text')}
          value={name}
          maxLength={100}
          error={problem?.kind === 'conflict' ? t('save.taken') : problem?.message}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox
          label={t('save.pin')}
          checked={pinned}
          onChange={(event) => setPinned(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending} disabled={name.trim() === ''}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
