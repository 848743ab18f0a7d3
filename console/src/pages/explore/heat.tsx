import { useComputedColorScheme } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Period, RetentionLine } from '~/api/types'
import { boxes } from '~/lib/drawing'
import type { Format } from '~/lib/format'
import { shade } from '~/lib/heat'
import { useFormat } from '~/lib/use-format'
import { Figure } from '~/ui/figure'
import classes from './explore.module.css'
import type { Shown } from './question-page'

interface HeatProps extends Shown<'retention'> {
  period: Period
}

/** One map: a line of the answer, or of the one it is compared with. */
interface Map {
  title: string
  at: number
  line: RetentionLine
  of: 'compared' | undefined
}

/** The answer's own maps, then those it is compared with. */
function useMaps({ answer, past }: Shown<'retention'>): Map[] {
  const { t } = useTranslation('retention')
  const several = answer.lines.length > 1
  const named = (line: RetentionLine) => line.value ?? t(line.other ? 'other' : several ? 'noValue' : 'asked')
  const own = answer.lines.map((line, at): Map => ({ title: named(line), at, line, of: undefined }))
  const others = past?.answer.lines.map((line, at): Map => ({
    title: several ? `${named(line)} · ${past.name}` : past.name,
    at,
    line,
    of: 'compared',
  }))
  return [...own, ...(others ?? [])]
}

/** A row for each cohort, a column for each period later; the deeper the colour, the more came back. */
export function Heat(shown: HeatProps) {
  const { table, onTable, onPick, period } = shown
  const { t } = useTranslation('retention')
  const format = useFormat()
  const maps = useMaps(shown)
  const several = maps.length > 1
  const cells = () =>
    maps.flatMap(({ title, line }) => [
      [several ? title : t('cohort'), t('customers'), ...line.shares.map((_, k) => String(k))],
      ...line.cohorts.map(({ start, customers, returned }) => [format.date(start), customers, ...returned]),
    ])
  const picture = () => drawing(maps, several, format)
  return (
    <Figure label={t('title')} table={table} onTable={onTable} cells={cells} picture={picture}>
      {maps.map((map, index) => (
        <div key={index}>
          {several ? <h3 className={classes['line']}>{map.title}</h3> : null}
          <OneMap map={map} period={period} table={table} onPick={onPick} />
        </div>
      ))}
    </Figure>
  )
}

interface OneMapProps {
  map: Map
  period: Period
  /** Whether numbers of customers are shown instead of shares. */
  table: boolean
  onPick: Shown<'retention'>['onPick']
}

function OneMap({ map: { line, at, of }, period, table, onPick }: OneMapProps) {
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
                  onClick={() => onPick({ type: 'cohort', line: at, cohort }, of)}
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
                      onClick={() => onPick({ type: 'returned', line: at, cohort, period: k }, of)}
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

/** All maps below one another, in the colours of paper. */
function drawing(maps: readonly Map[], several: boolean, format: Format): string {
  const plain = { height: HIGH - 2, fill: 'none', ink: '#222' }
  let top = 0
  const drawn = maps.flatMap(({ title, line }) => {
    const begin = top + (several ? HIGH : 0)
    top = begin + HIGH * (line.cohorts.length + 2)
    const head = line.shares.map((_, k) => ({
      ...plain,
      x: 120 + WIDE * (k + 1),
      y: begin,
      width: WIDE,
      text: String(k),
    }))
    const rows = line.cohorts.flatMap(({ start, customers, returned }, row) => {
      const y = begin + (row + 1) * HIGH
      return [
        { ...plain, x: 0, y, width: 120, text: format.date(start) },
        { ...plain, x: 120, y, width: WIDE, text: format.number(customers) },
        ...returned.map((count, k) => {
          const share = customers > 0 ? count / customers : 0
          const { background, ink } = shade(share, false)
          const place = { x: 120 + WIDE * (k + 1), y, width: WIDE - 2, height: HIGH - 2 }
          return { ...place, fill: background, ink, text: format.percent(share, 0) }
        }),
      ]
    })
    const name = several ? [{ ...plain, x: 0, y: begin - HIGH, width: 400, text: title }] : []
    return [...name, ...head, ...rows]
  })
  const columns = Math.max(0, ...maps.map(({ line }) => line.shares.length))
  return boxes(120 + WIDE * (columns + 1), top, drawn)
}
