import { useComputedColorScheme } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Pick, RfmAnswer, RfmCell } from '~/api/types'
import { useWord } from '~/i18n/word'
import { boxes } from '~/lib/drawing'
import { shade } from '~/lib/heat'
import { useFormat } from '~/lib/use-format'
import classes from './grid.module.css'

interface RfmGridProps {
  rfm: RfmAnswer
  show: 'customers' | 'revenue'
  /** The group that is pointed out, if any. */
  chosen: string | undefined
  /** Points the group of a cell out and opens the people of the cell. */
  onChoose: (group: string | undefined, pick: Pick) => void
}

const SCORES = [1, 2, 3, 4, 5] as const

/** Five by five: frequency upward, recency to the right; the deeper the colour, the more. */
export function RfmGrid({ rfm, show, chosen, onChoose }: RfmGridProps) {
  const { t } = useTranslation('rfm')
  const most = Math.max(1, ...rfm.cells.map((cell) => valueOf(cell, show)))
  const at = (frequency: number, recency: number) =>
    rfm.cells.find((cell) => cell.frequency === frequency && cell.recency === recency)
  return (
    <div className={classes['wrap']}>
      <div className={classes['axisY']} aria-hidden>
        {t('axis.frequency')}
      </div>
      <table className={classes['grid']} aria-label={t('grid')}>
        <tbody>
          {SCORES.toReversed().map((frequency) => (
            <tr key={frequency}>
              <th scope="row">F{frequency}</th>
              {SCORES.map((recency) => {
                const cell = at(frequency, recency)
                return (
                  <td key={recency}>
                    {cell ? (
                      <Cell
                        cell={cell}
                        show={show}
                        most={most}
                        pressed={cell.group === chosen}
                        onChoose={onChoose}
                      />
                    ) : null}
                  </td>
                )
              })}
            </tr>
          ))}
          <tr>
            <td />
            {SCORES.map((recency) => (
              <th key={recency} scope="col">
                R{recency}
              </th>
            ))}
          </tr>
        </tbody>
      </table>
      <div className={classes['axisX']} aria-hidden>
        {t('axis.recency')}
      </div>
    </div>
  )
}

function valueOf({ numbers }: RfmCell, show: RfmGridProps['show']): number {
  return show === 'customers' ? numbers.customers : Math.max(0, numbers.revenue)
}

interface CellProps {
  cell: RfmCell
  show: RfmGridProps['show']
  most: number
  pressed: boolean
  onChoose: RfmGridProps['onChoose']
}

function Cell({ cell, show, most, pressed, onChoose }: CellProps) {
  const { t } = useTranslation('rfm')
  const format = useFormat()
  const word = useWord()
  const dark = useComputedColorScheme('light') === 'dark'
  const { background, ink } = shade(valueOf(cell, show) / most, dark)
  const { customers, revenue, revenue_share, recency_days, frequency } = cell.numbers
  const shown = show === 'customers' ? format.number(customers) : format.percent(revenue_share)
  const says = t('cell', {
    group: word('group', cell.group),
    customers: format.number(customers),
    revenue: format.money(revenue),
    share: format.percent(revenue_share),
    days: format.decimal(recency_days.median),
    times: format.decimal(frequency.median),
  })
  return (
    <button
      type="button"
      className={classes['cell']}
      style={{ background, color: ink }}
      title={says}
      aria-label={`${shown} ${word('group', cell.group)}, F${String(cell.frequency)} R${String(cell.recency)}: ${says}`}
      aria-pressed={pressed}
      onClick={() => onChoose(cell.group, { type: 'cell', recency: cell.recency, frequency: cell.frequency })}
    >
      <span className={classes['value']}>{shown}</span>{' '}
      <span className={classes['name']}>{word('group', cell.group)}</span>
    </button>
  )
}

const [WIDE, HIGH] = [170, 56]

/** The grid as a picture, in the colours of paper; `says` is what stands in a cell. */
export function gridPicture(
  cells: readonly RfmCell[],
  show: RfmGridProps['show'],
  says: (cell: RfmCell) => string,
): string {
  const most = Math.max(1, ...cells.map((cell) => valueOf(cell, show)))
  const plain = { fill: 'none', ink: '#222', width: WIDE, height: HIGH }
  const names = SCORES.flatMap((score) => [
    { ...plain, x: 0, y: (5 - score) * HIGH, text: `F${String(score)}` },
    { ...plain, x: 40 + (score - 1) * WIDE, y: 5 * HIGH, text: `R${String(score)}` },
  ])
  const drawn = cells.map((cell) => {
    const { background, ink } = shade(valueOf(cell, show) / most, false)
    const place = { x: 40 + (cell.recency - 1) * WIDE, y: (5 - cell.frequency) * HIGH }
    return { ...place, width: WIDE - 2, height: HIGH - 2, fill: background, ink, text: says(cell) }
  })
  return boxes(40 + 5 * WIDE, 6 * HIGH, [...names, ...drawn])
}
