import { Button, NumberInput, TagsInput, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { EChartsType } from 'echarts/core'
import { useMemo, useRef } from 'react'
import { Trans, useTranslation } from 'react-i18next'
import { dictionaryQuery } from '~/api/data'
import type { EventInput, PathsAnswer, Pick } from '~/api/types'
import { OCCURRENCES, PATH_DIRECTIONS } from '~/lib/question'
import { useFormat } from '~/lib/use-format'
import { Figure } from '~/ui/figure'
import { Flow } from '~/ui/flow'
import { Section } from '~/ui/page'
import { Empty } from '~/ui/state'
import { Table, type Column } from '~/ui/table'
import { Choice, Within } from './explore/controls'
import { OneEvent } from './explore/event'
import { flowOf } from './explore/flow-of'
import { leaving } from './explore/journey'
import { QuestionPage, type Shown } from './explore/question-page'
import { useNames, useQuestion, useUrl, type Names } from './explore/use-question'

const STEPS = 3

/** What people did before they left, before they bought, or after anything. */
export function Paths() {
  const { t } = useTranslation('paths')
  const [search] = useUrl<'paths'>()
  const names = useNames()
  const anchor = search.anchor ?? firstAnchor(names)
  const question = useQuestion('paths', { ...search, anchor })
  const pickTitle = usePickTitle()
  return (
    <QuestionPage
      kind="paths"
      title={t('title')}
      question={anchor ? question : undefined}
      missing={names.known ? <Empty title={t('empty.title')} text={t('empty.text')} /> : null}
      controls={<Controls anchor={anchor} />}
      actions={<Presets names={names} />}
      sentence={({ answer }) => <Sentence paths={answer} />}
      pickTitle={pickTitle}
      rows={12}
    >
      {(shown) =>
        shown.answer.anchors === 0 ? (
          <Empty title={t('none.title')} text={t('none.text', { event: shown.answer.anchor })} />
        ) : (
          <Drawn {...shown} />
        )
      }
    </QuestionPage>
  )
}

/** What to look back from when nobody says: leaving, else buying, else whatever happens most. */
function firstAnchor(names: Names): EventInput | undefined {
  const event = leaving(names) ?? names.purchase ?? names.others[0]
  return event ? { event } : undefined
}

function Presets({ names }: { names: Names }) {
  const { t } = useTranslation('paths')
  const [, set] = useUrl<'paths'>()
  const left = leaving(names)
  const before = (event: string) => set({ anchor: { event }, direction: 'before', occurrence: 'last' })
  return (
    <>
      {left ? (
        <Button variant="default" onClick={() => before(left)}>
          {t(/uninstall/i.test(left) ? 'preset.uninstalling' : 'preset.leaving')}
        </Button>
      ) : null}
      {names.purchase ? (
        <Button variant="default" onClick={() => before(names.purchase ?? '')}>
          {t('preset.buying')}
        </Button>
      ) : null}
    </>
  )
}

function Controls({ anchor }: { anchor: EventInput | undefined }) {
  const { t } = useTranslation('paths')
  const [search, set] = useUrl<'paths'>()
  const names = useQuery(dictionaryQuery).data?.items.map(({ name }) => name) ?? []
  return (
    <>
      <Choice
        label={t('direction')}
        width={128}
        value={search.direction ?? 'before'}
        choices={PATH_DIRECTIONS.map((each) => [each, t(`direction.${each}`)])}
        onChange={(direction) => set({ direction })}
      />
      <OneEvent label={t('anchor')} of={anchor} onChange={(next) => set({ anchor: next })} />
      <Choice
        label={t('occurrence')}
        width={144}
        value={search.occurrence ?? 'last'}
        choices={OCCURRENCES.map((each) => [each, t(`occurrence.${each}`)])}
        onChange={(occurrence) => set({ occurrence })}
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
      <Within label={t('within')} within={search.within} onChange={(within) => set({ within })} />
      <TagsInput
        label={t('only')}
        placeholder={search.events ? undefined : t('only.all')}
        size="xs"
        w={240}
        clearable
        value={search.events ?? []}
        data={names}
        onChange={(events) => set({ events: events.length > 0 ? events : undefined })}
      />
    </>
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

function Drawn({ answer: paths, table, onTable, onPick }: Shown<'paths'>) {
  const { t } = useTranslation('paths')
  const [{ direction = 'before' }] = useUrl<'paths'>()
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
function usePickTitle(): (paths: PathsAnswer, pick: Pick) => string {
  const { t } = useTranslation('paths')
  const [{ direction = 'before' }] = useUrl<'paths'>()
  return ({ anchor }, pick) => {
    if (pick.type === 'path') {
      const path = pick.steps.length > 0 ? pick.steps.join(' → ') : t('nothing')
      return t(`people.${direction}`, { path, event: anchor })
    }
    if (pick.type === 'node') return t(`people.${direction}`, { path: pick.step, event: anchor })
    return anchor
  }
}
