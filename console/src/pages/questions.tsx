import { ActionIcon, Button, Group, Modal, TextInput, Tooltip } from '@mantine/core'
import { IconPencil, IconPinned, IconPinnedOff, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '~/api/problem'
import { deleteQuestion, pinQuestion, replaceQuestion, savedQuery } from '~/api/questions'
import { useMay } from '~/api/session'
import type { SavedQuestion } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { PageHead } from '~/ui/page'
import { Answer, Empty } from '~/ui/state'
import { Table, type Column } from '~/ui/table'
import { OpenQuestion } from './explore/open-question'

/** The questions that were saved in the workspace. */
export function SavedQuestions() {
  const { t } = useTranslation('explore')
  const saved = useQuery(savedQuery)
  return (
    <>
      <PageHead
        title={t('saved.title')}
        answer={saved.data ? t('saved.answer', { count: saved.data.items.length }) : null}
      />
      <Answer of={saved}>
        {({ items }) =>
          items.length > 0 ? (
            <List items={items} />
          ) : (
            <Empty
              title={t('saved.empty.title')}
              text={t('saved.empty.text')}
              action={
                <Button renderRoot={(props) => <Link to="/explore/trend" {...props} />}>
                  {t('saved.empty.ask')}
                </Button>
              }
            />
          )
        }
      </Answer>
    </>
  )
}

function List({ items }: { items: readonly SavedQuestion[] }) {
  const { t } = useTranslation('explore')
  const { t: place } = useTranslation('shell')
  const format = useFormat()
  const analyst = useMay('analyst')
  const [renamed, setRenamed] = useState<SavedQuestion | null>(null)
  const columns = useMemo(
    (): Column<SavedQuestion>[] => [
      {
        accessorKey: 'name',
        header: t('saved.name'),
        cell: ({ row: { original } }) => <OpenQuestion saved={original} />,
      },
      {
        id: 'kind',
        accessorFn: ({ question }) => question.type,
        header: t('saved.kind'),
        cell: ({ row: { original } }) =>
          original.question.type === 'count' ? t('saved.count') : place(`place.${original.question.type}`),
      },
      { accessorKey: 'created_by', header: t('saved.owner') },
      {
        accessorKey: 'changed_at',
        header: t('saved.changed'),
        cell: ({ row: { original } }) => (
          <>
            {format.date(original.changed_at)}
            <div style={{ color: 'var(--mantine-color-dimmed)' }}>{original.changed_by}</div>
          </>
        ),
      },
      {
        id: 'acts',
        header: () => <span className="sr-only">{t('saved.acts')}</span>,
        enableSorting: false,
        cell: ({ row: { original } }) =>
          analyst ? <Acts saved={original} onRename={() => setRenamed(original)} /> : null,
      },
    ],
    [t, place, format, analyst],
  )
  return (
    <>
      <Table label={t('saved.title')} rows={items} columns={columns} sortable />
      <Modal opened={renamed !== null} onClose={() => setRenamed(null)} title={t('saved.rename')}>
        {renamed ? <Rename saved={renamed} onDone={() => setRenamed(null)} /> : null}
      </Modal>
    </>
  )
}

/** What can be done with one: on Home or not, and for who saved it a new name, and away. */
function Acts({ saved, onRename }: { saved: SavedQuestion; onRename: () => void }) {
  const { t } = useTranslation('explore')
  const pinned = saved.place != null
  const pin = useMutation({ mutationFn: () => pinQuestion(saved, !pinned) })
  const remove = useMutation({ mutationFn: () => deleteQuestion(saved) })
  const pinLabel = t(pinned ? 'board.remove' : 'board.add')
  return (
    <Group gap="xs" wrap="nowrap" justify="flex-end">
      <Tooltip label={pinLabel}>
        <ActionIcon
          aria-label={`${saved.name}: ${pinLabel}`}
          aria-pressed={pinned}
          loading={pin.isPending}
          onClick={() => pin.mutate()}
        >
          {pinned ? <IconPinnedOff size={16} /> : <IconPinned size={16} />}
        </ActionIcon>
      </Tooltip>
      {saved.mine ? (
        <>
          <Tooltip label={t('saved.rename')}>
            <ActionIcon aria-label={`${saved.name}: ${t('saved.rename')}`} onClick={onRename}>
              <IconPencil size={16} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t('saved.delete')}>
            <ActionIcon
              aria-label={`${saved.name}: ${t('saved.delete')}`}
              loading={remove.isPending}
              onClick={() => remove.mutate()}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        </>
      ) : null}
    </Group>
  )
}

function Rename({ saved, onDone }: { saved: SavedQuestion; onDone: () => void }) {
  const { t } = useTranslation('explore')
  const [name, setName] = useState(saved.name)
  const rename = useMutation({
    mutationFn: () => replaceQuestion(saved, { name: name.trim() }),
    onSuccess: onDone,
  })
  const problem = rename.error ? asProblem(rename.error) : null
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        rename.mutate()
      }}
    >
      <TextInput
        data-autofocus
        label={t('save.name')}
        value={name}
        maxLength={100}
        error={problem?.kind === 'conflict' ? t('save.taken') : problem?.message}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Group justify="flex-end" mt="md">
        <Button type="submit" loading={rename.isPending} disabled={name.trim() === ''}>
          {t('saved.rename')}
        </Button>
      </Group>
    </form>
  )
}
