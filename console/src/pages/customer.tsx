import { Alert, Button, Menu, Tabs, Text } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { customerQuery } from '~/api/customers'
import { useMay } from '~/api/session'
import type { Customer } from '~/api/types'
import { useWord } from '~/i18n/word'
import { useFormat } from '~/lib/use-format'
import { CUSTOMER_TABS } from '~/router'
import { PageHead, Stat, Stats } from '~/ui/page'
import { Answer } from '~/ui/state'
import { Consents } from './customer/consents'
import { EraseDialog } from './customer/erase'
import { Messages } from './customer/messages'
import { Story } from './customer/story'
import { MergedInto } from './customer/merged'
import { Traits } from './customer/traits'

const route = getRouteApi('/inside/customers/$id')

/** One person and their whole story. */
export function CustomerPage() {
  const { t } = useTranslation('customers')
  const { id } = route.useParams()
  const customer = useQuery(customerQuery(id))
  return (
    <Answer of={customer} head={<PageHead title={t('title')} />}>
      {(data) => <Known customer={data} />}
    </Answer>
  )
}

function Known({ customer }: { customer: Customer }) {
  const { t } = useTranslation('customers')
  const format = useFormat()
  const word = useWord()
  const { tab = 'timeline' } = route.useSearch()
  const navigate = route.useNavigate()
  const when = (at: string | null | undefined) => (at ? format.dateTime(at) : '–')
  return (
    <>
      <PageHead
        back={{ to: '/customers', label: t('title') }}
        title={customer.label}
        answer={customer.identifiers
          .map(({ kind, value }) => `${word('identifier', kind)} ${value}`)
          .join(' · ')}
        actions={<More customer={customer} />}
      />
      {customer.blocked ? (
        <Alert color="bad" mb="md">
          {t('blocked')}
        </Alert>
      ) : null}
      <Stats>
        <Stat label={t('stat.events')} value={format.number(customer.events)} />
        <Stat label={t('stat.last')} value={<Small>{when(customer.last_seen)}</Small>} />
        <Stat label={t('stat.first')} value={<Small>{when(customer.first_seen)}</Small>} />
        <Stat
          label={t('stat.reach')}
          value={
            <Small>
              {customer.addresses
                .filter(({ state }) => state === 'live')
                .map(({ channel }) => word('channel', channel))
                .join(t('comma')) || '–'}
            </Small>
          }
        />
        <Stat
          label={t('stat.local')}
          value={<Small>{[customer.language, customer.time_zone].filter(Boolean).join(' · ') || '–'}</Small>}
        />
      </Stats>
      <Audiences names={customer.audiences} />
      <Tabs
        mt="lg"
        value={tab}
        onChange={(next) =>
          void navigate({
            search: (now) => ({ ...now, tab: CUSTOMER_TABS.find((each) => each === next) }),
            replace: true,
          })
        }
      >
        <Tabs.List mb="md">
          {CUSTOMER_TABS.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`tab.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="timeline">
          <Story id={customer.id} />
        </Tabs.Panel>
        <Tabs.Panel value="messages">
          <Messages id={customer.id} />
        </Tabs.Panel>
        <Tabs.Panel value="consents">
          <Consents customer={customer} />
        </Tabs.Panel>
        <Tabs.Panel value="traits">
          <Traits customer={customer} />
          <MergedInto customer={customer} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

function Small({ children }: { children: string }) {
  return <span style={{ fontSize: '0.875rem', fontWeight: 500, letterSpacing: 0 }}>{children}</span>
}

function Audiences({ names }: { names: readonly string[] }) {
  const { t } = useTranslation('customers')
  if (names.length === 0) return null
  return (
    <Text size="sm" mt="md">
      <Text span c="dimmed">
        {t('in')}{' '}
      </Text>
      {names.map((name, at) => (
        <span key={name}>
          {at > 0 ? t('comma') : ''}
          <Link to="/audiences/$name" params={{ name }}>
            {name}
          </Link>
        </span>
      ))}
    </Text>
  )
}

function More({ customer }: { customer: Customer }) {
  const { t } = useTranslation('customers')
  const admin = useMay('admin')
  const [erasing, setErasing] = useState(false)
  if (!admin) return null
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconDots size={16} />}>
            {t('more')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item color="bad" onClick={() => setErasing(true)}>
            {t('erase.button')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <EraseDialog customer={customer} opened={erasing} onClose={() => setErasing(false)} />
    </>
  )
}
