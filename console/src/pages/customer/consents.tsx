import { Button, Group, Select, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { recordConsent } from '~/api/customers'
import { useMay } from '~/api/session'
import { CHANNELS, PURPOSES, type Customer, type Purpose } from '~/api/types'
import { useWord } from '~/i18n/word'
import { useFormat } from '~/lib/use-format'
import { Section } from '~/ui/page'
import { Table, type Column } from '~/ui/table'
import { Failed } from '~/ui/state'
import { Mark } from '~/ui/mark'

type Consent = Customer['consents'][number]
type Topic = Customer['topics'][number]
type Address = Customer['addresses'][number]

/** What a customer said yes and no to, and where they can be reached. */
export function Consents({ customer }: { customer: Customer }) {
  const { t } = useTranslation('customers')
  const format = useFormat()
  const word = useWord()
  const consents = useMemo(
    (): Column<Consent>[] => [
      {
        accessorKey: 'purpose',
        header: t('consent.purpose'),
        cell: ({ row }) => word('purpose', row.original.purpose),
      },
      {
        id: 'channel',
        header: t('consent.channel'),
        cell: ({ row: { original } }) =>
          original.channel ? word('channel', original.channel) : t('consent.every'),
      },
      { id: 'given', header: t('consent.said'), cell: ({ row }) => <YesNo yes={row.original.given} /> },
      { id: 'at', header: t('consent.at'), cell: ({ row }) => format.dateTime(row.original.at) },
      { id: 'proof', header: t('consent.proof'), cell: ({ row }) => word('door', row.original.proof) },
    ],
    [t, format, word],
  )
  const topics = useMemo(
    (): Column<Topic>[] => [
      { accessorKey: 'topic', header: t('consent.topic') },
      {
        id: 'subscribed',
        header: t('consent.said'),
        cell: ({ row }) => <YesNo yes={row.original.subscribed} />,
      },
      { id: 'at', header: t('consent.at'), cell: ({ row }) => format.dateTime(row.original.at) },
    ],
    [t, format],
  )
  const addresses = useMemo(
    (): Column<Address>[] => [
      {
        accessorKey: 'channel',
        header: t('consent.channel'),
        cell: ({ row }) => word('channel', row.original.channel),
      },
      {
        accessorKey: 'address',
        header: t('consent.address'),
        cell: ({ row }) => <span className="break">{row.original.address}</span>,
      },
      {
        accessorKey: 'state',
        header: t('message.state'),
        cell: ({ row }) => word('address', row.original.state),
      },
    ],
    [t, word],
  )
  return (
    <>
      <Section title={t('consent.title')}>
        {customer.consents.length > 0 ? (
          <Table label={t('consent.title')} rows={customer.consents} columns={consents} />
        ) : (
          t('consent.none')
        )}
        <Record id={customer.id} />
      </Section>
      {customer.topics.length > 0 ? (
        <Section title={t('consent.topics')}>
          <Table label={t('consent.topics')} rows={customer.topics} columns={topics} />
        </Section>
      ) : null}
      <Section title={t('consent.addresses')}>
        <Table label={t('consent.addresses')} rows={customer.addresses} columns={addresses} />
      </Section>
    </>
  )
}

function YesNo({ yes }: { yes: boolean }) {
  const { t } = useTranslation('customers')
  return <Mark tone={yes ? 'good' : 'bad'}>{t(yes ? 'consent.yes' : 'consent.no')}</Mark>
}

/** A yes or no that the customer gave in person. */
function Record({ id }: { id: string }) {
  const { t } = useTranslation('customers')
  const word = useWord()
  const may = useMay('marketer')
  const [purpose, setPurpose] = useState<Purpose>('marketing')
  const [channel, setChannel] = useState('')
  const [given, setGiven] = useState('yes')
  const [proof, setProof] = useState('')
  const save = useMutation({
    mutationFn: () =>
      recordConsent(id, {
        purpose,
        channel: CHANNELS.find((each) => each === channel) ?? null,
        given: given === 'yes',
        proof,
      }),
    onSuccess: () => {
      setProof('')
      notifications.show({ message: t('consent.saved') })
    },
  })
  if (!may) return null
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Group gap="xs" mt="md" align="flex-end">
        <Select
          label={t('consent.purpose')}
          w={160}
          value={purpose}
          onChange={(value) => setPurpose(PURPOSES.find((each) => each === value) ?? purpose)}
          data={PURPOSES.map((each) => ({ value: each, label: word('purpose', each) }))}
        />
        <Select
          label={t('consent.channel')}
          w={160}
          value={channel}
          onChange={(value) => setChannel(value ?? '')}
          data={[
            { value: '', label: t('consent.every') },
            ...CHANNELS.map((each) => ({ value: each, label: word('channel', each) })),
          ]}
        />
        <Select
          label={t('consent.said')}
          w={104}
          value={given}
          onChange={(value) => setGiven(value ?? 'yes')}
          data={[
            { value: 'yes', label: t('consent.yes') },
            { value: 'no', label: t('consent.no') },
          ]}
        />
        <TextInput
          label={t('consent.words')}
          w={280}
          required
          withAsterisk={false}
          value={proof}
          onChange={(event) => setProof(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" variant="default" loading={save.isPending}>
          {t('consent.record')}
        </Button>
      </Group>
      {save.error ? <Failed error={save.error} /> : null}
    </form>
  )
}
