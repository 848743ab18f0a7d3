import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import { Trans, useTranslation } from 'react-i18next'
import { trendQuery } from '~/api/ask'
import { audiencesQuery } from '~/api/audiences'
import { dictionaryQuery, entryQuery } from '~/api/data'
import { settingsQuery } from '~/api/settings'
import { useMe } from '~/api/session'
import type { Pick, TrendAnswer, TrendQuestion } from '~/api/types'
import { EventField, NameField } from '~/condition/one-line'
import { before, boundsOf } from '~/lib/range'
import { useFormat } from '~/lib/use-format'
import { useNow } from '~/lib/use-now'
import { BUCKETS, MEASURES } from '~/router'
import { Chart } from '~/ui/chart'
import type { Series } from '~/ui/chart-parts'
import { DateRange } from '~/ui/date-range'
import { FilterBar } from '~/ui/filter-bar'
import { Labelled } from '~/ui/labelled'
import { PageHead } from '~/ui/page'
import { Asking } from '~/ui/asking'
import { Behind } from '~/ui/behind'
import { Empty } from '~/ui/state'
import { Warnings } from '~/ui/warnings'

const route = getRouteApi('/inside/explore/trend')

/** The event to begin with: the workspace's purchase, else whatever comes in most. */
function useFirstEvent(): string {
  const purchase = useQuery(settingsQuery).data?.settings.purchase_event
  const events = useQuery(dictionaryQuery).data?.items
  if (events?.some(({ name }) => name === purchase)) return purchase ?? ''
  return events?.toSorted((a, b) => b.events - a.events)[0]?.name ?? ''
}

/** How a number developed, and whether that is more than before. */
export function Trend() {
  const { t } = useTranslation('trend')
  const search = route.useSearch()
  const first = useFirstEvent()
  const zone = useMe()?.workspace.time_zone ?? 'UTC'
  const now = useNow(60_000)
  const { range, from, to, measure = 'events', property, bucket = 'day', breakdown } = search
  const event = search.event ?? first
  const question = useMemo(
    (): TrendQuestion => ({
      ...boundsOf({ range, from, to }, zone, now),
      event,
      measure,
      bucket,
      property: property ?? null,
      breakdown: breakdown ?? null,
    }),
    [range, from, to, zone, now, event, measure, property, bucket, breakdown],
  )
  const complete = measure === 'events' || measure === 'customers' || property !== undefined
  const trend = useQuery({ ...trendQuery(question), enabled: event !== '' && complete })
  const earlier = trend.data && range !== 'all' ? before(trend.data) : null
  const past = useQuery({
    ...trendQuery({ ...question, ...earlier }),
    enabled: earlier !== null && breakdown === undefined,
  }).data
  const navigate = route.useNavigate()
  // The people are those of the answer that stands here, not of one a minute later.
  const asked = trend.data ? { ...question, from: trend.data.from, to: trend.data.to } : null
  const title = usePickTitle(event, trend.data, search.pick)
  const compared = breakdown === undefined && earlier !== null ? past : undefined
  return (
    <>
      <PageHead
        title={t('title')}
        answer={trend.data ? <Sentence event={event} trend={trend.data} past={compared} /> : null}
      />
      <Controls event={event} />
      {event === '' ? <Empty title={t('empty.title')} text={t('empty.text')} /> : null}
      {complete ? null : <Empty title={t('property.title')} text={t('property.text')} />}
      {event !== '' && complete ? (
        <Asking of={trend} rows={9}>
          {(data) => (
            <>
              <Warnings of={data.warnings} />
              <Drawn event={event} trend={data} past={compared} />
            </>
          )}
        </Asking>
      ) : null}
      <Behind
        picked={
          search.pick && asked ? { question: { type: 'trend', ...asked }, pick: search.pick } : undefined
        }
        title={title}
        onClose={() => void navigate({ search: (was) => ({ ...was, pick: undefined }), replace: true })}
      />
    </>
  )
}

/** Who lies open, in the reader's words. */
function usePickTitle(event: string, trend: TrendAnswer | undefined, pick: Pick | undefined): string {
  const { t } = useTranslation('trend')
  const format = useFormat()
  if (pick?.type !== 'point') return event
  const line = trend?.lines[pick.line ?? 0]
  const at = trend?.buckets[pick.bucket ?? -1]
  const parts = [event, line?.value ?? (line?.other ? t('other') : null), at ? format.date(at) : null]
  return parts.filter((part) => part !== null).join(' · ')
}

