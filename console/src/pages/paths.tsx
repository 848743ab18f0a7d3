import { Button, NumberInput, Select, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { EChartsType } from 'echarts/core'
import { useMemo, useRef } from 'react'
import { Trans, useTranslation } from 'react-i18next'
import { pathsQuery } from '~/api/ask'
import type { PathsAnswer, PathsQuestion, Pick } from '~/api/types'
import { EventField } from '~/condition/one-line'
import { SpanFields } from '~/condition/window'
import { spanOf, spanText } from '~/lib/condition'
import { useFormat } from '~/lib/use-format'
import { PATH_DIRECTIONS, OCCURRENCES } from '~/router'
import { Asking } from '~/ui/asking'
import { Behind } from '~/ui/behind'
import { DateRange } from '~/ui/date-range'
import { Figure } from '~/ui/figure'
import { FilterBar } from '~/ui/filter-bar'
import { Flow } from '~/ui/flow'
import { Labelled } from '~/ui/labelled'
import { PageHead, Section } from '~/ui/page'
import { Empty } from '~/ui/state'
import { Table, type Column } from '~/ui/table'
import { Warnings } from '~/ui/warnings'
import { flowOf } from './explore/flow-of'
import { useBounds, useNames, type Names } from './explore/use-question'

const route = getRouteApi('/inside/explore/paths')

const DAY_7 = { amount: 7, unit: 'day' } as const
const STEPS = 3

/** The event by which people leave, when the shop has one. */
function leaving({ others }: Names): string | undefined {
  return others.find((name) => /uninstall|unsubscribe|cancel|churn|logout/i.test(name))
}

/** What people did before they left, before they bought, or after anything. */
export function Paths() {
  const { t } = useTranslation('paths')
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const names = useNames()
  const bounds = useBounds(search)
  const { direction = 'before', occurrence = 'last', steps = STEPS, within, pick } = search
  const anchor = search.anchor ?? leaving(names) ?? names.purchase ?? names.others[0] ?? ''
  const question = useMemo(
    (): PathsQuestion => ({
      ...bounds,
      anchor: { event: anchor },
      direction,
      occurrence,
      steps,
      within: within ?? null,
    }),
    [bounds, anchor, direction, occurrence, steps, within],
  )
  const paths = useQuery({ ...pathsQuery(question), enabled: anchor !== '' })
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  // The people are those of the answer that stands here, not of one a minute later.
  const asked = paths.data ? { ...question, from: paths.data.from, to: paths.data.to } : null
  const title = usePickTitle(anchor, pick)
  return (
    <>
      <PageHead
        title={t('title')}
        answer={paths.data ? <Sentence paths={paths.data} /> : null}
        actions={<Presets names={names} onChange={set} />}
      />
      <Controls anchor={anchor} />
      {names.known && anchor === '' ? (
        <Empty title={t('empty.title')} text={t('empty.text')} />
      ) : (
        <Asking of={paths} rows={12}>
          {(data) => (
            <>
              <Warnings of={data.warnings} />
              {data.anchors === 0 ? (
                <Empty title={t('none.title')} text={t('none.text', { event: data.anchor })} />
              ) : (
                <Drawn
                  paths={data}
                  table={search.as === 'table'}
                  onTable={(table) => set({ as: table ? 'table' : undefined })}
                  onPick={(next) => set({ pick: next })}
                />
              )}
            </>
          )}
        </Asking>
      )}
      <Behind
        picked={pick && asked ? { question: { type: 'paths', ...asked }, pick } : undefined}
        title={title}
        onClose={() => set({ pick: undefined })}
      />
    </>
  )
}

type Search = ReturnType<typeof route.useSearch>

function Presets({ names, onChange }: { names: Names; onChange: (change: Partial<Search>) => void }) {
  const { t } = useTranslation('paths')
  const left = leaving(names)
  return (
    <>
      {left ? (
        <Button
          variant="default"
          onClick={() => onChange({ anchor: left, direction: 'before', occurrence: 'last' })}
        >
          {t('preset.leaving')}
        </Button>
      ) : null}
      {names.purchase ? (
        <Button
          variant="default"
          onClick={() => onChange({ anchor: names.purchase, direction: 'before', occurrence: 'last' })}
        >
          {t('preset.buying')}
        </Button>
      ) : null}
    </>
  )
}

function Controls({ anchor }: { anchor: string }) {
  const { t } = useTranslation('paths')
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  return (
    <FilterBar>
      <Select
        label={t('direction')}
        size="xs"
        w={128}
        value={search.direction ?? 'before'}
        onChange={(next) => set({ direction: PATH_DIRECTIONS.find((each) => each === next) })}
        data={PATH_DIRECTIONS.map((each) => ({ value: each, label: t(`direction.${each}`) }))}
      />
      <Labelled label={t('anchor')}>
        <EventField event={anchor} onChange={(next) => set({ anchor: next || undefined })} />
      </Labelled>
      <Select
        label={t('occurrence')}
        size="xs"
        w={144}
        value={search.occurrence ?? 'last'}
        onChange={(next) => set({ occurrence: OCCURRENCES.find((each) => each === next) })}
        data={OCCURRENCES.map((each) => ({ value: each, label: t(`occurrence.${each}`) }))}
      />
      <NumberInput
        label={t('steps')}
        size="xs"
        w={76}
        min={1}
        max={10}
        allowDecimal={false}
        value={search.steps ?? STEPS}
        onChange={(next) => set({ steps: Math.min(10, Math.max(1, Number(next))) })}
      />
      <Labelled label={t('within')}>
        <div style={{ display: 'flex', gap: 8 }}>
          <SpanFields
            span={spanOf(search.within ?? '') ?? DAY_7}
            onChange={(span) => set({ within: spanText(span) })}
          />
        </div>
      </Labelled>
      <DateRange value={search} onChange={(next) => set({ from: undefined, to: undefined, ...next })} />
    </FilterBar>
  )
}

function Sentence({ paths }: { paths: PathsAnswer }) {
  const { t } = useTranslation('paths')
  const format = useFormat()
  const top = paths.paths.find(({ steps }) => steps.length > 0)
  const values = {
    customers: format.number(paths.customers),
    event: paths.anchor,
    path: top ? top.steps.join(' → ') : '–',
    share: top ? format.percent(top.share) : '–',
    took: format.milliseconds(paths.took_ms),
  }
  return <Trans t={t} i18nKey="answer" values={values} components={{ b: <strong /> }} />
}

interface DrawnProps {
  paths: PathsAnswer
  table: boolean
  onTable: (table: boolean) => void
  onPick: (pick: Pick) => void
}

function Drawn({ paths, table, onTable, onPick }: DrawnProps) {
  const { t } = useTranslation('paths')
  const { direction = 'before' } = route.useSearch()
  const chart = useRef<EChartsType | null>(null)
  const flow = useMemo(
    () => flowOf(paths, direction, { other: t('other'), ended: t(`ended.${direction}`) }),
    [paths, direction, t],
  )
  const label = `${t(`direction.${direction}`)} ${paths.anchor}`
  const cells = () => [
    [t('path'), t('times'), t('share')],
    ...paths.paths.map(({ steps, anchors, share }) => [steps.join(' → '), anchors, share]),
  ]
  return (
    <>
      <Figure
        label={label}
        table={table}
        onTable={onTable}
        cells={cells}
        picture={() => chart.current?.renderToSVGString()}
      >
        {table ? null : (
          <Flow
            label={label}
            nodes={flow.nodes}
            links={flow.links}
            onReady={(drawn) => (chart.current = drawn)}
            onPick={(id) => {
              const pick = flow.picks.get(id)
              if (pick) onPick(pick)
            }}
          />
        )}
      </Figure>
      <Section title={t('top')}>
        <Top paths={paths} onPick={onPick} />
      </Section>
    </>
  )
}

type Path = PathsAnswer['paths'][number]

function Top({ paths, onPick }: { paths: PathsAnswer; onPick: (pick: Pick) => void }) {
  const { t } = useTranslation('paths')
  const format = useFormat()
  const columns = useMemo(
    (): Column<Path>[] => [
      {
        id: 'path',
        header: t('path'),
        cell: ({ row: { original } }) => (
          <UnstyledButton
            className="opens"
            style={{ textAlign: 'start' }}
            onClick={() => onPick({ type: 'path', steps: original.steps })}
          >
            {original.steps.length > 0 ? original.steps.join(' → ') : t('nothing')}
          </UnstyledButton>
        ),
      },
      {
        id: 'times',
        header: t('times'),
        meta: { number: true },
        cell: ({ row }) => format.number(row.original.anchors),
      },
      {
        id: 'share',
        header: t('share'),
        meta: { number: true },
        cell: ({ row }) => format.percent(row.original.share),
      },
    ],
    [t, format, onPick],
  )
  return <Table label={t('top')} rows={paths.paths} columns={columns} />
}

/** Who lies open, in the reader's words. */
function usePickTitle(anchor: string, pick: Pick | undefined): string {
  const { t } = useTranslation('paths')
  const { direction = 'before' } = route.useSearch()
  if (pick?.type === 'path') {
    const path = pick.steps.length > 0 ? pick.steps.join(' → ') : t('nothing')
    return t(`people.${direction}`, { path, event: anchor })
  }
  if (pick?.type === 'node') return t(`people.${direction}`, { path: pick.step, event: anchor })
  return anchor
}
