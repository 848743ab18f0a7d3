import { UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { FunnelLine } from '~/api/types'
import { boxes } from '~/lib/drawing'
import type { Format } from '~/lib/format'
import { useFormat } from '~/lib/use-format'
import { LIGHT } from '~/ui/chart-parts'
import { Figure } from '~/ui/figure'
import { Table, type Column } from '~/ui/table'
import type { Shown } from './question-page'
import { useElapsed } from './use-elapsed'
import classes from './explore.module.css'

type Reached = FunnelLine['steps'][number]
type OnPick = Shown<'funnel'>['onPick']

/** One line of the funnel, or of the one it is compared with. */
interface Line {
  title: string
  at: number
  steps: Reached[]
  of: 'compared' | undefined
}

/** One number of the funnel: which line, which step. */
interface Cell {
  line: Line
  at: number
  step: Reached
}

/** All lines, the funnel's own and then those it is compared with; one that stands alone needs no title. */
function useLines({ answer, past }: Shown<'funnel'>): Line[] {
  const { t } = useTranslation('funnel')
  const several = answer.lines.length > 1
  const named = (line: FunnelLine) => line.value ?? t(line.other ? 'other' : several ? 'noValue' : 'asked')
  const own = answer.lines.map((line, at): Line => ({
    title: named(line),
    at,
    steps: line.steps,
    of: undefined,
  }))
  const others = past?.answer.lines.map((line, at): Line => ({
    title: several ? `${named(line)} · ${past.name}` : past.name,
    at,
    steps: line.steps,
    of: 'compared',
  }))
  return [...own, ...(others ?? [])]
}

/** How many came to each step, how fast, and who left; each number opens into its people. */
export function FunnelBars(shown: Shown<'funnel'>) {
  const { table, onTable, onPick } = shown
  const { t } = useTranslation('funnel')
  const format = useFormat()
  const lines = useLines(shown)
  const several = lines.length > 1
  const all = lines.flatMap((line) => line.steps.map((step, at): Cell => ({ line, at, step })))
  const cells = () => [
    [...(several ? [t('line')] : []), t('step'), t('customers'), t('ofFirst'), t('ofPrevious'), t('dropped')],
    ...all.map(({ line, step }) => [
      ...(several ? [line.title] : []),
      step.name,
      step.customers,
      step.of_first ?? null,
      step.of_previous ?? null,
      step.dropped,
    ]),
  ]
  return (
    <Figure
      label={t('title')}
      table={table}
      onTable={onTable}
      cells={cells}
      picture={() => picture(lines, several, format)}
    >
      {table ? (
        <Numbers all={all} several={several} onPick={onPick} />
      ) : (
        lines.map((line, index) => (
          <div key={index}>
            {several ? <h3 className={classes['line']}>{line.title}</h3> : null}
            <Drawn line={line} onPick={onPick} />
          </div>
        ))
      )}
    </Figure>
  )
}

const [WIDE, HIGH] = [160, 310]

/** All lines below one another, in the colours of paper. */
function picture(lines: readonly Line[], several: boolean, format: Format): string {
  const plain = { height: 24, fill: 'none', ink: '#222' }
  const wide = Math.max(2, ...lines.map(({ steps }) => steps.length)) * WIDE
  const drawn = lines.flatMap(({ title, steps }, index) => {
    const top = index * HIGH
    const most = Math.max(1, steps[0]?.customers ?? 1)
    const bars = steps.flatMap((step, at) => {
      const height = (200 * step.customers) / most
      const share = step.of_first == null ? '' : ` (${format.percent(step.of_first)})`
      const place = { x: WIDE * at, width: WIDE - 12 }
      return [
        { ...plain, ...place, y: top + 24, text: `${String(at + 1)}. ${step.name}` },
        { ...plain, ...place, y: top + 254 - height, height, fill: LIGHT[0] ?? '#2f5f9e', text: '' },
        { ...plain, ...place, y: top + 260, text: `${format.number(step.customers)}${share}` },
      ]
    })
    return several ? [{ ...plain, x: 0, y: top, width: wide, text: title }, ...bars] : bars
  })
  return boxes(wide, HIGH * lines.length, drawn)
}

function Drawn({ line, onPick }: { line: Line; onPick: OnPick }) {
  const { t } = useTranslation('funnel')
  const format = useFormat()
  const elapsed = useElapsed()
  return (
    <div className={classes['scroll']} tabIndex={0} role="group" aria-label={t('title')}>
      <ol className={classes['bars']}>
        {line.steps.map((step, at) => {
          const shown = format.number(step.customers)
          const share = step.of_first ?? 0
          return (
            <li key={at}>
              <div className={classes['name']}>
                {at + 1}. {step.name}
              </div>
              <button
                type="button"
                className={classes['track']}
                aria-label={`${t('reachedStep', { step: at + 1, name: step.name })}: ${shown}`}
                onClick={() => onPick({ type: 'reached', line: line.at, step: at + 1 }, line.of)}
              >
                <span
                  className={classes['bar']}
                  data-past={line.of}
                  style={{ height: `${String(100 * share)}%` }}
                />
              </button>
              <div className={classes['figure']}>
                {shown} <span className={classes['quiet']}>{format.percent(share)}</span>
              </div>
              {at > 0 && step.of_previous != null ? (
                <div className={classes['quiet']}>
                  {t('fromPrevious', { share: format.percent(step.of_previous) })}
                </div>
              ) : null}
              {at > 0 && step.median_ms != null ? (
                <div className={classes['quiet']}>
                  {t('time', { median: elapsed(step.median_ms), p90: elapsed(step.p90_ms ?? 0) })}
                </div>
              ) : null}
              {step.dropped > 0 ? (
                <UnstyledButton
                  className="opens"
                  onClick={() => onPick({ type: 'dropped', line: line.at, step: at + 1 }, line.of)}
                >
                  {t('left', { count: step.dropped, shown: format.number(step.dropped) })}
                </UnstyledButton>
              ) : null}
            </li>
          )
        })}
      </ol>
    </div>
  )
}

interface NumbersProps {
  all: Cell[]
  several: boolean
  onPick: OnPick
}

function Numbers({ all, several, onPick }: NumbersProps) {
  const { t } = useTranslation('funnel')
  const format = useFormat()
  const elapsed = useElapsed()
  const opens = (type: 'reached' | 'dropped', { line, at, step }: Cell) => (
    <UnstyledButton
      className="opens"
      aria-label={`${t(type === 'reached' ? 'reachedStep' : 'droppedStep', { step: at + 1, name: step.name })}: ${format.number(type === 'reached' ? step.customers : step.dropped)}`}
      onClick={() => onPick({ type, line: line.at, step: at + 1 }, line.of)}
    >
      {format.number(type === 'reached' ? step.customers : step.dropped)}
    </UnstyledButton>
  )
  const number = (id: string, header: string, cell: (cell: Cell) => React.ReactNode): Column<Cell> => ({
    id,
    header,
    meta: { number: true },
    cell: ({ row }) => cell(row.original),
  })
  const percent = (share: number | null | undefined) => (share == null ? '–' : format.percent(share))
  // The first step is where the clock starts.
  const time = ({ at }: Cell, ms: number | null | undefined) => (at === 0 || ms == null ? '–' : elapsed(ms))
  const columns: Column<Cell>[] = [
    ...(several
      ? [
          {
            id: 'line',
            header: t('line'),
            cell: ({ row }: { row: { original: Cell } }) => row.original.line.title,
          },
        ]
      : []),
    {
      id: 'step',
      header: t('step'),
      cell: ({ row: { original } }) => `${String(original.at + 1)}. ${original.step.name}`,
    },
    number('customers', t('customers'), (cell) => opens('reached', cell)),
    number('first', t('ofFirst'), ({ step }) => percent(step.of_first)),
    number('previous', t('ofPrevious'), ({ step }) => percent(step.of_previous)),
    number('median', t('median'), (cell) => time(cell, cell.step.median_ms)),
    number('p90', t('p90'), (cell) => time(cell, cell.step.p90_ms)),
    number('dropped', t('dropped'), (cell) => (cell.step.dropped > 0 ? opens('dropped', cell) : '0')),
  ]
  return <Table label={t('title')} rows={all} columns={columns} />
}
