import { NumberInput, Select, SimpleGrid, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { audiencesQuery } from '~/api/audiences'
import { useZone } from '~/api/session'
import { CHANNELS, PURPOSES, type CampaignDraft } from '~/api/types'
import { useWord } from '~/i18n/word'
import { fromLocal, toLocal } from '~/lib/range'
import { useFormat } from '~/lib/use-format'

interface PlanProps {
  draft: CampaignDraft
  onChange: (draft: CampaignDraft) => void
}

/** To whom, why, when, and how many are left alone to measure the difference. */
export function Plan({ draft, onChange }: PlanProps) {
  const { t } = useTranslation('campaigns')
  const word = useWord()
  const set = (change: Partial<CampaignDraft>) => onChange({ ...draft, ...change })
  const orNothing = (text: string) => (text === '' ? null : text)
  const count = (value: string | number) => (value === '' ? null : Number(value))
  return (
    <SimpleGrid cols={2}>
      <TextInput
        label={t('name')}
        value={draft.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <AudienceField draft={draft} onChange={onChange} />
      <Select
        label={t('purpose')}
        value={draft.purpose}
        onChange={(value) => set({ purpose: PURPOSES.find((each) => each === value) ?? draft.purpose })}
        data={PURPOSES.map((each) => ({ value: each, label: word('purpose', each) }))}
      />
      <Select
        label={t('channel')}
        value={draft.channel}
        onChange={(value) => set({ channel: CHANNELS.find((each) => each === value) ?? draft.channel })}
        data={(['email', 'webhook'] as const).map((each) => ({ value: each, label: word('channel', each) }))}
      />
      <TextInput
        label={t('topic')}
        value={draft.topic ?? ''}
        onChange={(event) => set({ topic: orNothing(event.currentTarget.value) })}
      />
      <SendAt draft={draft} onChange={onChange} />
      <NumberInput
        label={t('holdout')}
        suffix=" %"
        min={0}
        max={50}
        value={draft.holdout_percent}
        onChange={(value) => set({ holdout_percent: Number(value) })}
      />
      <NumberInput
        label={t('rate')}
        placeholder={t('rateNone')}
        min={1}
        allowDecimal={false}
        value={draft.messages_per_minute_max ?? ''}
        onChange={(value) => set({ messages_per_minute_max: count(value) })}
      />
    </SimpleGrid>
  )
}

function AudienceField({ draft, onChange }: PlanProps) {
  const { t } = useTranslation('campaigns')
  const format = useFormat()
  const audiences = useQuery(audiencesQuery).data?.items ?? []
  const known = audiences.map(({ name, customers }) => ({
    value: name,
    label: customers == null ? name : `${name} · ${format.number(customers)}`,
  }))
  const missing = draft.audience != null && !known.some(({ value }) => value === draft.audience)
  return (
    <Select
      label={t('audience')}
      searchable
      clearable
      value={draft.audience ?? null}
      onChange={(audience) => onChange({ ...draft, audience })}
      data={missing ? [...known, { value: draft.audience ?? '', label: draft.audience ?? '' }] : known}
    />
  )
}

function SendAt({ draft, onChange }: PlanProps) {
  const { t } = useTranslation('campaigns')
  const zone = useZone()
  return (
    <TextInput
      type="datetime-local"
      label={t('sendAt', { zone })}
      value={draft.send_at ? toLocal(draft.send_at, zone) : ''}
      onChange={(event) => {
        const { value } = event.currentTarget
        onChange({ ...draft, send_at: value === '' ? null : fromLocal(value, zone) })
      }}
    />
  )
}
