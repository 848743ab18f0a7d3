import { NumberInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { useMemo } from 'react'
import { Trans, useTranslation } from 'react-i18next'
import { entryQuery } from '~/api/data'
import type { EventInput, Pick, TrendAnswer } from '~/api/types'
import { NameField } from '~/condition/one-line'
import { BUCKETS, MEASURES } from '~/lib/question'
import { useFormat } from '~/lib/use-format'
import { Chart } from '~/ui/chart'
import type { Series } from '~/ui/chart-parts'
import { Labelled } from '~/ui/labelled'
import { Empty } from '~/ui/state'
import { Breakdown, Choice } from './explore/controls'
import { Events } from './explore/events'
import { QuestionPage, type Shown } from './explore/question-page'
import { useNames, useQuestion, useUrl } from './explore/use-question'

type Measure = (typeof MEASURES)[number]

/** Whether what is counted is a number in a property of the events. */
function isMeasured(measure: Measure): boolean {
  return measure !== 'events' && measure !== 'customers'
}

/** How a number developed, and whether that is more than before. */
export function Trend() {
  const { t } = useTranslation('trend')
  const [search, set] = useUrl<'trend'>()
  const names = useNames()
  const { measure = 'events', percentile = 50, breakdown, range } = search
  const first = search.event ?? names.purchase ?? names.others[0] ?? ''
  const events = search.events ?? [{ event: first, ...(search.where ? { where: search.where } : {}) }]
  const named = events.filter(({ event }) => event !== '')
  // A line alone is told apart from what it was; many lines have each other.
  const alone = named.length === 1 && breakdown === undefined && range !== 'all'
  const question = useQuestion('trend', {
    ...search,
    ...asked(named),
    percentile: measure === 'percentile' ? percentile : undefined,
    compare: search.compare ?? (alone ? 'previous' : undefined),
  })
  const complete = !isMeasured(measure) || search.property !== undefined
  const title = usePickTitle()
  return (
    <QuestionPage
      kind="trend"
      title={t('title')}
      question={named.length > 0 && complete ? question : undefined}
      missing={
        complete ? (
          <Empty title={t('empty.title')} text={t('empty.text')} />
        ) : (
          <Empty title={t('property.title')} text={t('property.text')} />
        )
      }
      controls={<Controls event={named[0]?.event ?? ''} />}
      more={<Events events={events} onChange={(next) => set(asked(next))} />}
      sentence={(shown) => <Sentence {...shown} />}
      pickTitle={title}
      rows={9}
    >
      {(shown) => <Drawn {...shown} />}
    </QuestionPage>
  )
}

/** One event stands in the question by itself, several in a list. */
function asked(events: EventInput[]): { event?: string; where?: EventInput['where']; events?: EventInput[] } {
  const [first] = events
  return events.length > 1
    ? { events, event: undefined, where: undefined }
    : { events: undefined, event: first?.event || undefined, where: first?.where }
}

function Controls({ event }: { event: string }) {
  const { t } = useTranslation('trend')
  const [search, set] = useUrl<'trend'>()
  const properties = useQuery(entryQuery(event)).data?.properties.map(({ name }) => name) ?? []
  const { measure = 'events' } = search
  return (
    <>
      <Choice
        label={t('measure')}
        width={184}
        value={measure}
        choices={MEASURES.map((each) => [each, t(`measure.${each}`)])}
        onChange={(next) => set({ measure: next })}
      />
      {measure === 'percentile' ? (
        <NumberInput
          label={t('percentile')}
          size="xs"
          w={92}
          min={0}
          max={100}
          value={search.percentile ?? 50}
          onChange={(next) => set({ percentile: Math.min(100, Math.max(0, Number(next))) })}
        />
      ) : null}
      {isMeasured(measure) ? (
        <Labelled label={t('of')}>
          <NameField
            label={t('of')}
            value={search.property ?? ''}
            names={properties}
            onChange={(next) => set({ property: next || undefined })}
          />
        </Labelled>
      ) : null}
      <Choice
        label={t('bucket')}
        width={112}
        value={search.bucket ?? 'day'}
        choices={BUCKETS.map((each) => [each, t(`bucket.${each}`)])}
        onChange={(bucket) => set({ bucket })}
      />
      <Breakdown event={event} breakdown={search.breakdown} onChange={(breakdown) => set({ breakdown })} />
    </>
  )
}

type Say = TFunction<'trend'>

/** What a line is called: its event when there are several, its value when it is broken down. */
function lineName({ lines }: TrendAnswer, at: number, t: Say): string {
  const line = lines[at]
  if (!line) return ''
  const several = lines.some(({ event }) => event !== line.event)
  const broken = lines.filter(({ event }) => event === line.event).length > 1
  const value = line.value ?? (line.other ? t('other') : broken ? t('noValue') : null)
  const parts = [several || value === null ? line.event : null, value]
  return parts.filter((part) => part !== null).join(' · ')
}

/** Who lies open, in the reader's words. */
function usePickTitle(): (trend: TrendAnswer, pick: Pick) => string {
  const { t } = useTranslation('trend')
  const format = useFormat()
  return (trend, pick) => {
    if (pick.type !== 'point') return ''
    const event = trend.lines[pick.line ?? 0]?.event ?? ''
    const name = lineName(trend, pick.line ?? 0, t)
    const at = trend.buckets[pick.bucket ?? -1]
    return [event, name === event ? null : name, at ? format.date(at) : null].filter(Boolean).join(' · ')
  }
}

/** Numbers that add up from line to line. */
const ADDITIVE: readonly Measure[] = ['events', 'sum']

/** What all lines are together; nothing where that would be no number of anything. */
function total({ lines }: TrendAnswer, measure: Measure): number | null {
  const totals = lines.map((line) => line.total ?? 0)
  if (totals.length === 1) return totals[0] ?? null
  return ADDITIVE.includes(measure) ? totals.reduce((all, each) => all + each, 0) : null
}

function Sentence({ answer, past }: Shown<'trend'>) {
  const { t } = useTranslation('trend')
  const format = useFormat()
  const [{ measure = 'events' }] = useUrl<'trend'>()
  const all = total(answer, measure)
  const was = past ? total(past.answer, measure) : null
  const change = all === null || !was ? null : all / was - 1
  const than = { share: format.percent(Math.abs(change ?? 0)), name: past?.name ?? '' }
  const first = answer.lines[0]
  const values = {
    event: all === null ? lineName(answer, 0, t) : eventsOf(answer),
    total: format.decimal(all ?? first?.total ?? 0, 1),
    what: t(`measure.${measure}`),
  }
  return (
    <>
      <Trans
        t={t}
        i18nKey={all === null ? 'answer.first' : 'answer'}
        values={values}
        components={{ b: <strong /> }}
      />{' '}
      {change === null ? '' : t(change >= 0 ? 'more' : 'less', than)}{' '}
      {t('took', { took: format.milliseconds(answer.took_ms) })}
    </>
  )
}

function eventsOf({ lines }: TrendAnswer): string {
  return [...new Set(lines.map(({ event }) => event))].join(', ')
}

function Drawn({ answer, past, table, onTable, onPick }: Shown<'trend'>) {
  const { t } = useTranslation('trend')
  const format = useFormat()
  const [{ measure = 'events' }] = useUrl<'trend'>()
  const ticks = useMemo(() => answer.buckets.map((at) => format.date(at)), [answer, format])
  const [before, beforeName] = [past?.answer, past?.name]
  const series = useMemo(() => {
    const drawn = answer.lines.map(({ points }, at): Series => ({ name: lineName(answer, at, t), points }))
    const compared = before?.lines.map(({ points }, at): Series => ({
      name: [answer.lines.length > 1 ? lineName(before, at, t) : '', beforeName].filter(Boolean).join(' · '),
      points: points.slice(0, answer.buckets.length),
      past: true,
    }))
    return [...drawn, ...(compared ?? [])]
  }, [answer, before, beforeName, t])
  return (
    <Chart
      label={`${eventsOf(answer)} · ${t(`measure.${measure}`)}`}
      ticks={ticks}
      series={series}
      unit={measure === 'events' || measure === 'customers' ? t(`unit.${measure}`) : ''}
      table={table}
      onTable={onTable}
      onPick={(line, bucket) => onPick({ type: 'point', line, bucket })}
    />
  )
}
