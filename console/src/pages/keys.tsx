import { Alert, Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createKey, deleteKey, keysQuery } from '~/api/data'
import { useMay } from '~/api/session'
import type { Key, KeyCreate, Role } from '~/api/types'
import { useWord } from '~/i18n/word'
import { useFormat } from '~/lib/use-format'
import { Copyable } from '~/ui/copyable'
import { PageHead } from '~/ui/page'
import { Answer, Empty, Failed } from '~/ui/state'
import { Table, type Column } from '~/ui/table'

const ROLES: readonly Role[] = ['viewer', 'analyst', 'marketer', 'admin']

/** Keys for those who send events, tokens for those who use the API. */
export function Keys() {
  const { t } = useTranslation('data')
  const keys = useQuery(keysQuery)
  const may = useMay('admin')
  const [making, setMaking] = useState(false)
  const [removing, setRemoving] = useState<Key | null>(null)
  const create = may ? (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setMaking(true)}>
      {t('keys.new')}
    </Button>
  ) : null
  return (
    <>
      <PageHead title={t('keys.title')} answer={t('keys.answer')} actions={create} />
      <Answer of={keys}>
        {({ items }) =>
          items.length > 0 ? (
            <List keys={items} onRemove={setRemoving} />
          ) : (
            <Empty title={t('keys.empty')} text={t('keys.emptyText')} action={create} />
          )
        }
      </Answer>
      {making ? <Make onClose={() => setMaking(false)} /> : null}
      {removing ? <Remove entry={removing} onClose={() => setRemoving(null)} /> : null}
    </>
  )
}

function List({ keys, onRemove }: { keys: readonly Key[]; onRemove: (key: Key) => void }) {
  const { t } = useTranslation('data')
  const format = useFormat()
  const word = useWord()
  const columns = useMemo(
    (): Column<Key>[] => [
      {
        accessorKey: 'name',
        header: t('keys.name'),
        cell: ({ row }) => <strong style={{ fontWeight: 550 }}>{row.original.name}</strong>,
      },
      {
        accessorKey: 'kind',
        header: t('keys.kind'),
        cell: ({ row: { original } }) =>
          [word('key', original.kind), original.role ? word('role', original.role) : '']
            .filter(Boolean)
            .join(' · '),
      },
      {
        id: 'key',
        header: t('keys.key'),
        cell: ({ row: { original } }) =>
          original.key ? <Copyable text={original.key} /> : <span className="mono">{original.prefix}…</span>,
      },
      {
        id: 'used',
        header: t('keys.used'),
        cell: ({ row: { original } }) =>
          original.used_at ? format.dateTime(original.used_at) : t('keys.never'),
      },
      { accessorKey: 'created_by', header: t('keys.by') },
      {
        id: 'remove',
        header: () => <span className="sr-only">{t('keys.remove')}</span>,
        cell: ({ row: { original } }) => (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`${original.name}: ${t('keys.remove')}`}
            onClick={() => onRemove(original)}
          >
            {t('keys.remove')}
          </Button>
        ),
      },
    ],
    [t, format, word, onRemove],
  )
  return <Table label={t('keys.title')} rows={keys} columns={columns} />
}

function Make({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('data')
  const word = useWord()
  const [kind, setKind] = useState<KeyCreate['kind']>('write_key')
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const make = useMutation({
    mutationFn: () => createKey({ kind, name: name.trim(), role: kind === 'api_token' ? role : null }),
  })
  if (make.data) {
    return (
      <Modal opened onClose={onClose} title={t('keys.made', { name: make.data.name })}>
        <Stack>
          {make.data.kind === 'api_token' ? <Alert color="bad">{t('keys.once')}</Alert> : null}
          <Copyable text={make.data.key ?? ''} />
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('keys.done')}</Button>
          </Group>
        </Stack>
      </Modal>
    )
  }
  return (
    <Modal opened onClose={onClose} title={t('keys.new')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          make.mutate()
        }}
      >
        <Stack>
          <Select
            label={t('keys.kind')}
            description={t(kind === 'write_key' ? 'keys.writeNote' : 'keys.tokenNote')}
            value={kind}
            onChange={(value) => setKind(value === 'api_token' ? 'api_token' : 'write_key')}
            data={(['write_key', 'api_token'] as const).map((each) => ({
              value: each,
              label: word('key', each),
            }))}
          />
          <TextInput
            label={t('keys.name')}
            placeholder={t('keys.nameExample')}
            required
            withAsterisk={false}
            maxLength={100}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {kind === 'api_token' ? (
            <Select
              label={t('keys.role')}
              value={role}
              onChange={(value) => setRole(ROLES.find((each) => each === value) ?? role)}
              data={ROLES.map((each) => ({ value: each, label: word('role', each) }))}
            />
          ) : null}
          {make.error ? <Failed error={make.error} /> : null}
          <Group justify="flex-end">
            <Button type="submit" loading={make.isPending} disabled={name.trim() === ''}>
              {t('keys.make')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function Remove({ entry, onClose }: { entry: Key; onClose: () => void }) {
  const { t } = useTranslation('data')
  const remove = useMutation({ mutationFn: () => deleteKey(entry.id), onSuccess: onClose })
  return (
    <Modal opened onClose={onClose} title={t('keys.removeTitle', { name: entry.name })}>
      <Stack>
        <Text>{t('keys.removeText')}</Text>
        {remove.error ? <Failed error={remove.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('keys.keep')}
          </Button>
          <Button color="bad.6" loading={remove.isPending} onClick={() => remove.mutate()}>
            {t('keys.remove')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
