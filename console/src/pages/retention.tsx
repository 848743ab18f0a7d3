import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import { Trans, useTranslation } from 'react-i18next'
import { retentionQuery } from '~/api/ask'
import { entryQuery } from '~/api/data'
import type { Pick, RetentionAnswer, RetentionQuestion } from '~/api/types'
import { EventField, NameField } from '~/condition/one-line'
import { useFormat } from '~/lib/use-format'
import { BUCKETS, COUNTINGS } from '~/router'
import { Asking } from '~/ui/asking'
import { Behind } from '~/ui/behind'
import { DateRange } from '~/ui/date-range'
import { FilterBar } from '~/ui/filter-bar'
import { Labelled } from '~/ui/labelled'
import { PageHead } from '~/ui/page'
import { Empty } from '~/ui/state'
import { Warnings } from '~/ui/warnings'
import { Heat } from './explore/heat'
import { useBounds } from './explore/use-question'

const route = getRouteApi('/inside/explore/retention')

/** Of those who began in a period, how many came back. */
export function Retention() {
  const { t } = useTranslation('retention')
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { start, back, period = 'week', counting = 'calendar', breakdown, pick } = search
  const bounds = useBounds({ ...search, range: search.range ?? '90d' })
  const question = useMemo(
    (): RetentionQuestion => ({
      ...bounds,
      start: start ? { event: start } : null,
      back: back ? { event: back } : null,
      period,
      counting,
      breakdown: breakdown ?? null,
    }),
    [bounds, start, back, period, counting, breakdown],
  )
  const retention = useQuery(retentionQuery(question))
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  // The people are those of the answer that stands here, not of one a minute later.
  const asked = retention.data ? { ...question, from: retention.data.from, to: retention.data.to } : null
  const title = useTitle(retention.data, pick)
  return (
    <>
      <PageHead title={t('title')} answer={retention.data ? <Sentence retention={retention.data} /> : null} />
      <Controls />
      <Asking of={retention} rows={10}>
        {(data) => (
          <>
            <Warnings of={data.warnings} />
            {data.lines.every(({ customers }) => customers === 0) ? (
              <Empty title={t('empty.title')} text={t('empty.text')} />
            ) : (
              <Heat
                retention={data}
                period={period}
                table={search.as === 'table'}
                onTable={(table) => set({ as: table ? 'table' : undefined })}
                onPick={(next) => set({ pick: next })}
              />
            )}
          </>
        )}
      </Asking>
      <Behind
        picked={pick && asked ? { question: { type: 'retention', ...asked }, pick } : undefined}
        title={title}
        onClose={() => set({ pick: undefined })}
      />
    </>
  )
}

function Controls() {
  const { t } = useTranslation('retention')
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const properties = useQuery(entryQuery(search.start ?? '')).data?.properties.map(({ name }) => name) ?? []
  return (
    <FilterBar>
      <Labelled label={t('start')}>
        <EventField
          event={search.start ?? ''}
          placeholder={t('anything')}
          onChange={(next) => set({ start: next || undefined })}
        />
      </Labelled>
      <Labelled label={t('back')}>
        <EventField
          event={search.back ?? ''}
          placeholder={t('anything')}
          onChange={(next) => set({ back: next || undefined })}
        />
      </Labelled>
      <Select
        label={t('period')}
        size="xs"
        w={112}
        value={search.period ?? 'week'}
        onChange={(next) => set({ period: BUCKETS.find((each) => each === next) })}
        data={BUCKETS.map((each) => ({ value: each, label: t(`period.${each}`) }))}
      />
      <Select
        label={t('counting')}
        size="xs"
        w={208}
        value={search.counting ?? 'calendar'}
        onChange={(next) => set({ counting: COUNTINGS.find((each) => each === next) })}
        data={COUNTINGS.map((each) => ({ value: each, label: t(`counting.${each}`) }))}
      />
      <Labelled label={t('breakdown')}>
        <NameField
          label={t('breakdown')}
          value={search.breakdown ?? ''}
          names={properties}
          onChange={(next) => set({ breakdown: next || undefined })}
        />
      </Labelled>
      <DateRange
        value={{ ...search, range: search.range ?? '90d' }}
        onChange={(next) => set({ from: undefined, to: undefined, ...next })}
      />
    </FilterBar>
  )
}

function Sentence({ retention }: { retention: RetentionAnswer }) {
  const { t } = useTranslation('retention')
  const format = useFormat()
  const { period = 'week' } = route.useSearch()
  const customers = retention.lines.reduce((sum, line) => sum + line.customers, 0)
  const next = retention.lines[0]?.shares[1]
  const values = {
    customers: format.number(customers),
    share: next == null ? '–' : format.percent(next),
    took: format.milliseconds(retention.took_ms),
    period: t(`one.${period}`),
  }
  return <Trans t={t} i18nKey="answer" values={values} components={{ b: <strong /> }} />
}

/** Who lies open, in the reader's words. */
function useTitle(retention: RetentionAnswer | undefined, pick: Pick | undefined): string {
  const { t } = useTranslation('retention')
  const format = useFormat()
  const { period = 'week' } = route.useSearch()
  if (!pick || !('cohort' in pick)) return ''
  const line = retention?.lines[pick.line ?? 0]
  const start = line?.cohorts[pick.cohort]?.start
  const values = {
    start: start ? format.date(start) : '',
    later: 'period' in pick ? t(`later.${period}`, { count: pick.period }) : '',
  }
  const title = t(`people.${pick.type}`, values)
  return line?.value ? `${title} · ${line.value}` : title
}
