import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ROLES, useMay, useMe } from '~/api/session'
import type { Invited, OneTimeLink, Role, User } from '~/api/types'
import { changeRole, inviteUser, removeUser, resetPassword, takeBackInvite, usersQuery } from '~/api/users'
import { useWord } from '~/i18n/word'
import { useFormat } from '~/lib/use-format'
import { Copyable } from '~/ui/copyable'
import { Section } from '~/ui/page'
import { Answer, Failed } from '~/ui/state'
import { Table, type Column } from '~/ui/table'

/** Who has access, and what they may do. */
export function Users() {
  const { t } = useTranslation('settings')
  const users = useQuery(usersQuery)
  const [inviting, setInviting] = useState(false)
  const [removing, setRemoving] = useState<User | null>(null)
  const [link, setLink] = useState<OneTimeLink | null>(null)
  const invite = (
    <Button size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => setInviting(true)}>
      {t('users.invite')}
    </Button>
  )
  return (
    <Section title={t('users.title')} aside={invite}>
      <Answer of={users}>
        {(data) => (
          <>
            <Members users={data.users} onRemove={setRemoving} onLink={setLink} />
            {data.invited.length > 0 ? <Waiting invited={data.invited} /> : null}
          </>
        )}
      </Answer>
      {inviting ? <Invite onClose={() => setInviting(false)} /> : null}
      {removing ? <Remove user={removing} onClose={() => setRemoving(null)} /> : null}
      {link ? <Link link={link} onClose={() => setLink(null)} /> : null}
    </Section>
  )
}

interface MembersProps {
  users: readonly User[]
  onRemove: (user: User) => void
  onLink: (link: OneTimeLink) => void
}

function Members({ users, onRemove, onLink }: MembersProps) {
  const { t } = useTranslation('settings')
  const format = useFormat()
  const mine = useMe()
  const reset = useMutation({ mutationFn: (user: User) => resetPassword(user.id), onSuccess: onLink })
  const change = useMutation({ mutationFn: ({ id, role }: User) => changeRole(id, role) })
  const columns = useMemo(
    (): Column<User>[] => [
      {
        accessorKey: 'name',
        header: t('users.name'),
        cell: ({ row: { original } }) => (
          <strong style={{ fontWeight: 550 }}>
            {original.name}
            {original.email === mine?.email ? ` ${t('users.you')}` : ''}
          </strong>
        ),
      },
      { accessorKey: 'email', header: t('users.email') },
      {
        accessorKey: 'role',
        header: t('users.role'),
        cell: ({ row: { original } }) => (
          <RoleSelect
            label={`${original.name}: ${t('users.role')}`}
            value={original.role}
            onChange={(role) => change.mutate({ ...original, role })}
          />
        ),
      },
      {
        accessorKey: 'created_at',
        header: t('users.since'),
        cell: ({ row }) => format.date(row.original.created_at),
      },
      {
        id: 'acts',
        header: () => <span className="sr-only">{t('users.acts')}</span>,
        cell: ({ row: { original } }) => (
          <Group gap="xs" wrap="nowrap" justify="flex-end">
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`${original.name}: ${t('users.reset')}`}
              onClick={() => reset.mutate(original)}
            >
              {t('users.reset')}
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`${original.name}: ${t('users.remove')}`}
              onClick={() => onRemove(original)}
            >
              {t('users.remove')}
            </Button>
          </Group>
        ),
      },
    ],
    [t, format, mine?.email, onRemove, reset, change],
  )
  return (
    <>
      {(change.error ?? reset.error) ? <Failed error={change.error ?? reset.error} /> : null}
      <Table label={t('users.title')} rows={users} columns={columns} />
    </>
  )
}

interface RoleSelectProps {
  label: string
  value: Role
  onChange: (role: Role) => void
  /** Says the label on the page, not only to screen readers. */
  shown?: boolean
}

/** Nobody gives more than they have. */
function RoleSelect({ label, value, onChange, shown }: RoleSelectProps) {
  const word = useWord()
  const owner = useMay('owner')
  const most = owner ? 'owner' : 'admin'
  const roles = ROLES.slice(0, ROLES.indexOf(most) + 1)
  if (!roles.includes(value)) return word('role', value)
  return (
    <Select
      {...(shown ? { label } : { 'aria-label': label, size: 'xs' })}
      value={value}
      allowDeselect={false}
      onChange={(chosen) => {
        const role = roles.find((each) => each === chosen)
        if (role !== undefined && role !== value) onChange(role)
      }}
      data={roles.map((each) => ({ value: each, label: word('role', each) }))}
    />
  )
}

function Waiting({ invited }: { invited: readonly Invited[] }) {
  const { t } = useTranslation('settings')
  const format = useFormat()
  const word = useWord()
  const take = useMutation({ mutationFn: takeBackInvite })
  const columns = useMemo(
    (): Column<Invited>[] => [
      { accessorKey: 'email', header: t('users.invited') },
      { accessorKey: 'role', header: t('users.role'), cell: ({ row }) => word('role', row.original.role) },
      {
        accessorKey: 'expires_at',
        header: t('users.until'),
        cell: ({ row }) => format.dateTime(row.original.expires_at),
      },
      {
        id: 'take',
        header: () => <span className="sr-only">{t('users.acts')}</span>,
        cell: ({ row: { original } }) => (
          <Group justify="flex-end">
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`${original.email}: ${t('users.takeBack')}`}
              onClick={() => take.mutate(original.email)}
            >
              {t('users.takeBack')}
            </Button>
          </Group>
        ),
      },
    ],
    [t, format, word, take],
  )
  return (
    <div style={{ marginTop: 24 }}>
      {take.error ? <Failed error={take.error} /> : null}
      <Table label={t('users.invited')} rows={invited} columns={columns} />
    </div>
  )
}

function Invite({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('settings')
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('marketer')
  const invite = useMutation({ mutationFn: () => inviteUser(email.trim(), role) })
  if (invite.data) return <Link link={invite.data} onClose={onClose} />
  return (
    <Modal opened onClose={onClose} title={t('users.invite')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          invite.mutate()
        }}
      >
        <Stack>
          <TextInput
            type="email"
            label={t('users.email')}
            required
            withAsterisk={false}
            data-autofocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <RoleSelect label={t('users.role')} value={role} onChange={setRole} shown />
          {invite.error ? <Failed error={invite.error} /> : null}
          <Group justify="flex-end">
            <Button type="submit" loading={invite.isPending} disabled={email.trim() === ''}>
              {t('users.makeLink')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** A one-time link, to be handed over by a way one trusts; it is not shown again. */
function Link({ link, onClose }: { link: OneTimeLink; onClose: () => void }) {
  const { t } = useTranslation('settings')
  const format = useFormat()
  return (
    <Modal opened onClose={onClose} title={t('users.link', { email: link.email })}>
      <Stack>
        <Text>{t('users.linkText', { at: format.dateTime(link.expires_at) })}</Text>
        <Copyable text={link.link} />
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('users.done')}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function Remove({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation('settings')
  const remove = useMutation({ mutationFn: () => removeUser(user.id), onSuccess: onClose })
  return (
    <Modal opened onClose={onClose} title={t('users.removeTitle', { name: user.name })}>
      <Stack>
        <Text>{t('users.removeText')}</Text>
        {remove.error ? <Failed error={remove.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('users.keep')}
          </Button>
          <Button color="bad.6" loading={remove.isPending} onClick={() => remove.mutate()}>
            {t('users.remove')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
