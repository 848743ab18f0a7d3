import {
  ActionIcon,
  Button,
  Group,
  Menu,
  NumberInput,
  PasswordInput,
  Select,
  SimpleGrid,
  Text,
  TextInput,
} from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Provider } from '~/api/types'
import { useWord } from '~/i18n/word'
import { Section } from '~/ui/page'
import type { PartProps } from './parts'

const FRESH: Record<Provider['kind'], () => Provider> = {
  sandbox: () => ({ kind: 'sandbox', channel: 'email' }),
  smtp: () => ({ kind: 'smtp', host: '', port: 587, security: 'start_tls', connections_max: 4 }),
  webhook: () => ({ kind: 'webhook', url: '' }),
}

const KINDS = Object.keys(FRESH) as Provider['kind'][]

/** Who carries messages; the first one of a channel counts. */
export function Providers({ settings, onChange }: PartProps) {
  const { t } = useTranslation('settings')
  const word = useWord()
  const { providers } = settings
  const set = (next: Provider[]) => onChange({ ...settings, providers: next })
  return (
    <Section title={t('providers')}>
      <Text c="dimmed" size="sm" mb="sm">
        {t('providersNote')}
      </Text>
      {providers.map((provider, at) => (
        <div
          key={at}
          style={{ borderTop: '1px solid var(--line)', padding: '12px 0' }}
          role="group"
          aria-label={word('provider', provider.kind)}
        >
          <Group justify="space-between" mb="xs">
            <h3>{word('provider', provider.kind)}</h3>
            <ActionIcon
              aria-label={t('removeProvider', { name: word('provider', provider.kind) })}
              onClick={() => set(providers.toSpliced(at, 1))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
          <Fields provider={provider} onChange={(next) => set(providers.with(at, next))} />
        </div>
      ))}
      <Menu position="bottom-start">
        <Menu.Target>
          <Button variant="default" leftSection={<IconPlus size={14} />}>
            {t('addProvider')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {KINDS.map((kind) => (
            <Menu.Item key={kind} onClick={() => set([...providers, FRESH[kind]()])}>
              {word('provider', kind)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Section>
  )
}

interface FieldsProps<T extends Provider> {
  provider: T
  onChange: (provider: Provider) => void
}

function Fields({ provider, onChange }: FieldsProps<Provider>) {
  const { t } = useTranslation('settings')
  switch (provider.kind) {
    case 'sandbox':
      return <Text size="sm">{t('sandboxNote')}</Text>
    case 'smtp':
      return <SmtpFields provider={provider} onChange={onChange} />
    case 'webhook':
      return (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput
            label={t('url')}
            value={provider.url}
            onChange={(event) => onChange({ ...provider, url: event.currentTarget.value })}
          />
          <Secret
            label={t('secret')}
            value={provider.secret}
            onChange={(secret) => onChange({ ...provider, secret })}
          />
        </SimpleGrid>
      )
  }
}

const SECURITY = ['start_tls', 'tls', 'none'] as const

function SmtpFields({ provider, onChange }: FieldsProps<Extract<Provider, { kind: 'smtp' }>>) {
  const { t } = useTranslation('settings')
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <TextInput
        label={t('host')}
        value={provider.host}
        onChange={(event) => onChange({ ...provider, host: event.currentTarget.value })}
      />
      <NumberInput
        label={t('port')}
        min={1}
        max={65_535}
        thousandSeparator=""
        value={provider.port}
        onChange={(port) => onChange({ ...provider, port: Number(port) })}
      />
      <Select
        label={t('security')}
        value={provider.security}
        onChange={(value) =>
          onChange({ ...provider, security: SECURITY.find((each) => each === value) ?? provider.security })
        }
        data={SECURITY.map((each) => ({ value: each, label: t(`securityWord.${each}`) }))}
      />
      <NumberInput
        label={t('connections')}
        min={1}
        max={100}
        value={provider.connections_max}
        onChange={(connections) => onChange({ ...provider, connections_max: Number(connections) })}
      />
      <TextInput
        label={t('username')}
        autoComplete="off"
        value={provider.username ?? ''}
        onChange={(event) => onChange({ ...provider, username: event.currentTarget.value || null })}
      />
      <Secret
        label={t('password')}
        value={provider.password}
        onChange={(password) => onChange({ ...provider, password })}
      />
    </SimpleGrid>
  )
}

interface SecretProps {
  label: string
  value: string | null | undefined
  onChange: (value: string | null) => void
}

/** A secret is never shown again; left empty, it stays as it was. */
function Secret({ label, value, onChange }: SecretProps) {
  const { t } = useTranslation('settings')
  return (
    <PasswordInput
      label={label}
      placeholder={t('asBefore')}
      autoComplete="new-password"
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value || null)}
    />
  )
}
