import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import { Trans, useTranslation } from 'react-i18next'
import { rfmQuery } from '~/api/ask'
import { useMe } from '~/api/session'
import type { Pick, RfmAnswer, RfmGroupName } from '~/api/types'
import { EventField, NameField } from '~/condition/one-line'
import { useWord } from '~/i18n/word'
import { boundsOf } from '~/lib/range'
import { useFormat } from '~/lib/use-format'
import { useNow } from '~/lib/use-now'
import { RFM_SHOWS } from '~/router'
import { DateRange } from '~/ui/date-range'
import { FilterBar } from '~/ui/filter-bar'
import { PageHead, Section } from '~/ui/page'
import { Asking } from '~/ui/asking'
import { Behind } from '~/ui/behind'
import { Empty } from '~/ui/state'
import { Warnings } from '~/ui/warnings'
import { RfmGrid } from './rfm/grid'
import { GroupTable } from './rfm/groups'
import { Moves } from './rfm/moves'
import { Labelled } from '~/ui/labelled'

const route = getRouteApi('/inside/explore/rfm')

/** Who bought lately, often and much: 25 cells, ten groups, and who moved between them. */
export function Rfm() {
  const { t } = useTranslation('rfm')
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const zone = useMe()?.workspace.time_zone ?? 'UTC'
  const now = useNow(60_000)
  const { range, from, to, event, amount, show = 'customers' } = search
  const question = useMemo(
    () => ({
      ...boundsOf({ range, from, to }, zone, now),
      event: event ?? null,
      amount_property: amount ?? null,
    }),
    [range, from, to, zone, now, event, amount],
  )
  const rfm = useQuery(rfmQuery(question))
  // The people are those of the answer that stands here, not of one a minute later.
  const asked = rfm.data ? { ...question, from: rfm.data.from, to: rfm.data.to } : null
  const title = usePickTitle(search.pick)
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  return (
    <>
      <PageHead title={t('title')} answer={rfm.data ? <Sentence rfm={rfm.data} /> : null} />
      <FilterBar>
        <DateRange value={search} onChange={(next) => set({ from: undefined, to: undefined, ...next })} />
        <Labelled label={t('event')}>
          <EventField
            event={event ?? rfm.data?.event ?? ''}
            onChange={(next) => set({ event: next || undefined })}
          />
        </Labelled>
        <Labelled label={t('amount')}>
          <NameField
            label={t('amount')}
            value={amount ?? rfm.data?.amount_property ?? ''}
            names={[]}
            onChange={(next) => set({ amount: next || undefined })}
          />
        </Labelled>
      </FilterBar>
      <Asking of={rfm} rows={10}>
        {(data) =>
          data.customers === 0 ? (
            <Empty title={t('empty.title')} text={t('empty.text', { event: data.event })} />
          ) : (
            <>
              <Warnings of={data.warnings} />
              <Section
                title={t('grid')}
                aside={
                  <SegmentedControl
                    aria-label={t('show')}
                    value={show}
                    onChange={(next) => set({ show: RFM_SHOWS.find((each) => each === next) })}
                    data={RFM_SHOWS.map((each) => ({ value: each, label: t(`show.${each}`) }))}
                  />
                }
              >
                <RfmGrid
                  rfm={data}
                  show={show}
                  chosen={search.group}
                  onChoose={(group, pick) => set({ group, pick })}
                />
              </Section>
              <Section title={t('groups')}>
                <GroupTable rfm={data} chosen={search.group} onPick={(pick) => set({ pick })} />
              </Section>
              <Section title={t('moves')}>
                <Moves rfm={data} onPick={(pick) => set({ pick })} />
              </Section>
            </>
          )
        }
      </Asking>
      <Behind
        picked={search.pick && asked ? { question: { type: 'rfm', ...asked }, pick: search.pick } : undefined}
        title={title}
        onClose={() => set({ pick: undefined })}
      />
    </>
  )
}

/** Who lies open, in the reader's words. */
function usePickTitle(pick: Pick | undefined): string {
  const { t } = useTranslation('rfm')
  const word = useWord()
  if (pick?.type === 'group') return word('group', pick.group)
  if (pick?.type === 'cell') return `R${String(pick.recency)} F${String(pick.frequency)}`
  if (pick?.type !== 'moved') return ''
  const from = pick.from ? word('group', pick.from) : t('notBefore')
  return `${from} → ${pick.to ? word('group', pick.to) : t('goneNow')}`
}

/** Those who used to come and are going: the groups a marketer asks about first. */
const SLIPPING: readonly RfmGroupName[] = ['at_risk', 'cannot_lose', 'about_to_sleep']

function Sentence({ rfm }: { rfm: RfmAnswer }) {
  const { t } = useTranslation('rfm')
  const format = useFormat()
  const word = useWord()
  const best = rfm.groups.toSorted((a, b) => b.numbers.revenue - a.numbers.revenue)[0]
  const slipping = rfm.groups.filter(({ group }) => SLIPPING.includes(group))
  const lost = slipping.reduce((sum, { numbers }) => sum + numbers.customers, 0)
  return (
    <Trans
      t={t}
      i18nKey="answer"
      values={{
        customers: format.number(rfm.customers),
        revenue: format.money(rfm.revenue),
        best: best ? word('group', best.group) : '–',
        share: best ? format.percent(best.numbers.revenue_share) : '–',
        slipping: format.number(lost),
        took: format.milliseconds(rfm.took_ms),
      }}
      components={{ b: <strong /> }}
    />
  )
}
