import { ActionIcon, Group, SegmentedControl, Tooltip } from '@mantine/core'
import { useComputedColorScheme } from '@mantine/core'
import { IconPhotoDown, IconTableDown } from '@tabler/icons-react'
import type { EChartsCoreOption, EChartsType } from 'echarts/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { csv, download } from '~/lib/download'
import { useFormat } from '~/lib/use-format'
import { chartTheme, svgToPng, type Series } from './chart-parts'
import { Table, type Column } from './table'

interface ChartProps {
  label: string
  /** What stands along the bottom, one for each point. */
  ticks: readonly string[]
  series: readonly Series[]
  unit: string
  table: boolean
  onTable: (table: boolean) => void
}

/** The one chart: lines over time, with a table of the same numbers and both to take away. */
export function Chart(props: ChartProps) {
  const { t } = useTranslation('shell')
  const chart = useRef<EChartsType | null>(null)
  const { label, ticks, series, table, onTable } = props
  const takeTable = () => {
    const head = [label, ...series.map(({ name }) => name)]
    download(
      `${label}.csv`,
      csv([head, ...ticks.map((tick, at) => [tick, ...series.map(({ points }) => points[at] ?? null)])]),
    )
  }
  const takePicture = async () => {
    const svg = chart.current?.renderToSVGString()
    if (svg) download(`${label}.png`, await svgToPng(svg))
  }
  return (
    <figure style={{ margin: 0 }} aria-label={label}>
      <Group justify="flex-end" gap="xs" mb="xs">
        <SegmentedControl
          aria-label={t('chart.view')}
          value={table ? 'table' : 'chart'}
          onChange={(view) => onTable(view === 'table')}
          data={[
            { value: 'chart', label: t('chart.chart') },
            { value: 'table', label: t('chart.table') },
          ]}
        />
        <Tooltip label={t('chart.csv')}>
          <ActionIcon aria-label={t('chart.csv')} onClick={takeTable}>
            <IconTableDown size={17} />
          </ActionIcon>
        </Tooltip>
        {table ? null : (
          <Tooltip label={t('chart.png')}>
            <ActionIcon aria-label={t('chart.png')} onClick={() => void takePicture()}>
              <IconPhotoDown size={17} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
      {table ? <Numbers {...props} /> : <Drawing {...props} onReady={(drawn) => (chart.current = drawn)} />}
    </figure>
  )
}

function Numbers({ label, ticks, series }: ChartProps) {
  const { t } = useTranslation('shell')
  const format = useFormat()
  const columns: Column<number>[] = [
    { id: 'tick', header: t('chart.tick'), cell: ({ row }) => ticks[row.original] },
    ...series.map(({ name, points }, index): Column<number> => ({
      id: String(index),
      header: name,
      meta: { number: true },
      cell: ({ row }) => {
        const value = points[row.original]
        return value === null || value === undefined ? '–' : format.decimal(value, 2)
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
  onReady,
}: ChartProps & { onReady: (chart: EChartsType) => void }) {
  const scheme = useComputedColorScheme('light')
  const format = useFormat()
  const place = useRef<HTMLDivElement>(null)
  const ready = useRef(onReady)
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
      watch.observe(element)
      ready.current(chart)
    })
    return () => {
      gone = true
      watch.disconnect()
      chart?.dispose()
    }
  }, [ticks, series, unit, format, scheme])
  return <div ref={place} role="img" aria-label={label} style={{ height: 340 }} />
}
