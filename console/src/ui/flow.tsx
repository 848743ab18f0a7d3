import { useComputedColorScheme } from '@mantine/core'
import type { EChartsType } from 'echarts/core'
import { useEffect, useRef } from 'react'
import { useFormat } from '~/lib/use-format'
import { DARK, LIGHT } from './chart-parts'

export interface FlowNode {
  id: string
  label: string
  /** Which column, from the left. */
  depth: number
  /** What is not a step of its own: grey. */
  quiet?: boolean
}

export interface FlowLink {
  from: string
  to: string
  value: number
}

interface FlowProps {
  label: string
  nodes: readonly FlowNode[]
  links: readonly FlowLink[]
  onPick: (id: string) => void
  onReady: (chart: EChartsType) => void
}

/** How many went from what to what, as bands between columns. */
export function Flow({ label, nodes, links, onPick, onReady }: FlowProps) {
  const scheme = useComputedColorScheme('light')
  const format = useFormat()
  const place = useRef<HTMLDivElement>(null)
  const told = useRef({ onPick, onReady })
  useEffect(() => {
    told.current = { onPick, onReady }
  }, [onPick, onReady])
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    let gone = false
    let chart: EChartsType | undefined
    const watch = new ResizeObserver(() => chart?.resize())
    void import('./flow-engine').then(({ init }) => {
      if (gone) return
      chart = init(element, null, { renderer: 'svg' })
      chart.setOption(option(element, { nodes, links, say: (value) => format.number(value) }))
      chart.on('click', ({ dataType, name }) => {
        if (dataType === 'node') told.current.onPick(name)
      })
      watch.observe(element)
      told.current.onReady(chart)
    })
    return () => {
      gone = true
      watch.disconnect()
      chart?.dispose()
    }
  }, [nodes, links, format, scheme])
  return <div ref={place} role="img" aria-label={label} style={{ height: heightOf(nodes) }} />
}

const [LOW, HIGH, PER_NODE] = [400, 960, 30]

/** Room for the name of each node of the fullest column, within reason. */
function heightOf(nodes: readonly FlowNode[]): number {
  const columns = Map.groupBy(nodes, ({ depth }) => depth)
  const most = Math.max(0, ...[...columns.values()].map(({ length }) => length))
  return Math.min(HIGH, Math.max(LOW, PER_NODE * most))
}

interface Content {
  nodes: readonly FlowNode[]
  links: readonly FlowLink[]
  say: (value: number) => string
}

function option(element: HTMLElement, { nodes, links, say }: Content) {
  const style = getComputedStyle(element)
  const text = style.getPropertyValue('--mantine-color-text').trim()
  const dimmed = style.getPropertyValue('--mantine-color-dimmed').trim()
  const surface = style.getPropertyValue('--surface').trim()
  const rule = style.getPropertyValue('--line').trim()
  const dark = document.documentElement.getAttribute('data-mantine-color-scheme') === 'dark'
  const colours = dark ? DARK : LIGHT
  const steps = [...new Set(nodes.filter(({ quiet }) => !quiet).map(({ label }) => label))]
  const labels = new Map(nodes.map(({ id, label }) => [id, label]))
  return {
    animation: false,
    textStyle: { fontFamily: style.fontFamily, color: text },
    tooltip: {
      backgroundColor: surface,
      borderColor: rule,
      textStyle: { color: text, fontSize: 12 },
      // Built as an element, so that a name from outside stays text.
      formatter: (it: {
        dataType: string
        name: string
        value: number
        data: { source?: string; target?: string }
      }) => {
        const box = document.createElement('div')
        const { source, target } = it.data
        const name =
          source && target
            ? `${labels.get(source) ?? ''} → ${labels.get(target) ?? ''}`
            : (labels.get(it.name) ?? '')
        box.textContent = `${name}: ${say(it.value)}`
        return box
      },
    },
    series: [
      {
        type: 'sankey',
        left: 8,
        right: 150,
        top: 12,
        bottom: 12,
        nodeAlign: 'left',
        draggable: false,
        nodeGap: 18,
        // A name that would lie on another's is left to the tooltip.
        labelLayout: { hideOverlap: true },
        emphasis: { focus: 'adjacency' },
        data: nodes.map(({ id, label, depth, quiet }) => ({
          name: id,
          depth,
          itemStyle: { color: quiet ? dimmed : colours[steps.indexOf(label) % colours.length] },
          label: { color: text },
        })),
        links: links.map(({ from, to, value }) => ({ source: from, target: to, value })),
        label: { formatter: ({ name }: { name: string }) => labels.get(name) ?? '', fontSize: 12 },
        lineStyle: { color: 'source', opacity: 0.28, curveness: 0.5 },
      },
    ],
  }
}