function Controls({ event }: { event: string }) {
  const { t } = useTranslation('trend')
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const properties = useQuery(entryQuery(event)).data?.properties.map(({ name }) => name) ?? []
  const audiences = useQuery(audiencesQuery).data?.items.map(({ name }) => `audience:${name}`) ?? []
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const { measure = 'events', bucket = 'day' } = search
  return (
    <FilterBar>
      <Labelled label={t('event')}>
        <EventField event={event} onChange={(next) => set({ event: next || undefined })} />
      </Labelled>
      <Select
        label={t('measure')}
        size="xs"
        w={168}
        value={measure}
        onChange={(next) => set({ measure: MEASURES.find((each) => each === next) })}
        data={MEASURES.map((each) => ({ value: each, label: t(`measure.${each}`) }))}
      />
      {measure === 'sum' || measure === 'average' ? (
        <Labelled label={t('of')}>
          <NameField
            label={t('of')}
            value={search.property ?? ''}
            names={properties}
            onChange={(next) => set({ property: next || undefined })}
          />
        </Labelled>
      ) : null}
      <Select
        label={t('bucket')}
        size="xs"
        w={112}
        value={bucket}
        onChange={(next) => set({ bucket: BUCKETS.find((each) => each === next) })}
        data={BUCKETS.map((each) => ({ value: each, label: t(`bucket.${each}`) }))}
      />
      <Labelled label={t('breakdown')}>
        <NameField
          label={t('breakdown')}
          value={search.breakdown ?? ''}
          names={[...properties, ...audiences]}
          onChange={(next) => set({ breakdown: next || undefined })}
        />
      </Labelled>
      <DateRange value={search} onChange={(next) => set({ from: undefined, to: undefined, ...next })} />
    </FilterBar>
  )
}

interface TrendProps {
  event: string
  trend: TrendAnswer
  past: TrendAnswer | undefined
}

function Sentence({ event, trend, past }: TrendProps) {
  const { t } = useTranslation('trend')
  const format = useFormat()
  const { measure = 'events' } = route.useSearch()
  const total = sum(trend)
  const was = past ? sum(past) : null
  const change = was !== null && was !== 0 ? total / was - 1 : null
  const values = { event, total: format.decimal(total, 1), what: t(`measure.${measure}`) }
  return (
    <>
      <Trans t={t} i18nKey="answer" values={values} components={{ b: <strong /> }} />{' '}
      {change === null ? '' : t(change >= 0 ? 'more' : 'less', { share: format.percent(Math.abs(change)) })}{' '}
      {t('took', { took: format.milliseconds(trend.took_ms) })}
    </>
  )
}

function sum({ lines }: TrendAnswer): number {
  return lines.reduce((all, { total }) => all + (total ?? 0), 0)
}

function Drawn({ event, trend, past }: TrendProps) {
  const { t } = useTranslation('trend')
  const format = useFormat()
  const { measure = 'events', as } = route.useSearch()
  const navigate = route.useNavigate()
  const ticks = useMemo(() => trend.buckets.map((at) => format.date(at)), [trend, format])
  const series = useMemo(() => {
    const lines = trend.lines.map(({ value, other, points }): Series => ({
      name: other ? t('other') : (value ?? event),
      points,
    }))
    const line = past?.lines[0]
    return line
      ? [...lines, { name: t('past'), points: line.points.slice(0, trend.buckets.length), past: true }]
      : lines
  }, [trend, past, event, t])
  return (
    <Chart
      label={`${event} · ${t(`measure.${measure}`)}`}
      ticks={ticks}
      series={series}
      unit={measure === 'events' || measure === 'customers' ? t(`unit.${measure}`) : ''}
      table={as === 'table'}
      onTable={(table) =>
        void navigate({ search: (now) => ({ ...now, as: table ? 'table' : undefined }), replace: true })
      }
      onPick={(line, bucket) =>
        void navigate({
          search: (now) => ({ ...now, pick: { type: 'point', line, bucket } }),
          replace: true,
        })
      }
    />
  )
}
