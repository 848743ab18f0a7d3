import { UnstyledButton, useComputedColorScheme } from '@mantine/core'
import type { EChartsCoreOption, EChartsType } from 'echarts/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '~/lib/use-format'
import { chartTheme, nearest, type Series } from './chart-parts'
import { Figure } from './figure'
import { Table, type Column } from './table'

interface ChartProps {
  label: string
  /** What stands along the bottom, one for each point. */
  ticks: readonly string[]
  series: readonly Series[]
  unit: string
  table: boolean
  onTable: (table: boolean) => void
  /** Opens the people behind a point. */
  onPick?: (series: number, tick: number) => void
}

/** The one chart: lines over time, with a table of the same numbers and both to take away. */
export function Chart(props: ChartProps) {
  const chart = useRef<EChartsType | null>(null)
  const { label, ticks, series, table, onTable } = props
  const cells = () => [
    [label, ...series.map(({ name }) => name)],
    ...ticks.map((tick, at) => [tick, ...series.map(({ points }) => points[at] ?? null)]),
  ]
  return (
    <Figure
      label={label}
      table={table}
      onTable={onTable}
      cells={cells}
      picture={() => chart.current?.renderToSVGString()}
    >
      {table ? <Numbers {...props} /> : <Drawing {...props} onReady={(drawn) => (chart.current = drawn)} />}
    </Figure>
  )
}

function Numbers({ label, ticks, series, onPick }: ChartProps) {
  const { t } = useTranslation('shell')
  const format = useFormat()
  const columns: Column<number>[] = [
    { id: 'tick', header: t('chart.tick'), cell: ({ row }) => ticks[row.original] },
    ...series.map(({ name, points, past }, index): Column<number> => ({
      id: String(index),
      header: name,
      meta: { number: true },
      cell: ({ row }) => {
        const value = points[row.original]
        if (value === null || value === undefined) return '–'
        const says = format.decimal(value, 2)
        return onPick && !past && value !== 0 ? (
          <UnstyledButton
            className="opens"
            aria-label={`${name}, ${ticks[row.original] ?? ''}: ${says}`}
            onClick={() => onPick(index, row.original)}
          >
            {says}
          </UnstyledButton>
        ) : (
          says
        )
      },
    })),
  ]
  return <Table label={label} rows={ticks.map((_, index) => index)} columns={columns} />
}

function Drawing({
  label,
  ticks,
  series,
  unit,
  onPick,
  onReady,
}: ChartProps & { onReady: (chart: EChartsType) => void }) {
  const scheme = useComputedColorScheme('light')
  const format = useFormat()
  const place = useRef<HTMLDivElement>(null)
  const ready = useRef(onReady)
  const picked = useRef(onPick)
  useEffect(() => {
    picked.current = onPick
  }, [onPick])
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    let gone = false
    let chart: EChartsType | undefined
    const watch = new ResizeObserver(() => chart?.resize())
    void import('./chart-engine').then(({ init }) => {
      if (gone) return
      chart = init(element, null, { renderer: 'svg' })
      const option: EChartsCoreOption = chartTheme(element, { ticks, series, unit, format })
      chart.setOption(option)
      chart.getZr().on('click', ({ offsetX, offsetY }) => {
        const place = chart?.convertFromPixel({ gridIndex: 0 }, [offsetX, offsetY])
        const hit = Array.isArray(place) ? nearest(series, place[0] ?? -1, place[1] ?? 0) : null
        if (hit) picked.current?.(...hit)
      })
      watch.observe(element)
      ready.current(chart)
    })
    return () => {
      gone = true
      watch.disconnect()
      chart?.dispose()
    }
  }, [ticks, series, unit, format, scheme])
  return (
    <div
      ref={place}
      role="img"
      aria-label={label}
      style={{ height: 340, cursor: onPick ? 'pointer' : undefined }}
    />
  )
}
