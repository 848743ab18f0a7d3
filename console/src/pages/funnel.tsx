import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import { Trans, useTranslation } from 'react-i18next'
import { funnelQuery } from '~/api/ask'
import { entryQuery } from '~/api/data'
import type { FunnelAnswer, FunnelOrder, FunnelQuestion, Pick } from '~/api/types'
import { NameField } from '~/condition/one-line'
import { SpanFields } from '~/condition/window'
import { spanOf, spanText } from '~/lib/condition'
import { funnelStep, type Step } from '~/lib/explore'
import { useFormat } from '~/lib/use-format'
import { Asking } from '~/ui/asking'
import { Behind } from '~/ui/behind'
import { DateRange } from '~/ui/date-range'
import { FilterBar } from '~/ui/filter-bar'
import { Labelled } from '~/ui/labelled'
import { PageHead, Section } from '~/ui/page'
import { Empty } from '~/ui/state'
import { Warnings } from '~/ui/warnings'
import { FunnelBars } from './explore/funnel-bars'
import { Steps } from './explore/steps'
import { useBounds, useNames, type Names } from './explore/use-question'

const route = getRouteApi('/inside/explore/funnel')

const ORDERS: readonly FunnelOrder[] = ['ordered', 'strict', 'any']
const DAY_7 = { amount: 7, unit: 'day' } as const

/** What happens most, then the purchase: a funnel to begin with. */
function firstSteps({ purchase, others }: Names): Step[] {
  const before = others.slice(0, purchase ? 2 : 3)
  return [...before, ...(purchase ? [purchase] : [])].map((event) => ({ event }))
}

/** How far people come along steps, and who leaves where. */
export function Funnel() {
  const { t } = useTranslation('funnel')
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const names = useNames()
  const bounds = useBounds(search)
  const steps = search.steps ?? firstSteps(names)
  const question = useMemo(
    (): FunnelQuestion => ({
      ...bounds,
      steps: (search.steps ?? firstSteps(names)).filter(({ event }) => event !== '').map(funnelStep),
      within: search.within ?? null,
      order: search.order ?? 'ordered',
      breakdown: search.breakdown ?? null,
    }),
    [bounds, search.steps, search.within, search.order, search.breakdown, names],
  )
  const funnel = useQuery({ ...funnelQuery(question), enabled: question.steps.length > 0 })
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const pick = search.pick
  // The people are those of the answer that stands here, not of one a minute later.
  const asked = funnel.data ? { ...question, from: funnel.data.from, to: funnel.data.to } : null
  return (
    <>
      <PageHead title={t('title')} answer={funnel.data ? <Sentence funnel={funnel.data} /> : null} />
      <Controls />
      <Section title={t('steps')}>
        <Steps steps={steps} onChange={(next) => set({ steps: next })} />
      </Section>
      {names.known && question.steps.length === 0 ? (
        <Empty title={t('empty.title')} text={t('empty.text')} />
      ) : (
        <Section title={t('answer.title')}>
          <Asking of={funnel} rows={9}>
            {(data) => (
              <>
                <Warnings of={data.warnings} />
                <FunnelBars
                  funnel={data}
                  table={search.as === 'table'}
                  onTable={(table) => set({ as: table ? 'table' : undefined })}
                  onPick={(next) => set({ pick: next })}
                />
              </>
            )}
          </Asking>
        </Section>
      )}
      <Behind
        picked={pick && asked ? { question: { type: 'funnel', ...asked }, pick } : undefined}
        title={useTitle(funnel.data, pick)}
        onClose={() => set({ pick: undefined })}
      />
    </>
  )
}

function Controls() {
  const { t } = useTranslation('funnel')
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const first = search.steps?.[0]?.event ?? ''
  const properties = useQuery(entryQuery(first)).data?.properties.map(({ name }) => name) ?? []
  return (
    <FilterBar>
      <Labelled label={t('within')}>
        <div style={{ display: 'flex', gap: 8 }}>
          <SpanFields
            span={spanOf(search.within ?? '') ?? DAY_7}
            onChange={(span) => set({ within: spanText(span) })}
          />
        </div>
      </Labelled>
      <Select
        label={t('order')}
        size="xs"
        w={208}
        value={search.order ?? 'ordered'}
        onChange={(next) => set({ order: ORDERS.find((each) => each === next) })}
        data={ORDERS.map((each) => ({ value: each, label: t(`order.${each}`) }))}
      />
      <Labelled label={t('breakdown')}>
        <NameField
          label={t('breakdown')}
          value={search.breakdown ?? ''}
          names={properties}
          onChange={(next) => set({ breakdown: next || undefined })}
        />
      </Labelled>
      <DateRange value={search} onChange={(next) => set({ from: undefined, to: undefined, ...next })} />
    </FilterBar>
  )
}

function Sentence({ funnel }: { funnel: FunnelAnswer }) {
  const { t } = useTranslation('funnel')
  const format = useFormat()
  const steps = funnel.lines.map((line) => line.steps)
  const total = (at: number) => steps.reduce((sum, line) => sum + (line.at(at)?.customers ?? 0), 0)
  const [first, last] = [total(0), total(-1)]
  const values = {
    first: format.number(first),
    last: format.number(last),
    share: format.share(last, first),
    took: format.milliseconds(funnel.took_ms),
  }
  return <Trans t={t} i18nKey="answer" values={values} components={{ b: <strong /> }} />
}

/** Who lies open, in the reader's words. */
function useTitle(funnel: FunnelAnswer | undefined, pick: Pick | undefined): string {
  const { t } = useTranslation('funnel')
  if (pick === undefined || (pick.type !== 'reached' && pick.type !== 'dropped')) return ''
  const line = funnel?.lines[pick.line ?? 0]
  const name = line?.steps[pick.step - 1]?.name ?? ''
  const title = t(pick.type === 'reached' ? 'reachedStep' : 'droppedStep', { step: pick.step, name })
  return line?.value ? `${title} · ${line.value}` : title
}
