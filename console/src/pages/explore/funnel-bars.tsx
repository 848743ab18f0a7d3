import { UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { FunnelAnswer, FunnelLine, Pick } from '~/api/types'
import { LIGHT } from '~/ui/chart-parts'
import { boxes } from '~/lib/explore'
import { useFormat } from '~/lib/use-format'
import { Figure } from '~/ui/figure'
import { Table, type Column } from '~/ui/table'
import { useElapsed } from './use-elapsed'
import classes from './explore.module.css'

interface FunnelBarsProps {
  funnel: FunnelAnswer
  table: boolean
  onTable: (table: boolean) => void
  onPick: (pick: Pick) => void
}

type Reached = FunnelLine['steps'][number]

/** One number of the funnel: which line, which step. */
interface Cell {
  line: number
  at: number
  value: string
  step: Reached
}

/** How many came to each step, how fast, and who left; each number opens into its people. */
export function FunnelBars({ funnel, table, onTable, onPick }: FunnelBarsProps) {
  const { t } = useTranslation('funnel')
  const format = useFormat()
  const several = funnel.lines.length > 1
  const named = (line: FunnelLine) => line.value ?? t(line.other ? 'other' : 'noValue')
  const all: Cell[] = funnel.lines.flatMap((line, index) =>
    line.steps.map((step, at) => ({ line: index, at, value: several ? named(line) : '', step })),
  )
  const cells = () => [
    [...(several ? [t('line')] : []), t('step'), t('customers'), t('ofFirst'), t('ofPrevious'), t('dropped')],
    ...all.map(({ value, step }) => [
      ...(several ? [value] : []),
      step.name,
      step.customers,
      step.of_first ?? null,
      step.of_previous ?? null,
      step.dropped,
    ]),
  ]
  const picture = () => {
    const steps = funnel.lines[0]?.steps ?? []
    const most = Math.max(1, steps[0]?.customers ?? 1)
    return boxes(
      160 * steps.length,
      300,
      steps.flatMap((step, at) => {
        const height = (220 * step.customers) / most
        const text = `${String(at + 1)}. ${step.name}`
        const share = step.of_first == null ? '' : ` (${format.percent(step.of_first)})`
        const under = `${format.number(step.customers)}${share}`
        const place = { x: 160 * at, width: 148 }
        return [
          { ...place, y: 0, height: 24, fill: 'none', ink: '#222', text },
          { ...place, y: 250 - height, height, fill: LIGHT[0] ?? '#2f5f9e', ink: '#222', text: '' },
          { ...place, y: 256, height: 24, fill: 'none', ink: '#222', text: under },
        ]
      }),
    )
  }
  return (
    <Figure label={t('title')} table={table} onTable={onTable} cells={cells} picture={picture}>
      {table ? (
        <Numbers all={all} several={several} onPick={onPick} />
      ) : (
        funnel.lines.map((line, index) => (
          <div key={index}>
            {several ? <h3>{named(line)}</h3> : null}
            <Drawn line={line} index={index} onPick={onPick} />
          </div>
        ))
      )}
    </Figure>
  )
}

function Drawn({ line, index, onPick }: { line: FunnelLine; index: number; onPick: (pick: Pick) => void }) {
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
                onClick={() => onPick({ type: 'reached', line: index, step: at + 1 })}
              >
                <span className={classes['bar']} style={{ height: `${String(100 * share)}%` }} />
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
                  onClick={() => onPick({ type: 'dropped', line: index, step: at + 1 })}
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
  onPick: (pick: Pick) => void
}

function Numbers({ all, several, onPick }: NumbersProps) {
  const { t } = useTranslation('funnel')
  const format = useFormat()
  const elapsed = useElapsed()
  const opens = (type: 'reached' | 'dropped', { line, at, step }: Cell) => (
    <UnstyledButton
      className="opens"
      aria-label={`${t(type === 'reached' ? 'reachedStep' : 'droppedStep', { step: at + 1, name: step.name })}: ${format.number(type === 'reached' ? step.customers : step.dropped)}`}
      onClick={() => onPick({ type, line, step: at + 1 })}
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
  const time = (ms: number | null | undefined) => (ms == null ? '–' : elapsed(ms))
  const columns: Column<Cell>[] = [
    ...(several
      ? [
          {
            id: 'line',
            header: t('line'),
            cell: ({ row }: { row: { original: Cell } }) => row.original.value,
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
    number('median', t('median'), ({ step }) => time(step.median_ms)),
    number('p90', t('p90'), ({ step }) => time(step.p90_ms)),
    number('dropped', t('dropped'), (cell) => (cell.step.dropped > 0 ? opens('dropped', cell) : '0')),
  ]
  return <Table label={t('title')} rows={all} columns={columns} />
}
