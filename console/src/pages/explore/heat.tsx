import { useComputedColorScheme } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Period, Pick, RetentionAnswer, RetentionLine } from '~/api/types'
import { boxes } from '~/lib/explore'
import { shade } from '~/lib/heat'
import { useFormat } from '~/lib/use-format'
import { Figure } from '~/ui/figure'
import classes from './explore.module.css'

interface HeatProps {
  retention: RetentionAnswer
  period: Period
  /** Whether numbers of customers are shown instead of shares. */
  table: boolean
  onTable: (table: boolean) => void
  onPick: (pick: Pick) => void
}

/** A row for each cohort, a column for each period later; the deeper the colour, the more came back. */
export function Heat({ retention, period, table, onTable, onPick }: HeatProps) {
  const { t } = useTranslation('retention')
  const format = useFormat()
  const several = retention.lines.length > 1
  const named = (line: RetentionLine) => line.value ?? t(line.other ? 'other' : 'noValue')
  const cells = () =>
    retention.lines.flatMap((line) => [
      [several ? named(line) : t('cohort'), t('customers'), ...line.shares.map((_, k) => String(k))],
      ...line.cohorts.map(({ start, customers, returned }) => [format.date(start), customers, ...returned]),
    ])
  const picture = () => drawing(retention.lines[0], format)
  return (
    <Figure label={t('title')} table={table} onTable={onTable} cells={cells} picture={picture}>
      {retention.lines.map((line, index) => (
        <div key={index}>
          {several ? <h3>{named(line)}</h3> : null}
          <OneLine line={line} index={index} period={period} table={table} onPick={onPick} />
        </div>
      ))}
    </Figure>
  )
}

interface OneLineProps {
  line: RetentionLine
  index: number
  period: Period
  table: boolean
  onPick: (pick: Pick) => void
}

function OneLine({ line, index, period, table, onPick }: OneLineProps) {
  const { t } = useTranslation('retention')
  const format = useFormat()
  const dark = useComputedColorScheme('light') === 'dark'
  const quiet = shade(0, dark)
  return (
    <div className={classes['scroll']} tabIndex={0} role="group" aria-label={t('title')}>
      <table className={classes['heat']} aria-label={t('title')}>
        <thead>
          <tr>
            <th scope="col" style={{ textAlign: 'start' }}>
              {t('cohort')}
            </th>
            <th scope="col">{t('customers')}</th>
            {line.shares.map((_, k) => (
              <th key={k} scope="col">
                {k}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t('all')}</th>
            <td style={{ padding: '0 0.5rem' }}>{format.number(line.customers)}</td>
            {line.shares.map((share, k) => (
              <td key={k} style={{ padding: '0 0.5rem' }}>
                {share == null ? '–' : format.percent(share)}
              </td>
            ))}
          </tr>
          {line.cohorts.map(({ start, customers, returned }, cohort) => (
            <tr key={start}>
              <th scope="row">{format.date(start)}</th>
              <td>
                <button
                  type="button"
                  className={classes['cell']}
                  disabled={customers === 0}
                  aria-label={`${t('people.cohort', { start: format.date(start), later: '' })}: ${format.number(customers)}`}
                  onClick={() => onPick({ type: 'cohort', line: index, cohort })}
                >
                  {format.number(customers)}
                </button>
              </td>
              {returned.map((count, k) => {
                const share = customers > 0 ? count / customers : 0
                const { background, ink } = customers > 0 ? shade(share, dark) : quiet
                const says = table ? format.number(count) : customers > 0 ? format.percent(share) : '–'
                const later = t(`later.${period}`, { count: k })
                return (
                  <td key={k}>
                    <button
                      type="button"
                      className={classes['cell']}
                      style={{ background, color: ink }}
                      disabled={count === 0}
                      aria-label={`${t('people.returned', { start: format.date(start), later })}: ${says}`}
                      onClick={() => onPick({ type: 'returned', line: index, cohort, period: k })}
                    >
                      {says}
                    </button>
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const [WIDE, HIGH] = [64, 26]

/** The heat map as a picture, in the colours of paper. */
function drawing(line: RetentionLine | undefined, format: ReturnType<typeof useFormat>): string | undefined {
  if (!line) return undefined
  const rows = line.cohorts.flatMap(({ start, customers, returned }, row) => {
    const y = (row + 1) * HIGH
    const plain = { y, height: HIGH - 2, fill: 'none', ink: '#222' }
    return [
      { ...plain, x: 0, width: 120, text: format.date(start) },
      { ...plain, x: 120, width: WIDE, text: format.number(customers) },
      ...returned.map((count, k) => {
        const share = customers > 0 ? count / customers : 0
        const { background, ink } = shade(share, false)
        const place = { x: 120 + WIDE * (k + 1), y, width: WIDE - 2, height: HIGH - 2 }
        return { ...place, fill: background, ink, text: format.percent(share, 0) }
      }),
    ]
  })
  const head = line.shares.map((_, k) => ({
    x: 120 + WIDE * (k + 1),
    y: 0,
    width: WIDE,
    height: HIGH,
    fill: 'none',
    ink: '#222',
    text: String(k),
  }))
  return boxes(120 + WIDE * (line.shares.length + 1), HIGH * (line.cohorts.length + 1), [...head, ...rows])
}
