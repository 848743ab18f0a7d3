import { Autocomplete, Select, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { audiencesQuery } from '~/api/audiences'
import { dictionaryQuery } from '~/api/data'
import { CHANNELS, PURPOSES, type Channel, type Purpose } from '~/api/types'
import { useWord } from '~/i18n/word'
import type { Condition, Did, Edge } from '~/lib/condition'
import { MostlyFields, UsualHourFields } from './habit'
import { MeasureFields } from './measure'
import { LastPlaceFields, PlaceFields } from './place'
import { SequenceFields } from './sequence'
import { TestFields } from './test'
import { Where } from './where'
import { WindowFields } from './window'

export interface OneLineProps<T> {
  of: T
  onChange: (of: Condition) => void
}

/** The fields of one condition. */
export function OneLine({ of, onChange }: OneLineProps<Condition>) {
  const { t } = useTranslation('condition')
  switch (of.type) {
    case 'did':
      return <DidFields of={of} onChange={onChange} />
    case 'first_did':
    case 'last_did':
      return <EdgeFields of={of} onChange={onChange} />
    case 'sequence':
      return <SequenceFields of={of} onChange={onChange} />
    case 'mostly':
      return <MostlyFields of={of} onChange={onChange} />
    case 'usual_hour':
      return <UsualHourFields of={of} onChange={onChange} />
    case 'last_place':
      return <LastPlaceFields of={of} onChange={onChange} />
    case 'trait_place':
      return (
        <>
          <Text size="sm">{t('kind.trait_place')}</Text>
          <PlaceFields place={of.place} onChange={(place) => onChange({ ...of, place })} />
        </>
      )
    case 'trait':
      return (
        <>
          <NameField
            label={t('trait')}
            value={of.name}
            names={[]}
            onChange={(name) => onChange({ ...of, name })}
          />
          <TestFields test={of.test} onChange={(test) => onChange({ ...of, test })} />
        </>
      )
    case 'reachable':
      return (
        <>
          <Text size="sm">{t('kind.reachable')}</Text>
          <ChannelField
            channel={of.channel}
            onChange={(channel) => onChange({ type: 'reachable', channel })}
          />
        </>
      )
    case 'consented':
      return (
        <>
          <Text size="sm">{t('kind.consented')}</Text>
          <PurposeField purpose={of.purpose} onChange={(purpose) => onChange({ ...of, purpose })} />
          <ChannelField channel={of.channel} onChange={(channel) => onChange({ ...of, channel })} />
        </>
      )
    case 'subscribed':
      return (
        <NameField
          label={t('topic')}
          value={of.topic}
          names={[]}
          onChange={(topic) => onChange({ ...of, topic })}
        />
      )
    case 'member':
      return <MemberField audience={of.audience} onChange={(audience) => onChange({ ...of, audience })} />
    default:
      return (
        <Text size="sm" c="dimmed">
          {t('other', { type: of.type })}
        </Text>
      )
  }
}

function DidFields({ of, onChange }: OneLineProps<Did>) {
  const { t } = useTranslation('condition')
  return (
    <>
      <Text size="sm">{t('kind.did')}</Text>
      <EventField event={of.event} onChange={(event) => onChange({ ...of, event })} />
      <MeasureFields
        event={of.event}
        measure={of.measure}
        onChange={(measure) => onChange({ ...of, measure })}
      />
      <WindowFields window={of.window} onChange={(window) => onChange({ ...of, window })} />
      <Where event={of.event} where={of.where} onChange={(where) => onChange({ ...of, where })} />
    </>
  )
}

function EdgeFields({ of, onChange }: OneLineProps<Edge>) {
  const { t } = useTranslation('condition')
  return (
    <>
      <Text size="sm">{t(`kind.${of.type}`)}</Text>
      <EventField event={of.event} onChange={(event) => onChange({ ...of, event })} />
      <WindowFields window={of.window} onChange={(window) => onChange({ ...of, window })} />
      <Where event={of.event} where={of.where} onChange={(where) => onChange({ ...of, where })} />
    </>
  )
}

interface NameFieldProps {
  label: string
  value: string
  names: readonly string[]
  placeholder?: string
  onChange: (value: string) => void
}

/** A name: one of those that are known, or any other. */
export function NameField({ label, value, names, placeholder, onChange }: NameFieldProps) {
  return (
    <Autocomplete
      aria-label={label}
      placeholder={placeholder ?? label}
      size="xs"
      w={184}
      value={value}
      data={[...new Set(names)]}
      limit={50}
      onChange={onChange}
    />
  )
}

interface EventFieldProps {
  event: string
  /** Said while no event is chosen. */
  placeholder?: string
  onChange: (event: string) => void
}

export function EventField({ event, placeholder, onChange }: EventFieldProps) {
  const { t } = useTranslation('condition')
  const names = useQuery(dictionaryQuery).data?.items.map(({ name }) => name) ?? []
  return (
    <NameField label={t('event')} placeholder={placeholder} value={event} names={names} onChange={onChange} />
  )
}

function MemberField({ audience, onChange }: { audience: string; onChange: (audience: string) => void }) {
  const { t } = useTranslation('condition')
  const names = useQuery(audiencesQuery).data?.items.map(({ name }) => name) ?? []
  return (
    <>
      <Text size="sm">{t('kind.member')}</Text>
      <NameField label={t('audience')} value={audience} names={names} onChange={onChange} />
    </>
  )
}

interface ChannelFieldProps {
  channel: Channel | undefined
  onChange: (channel: Channel | undefined) => void
}

function ChannelField({ channel, onChange }: ChannelFieldProps) {
  const { t } = useTranslation('condition')
  const word = useWord()
  return (
    <Select
      aria-label={t('channel')}
      size="xs"
      w={160}
      value={channel ?? ''}
      onChange={(value) => onChange(CHANNELS.find((each) => each === value))}
      data={[
        { value: '', label: t('anyChannel') },
        ...CHANNELS.map((each) => ({ value: each, label: word('channel', each) })),
      ]}
    />
  )
}

function PurposeField({ purpose, onChange }: { purpose: Purpose; onChange: (purpose: Purpose) => void }) {
  const { t } = useTranslation('condition')
  const word = useWord()
  return (
    <Select
      aria-label={t('purpose')}
      size="xs"
      w={160}
      value={purpose}
      onChange={(value) => onChange(PURPOSES.find((each) => each === value) ?? purpose)}
      data={PURPOSES.map((each) => ({ value: each, label: word('purpose', each) }))}
    />
  )
}
