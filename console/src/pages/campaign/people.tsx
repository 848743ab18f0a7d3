import { Select } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { campaignMessagesList } from '~/api/campaigns'
import { useWord } from '~/i18n/word'
import { FilterBar } from '~/ui/filter-bar'
import { useMessageColumns } from '~/ui/message-columns'
import { PagedTable } from '~/ui/paged'
import { Empty } from '~/ui/state'

const route = getRouteApi('/inside/campaigns/$id')

const OUTCOMES = [
  'send',
  'hold',
  'suppress',
  'sent',
  'delivered',
  'opened',
  'clicked',
  'bounced',
  'failed',
  'complained',
  'unsubscribed',
] as const

const REASONS = [
  'not_eligible',
  'erased',
  'blocked',
  'excluded',
  'no_consent',
  'consent_withdrawn',
  'topic_unsubscribed',
  'unreachable',
  'holdout',
  'quiet_hours',
  'content_failed',
] as const

/** Everybody the campaign was about, each with why. */
export function PerPerson({ id }: { id: string }) {
  const { t } = useTranslation('campaigns')
  const word = useWord()
  const { outcome = '', reason = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: { outcome?: string; reason?: string }) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const list = useMemo(() => campaignMessagesList(id, outcome, reason), [id, outcome, reason])
  const columns = useMessageColumns('campaign')
  return (
    <>
      <FilterBar>
        <Select
          label={t('people.outcome')}
          value={outcome}
          onChange={(next) => set({ outcome: next || undefined, reason: undefined })}
          data={[
            { value: '', label: t('people.all') },
            ...OUTCOMES.map((each) => ({ value: each, label: word('outcome', each) })),
          ]}
        />
        {outcome === 'suppress' ? (
          <Select
            label={t('people.reason')}
            value={reason}
            onChange={(next) => set({ reason: next || undefined })}
            data={[
              { value: '', label: t('people.all') },
              ...REASONS.map((each) => ({ value: each, label: word('reason', each) })),
            ]}
          />
        ) : null}
      </FilterBar>
      <PagedTable
        label={t('tab.people')}
        list={list}
        columns={columns}
        every={3_000}
        empty={<Empty title={t('people.empty')} text={t('people.emptyText')} />}
      />
    </>
  )
}
