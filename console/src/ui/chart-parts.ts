/** How charts look here, in one place, in the colours of the page they stand on. */
import type { EChartsCoreOption } from 'echarts/core'
import type { Format } from '~/lib/format'

export interface Series {
  name: string
  points: readonly (number | null)[]
  /** What the others are compared with: dashed and grey. */
  past?: boolean
}

/** Told apart by every kind of colour vision, and by lightness on paper (after Okabe and Ito). */
export const LIGHT = [
  '#2f5f9e',
  '#d9581f',
  '#0b7c6d',
  '#9c4f96',
  '#8a6d00',
  '#4a4a4a',
  '#3fa7d6',
  '#b03060',
  '#6b8e23',
  '#7f5539',
]
export const DARK = [
  '#8bb1dd',
  '#f6976b',
  '#63c3b7',
  '#d291cc',
  '#e0c040',
  '#bdbdbd',
  '#8fd3f4',
  '#ee88aa',
  '#b5d36b',
  '#d2a679',
]

interface Content {
  ticks: readonly string[]
  series: readonly Series[]
  unit: string
  format: Format
}

interface Hovered {
  axisValueLabel: string
  seriesName: string
  value: number | null
  color: string
}

function tooltip(items: Hovered[], { unit, format }: Content): HTMLElement {
  // Built as elements, so that a name from outside stays text.
  const box = document.createElement('div')
  const head = box.appendChild(document.createElement('div'))
  head.textContent = items[0]?.axisValueLabel ?? ''
  head.style.marginBottom = '4px'
  for (const { seriesName, value, color } of items) {
    const row = box.appendChild(document.createElement('div'))
    row.style.cssText = 'display:flex;gap:8px;align-items:center'
    const dot = row.appendChild(document.createElement('span'))
    dot.style.cssText = `width:8px;height:8px;border-radius:4px;background:${color}`
    row.append(seriesName)
    const figure = row.appendChild(document.createElement('strong'))
    figure.style.cssText = 'margin-left:auto;padding-left:16px'
    figure.textContent = value === null || value === undefined ? '–' : `${format.decimal(value, 2)} ${unit}`
  }
  return box
}

export function chartTheme(element: HTMLElement, content: Content): EChartsCoreOption {
  const style = getComputedStyle(element)
  const ink = style.getPropertyValue('--mantine-color-dimmed').trim()
  const text = style.getPropertyValue('--mantine-color-text').trim()
  const rule = style.getPropertyValue('--line').trim()
  const surface = style.getPropertyValue('--surface').trim()
  const dark = document.documentElement.getAttribute('data-mantine-color-scheme') === 'dark'
  const font = { fontFamily: style.fontFamily, color: ink, fontSize: 12 }
  const { ticks, series, unit, format } = content
  return {
    animation: false,
    color: dark ? DARK : LIGHT,
    textStyle: font,
    grid: { left: 8, right: 16, top: 40, bottom: series.length > 1 ? 40 : 8, containLabel: true },
    legend: {
      show: series.length > 1,
      bottom: 0,
      left: 0,
      type: 'plain',
      icon: 'roundRect',
      textStyle: font,
      itemHeight: 3,
    },
    tooltip: {
      trigger: 'axis',
      backgroundColor: surface,
      borderColor: rule,
      textStyle: { ...font, color: text },
      formatter: (items: Hovered[]) => tooltip(items, content),
    },
    xAxis: {
      type: 'category',
      data: ticks,
      boundaryGap: false,
      axisLine: { lineStyle: { color: rule } },
      axisTick: { show: false },
      axisLabel: { ...font, hideOverlap: true },
    },
    yAxis: {
      type: 'value',
      name: unit,
      nameTextStyle: { ...font, align: 'left' },
      splitLine: { lineStyle: { color: rule } },
      axisLabel: { ...font, formatter: (value: number) => format.compact(value) },
    },
    series: series.map(({ name, points, past }) => ({
      name,
      type: 'line',
      data: points,
      showSymbol: points.length < 3,
      symbolSize: 6,
      lineStyle: past ? { type: 'dashed', width: 1.5, color: ink } : { width: 2 },
      itemStyle: past ? { color: ink } : undefined,
      z: past ? 1 : 2,
    })),
  }
}

/** The line, of those that are not the past, that passes nearest to a place; and where along the bottom. */
export function nearest(
  series: readonly Series[],
  along: number,
  height: number,
): [series: number, tick: number] | null {
  const tick = Math.round(along)
  let best: [number, number] | null = null
  let least = Infinity
  series.forEach(({ points, past }, index) => {
    const value = points[tick]
    if (past || value === null || value === undefined || value === 0) return
    const away = Math.abs(value - height)
    if (away < least) [best, least] = [[index, tick], away]
  })
  return best
}

/** Twice the size, so that it stays sharp in a presentation. */
const SCALE = 2

export async function svgToPng(svg: string): Promise<Blob> {
  const image = new Image()
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
  try {
    image.src = url
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = image.width * SCALE
    canvas.height = image.height * SCALE
    const pen = canvas.getContext('2d')
    pen?.scale(SCALE, SCALE)
    if (pen) {
      pen.fillStyle = '#ffffff'
      pen.fillRect(0, 0, image.width, image.height)
    }
    pen?.drawImage(image, 0, 0)
    return await new Promise((resolve, reject) =>
      canvas.toBlob(
        (blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large'))),
        'image/png',
      ),
    )
  } finally {
    URL.revokeObjectURL(url)
  }
}
