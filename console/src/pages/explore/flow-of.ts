import type { PathsAnswer, Pick } from '~/api/types'
import type { FlowLink, FlowNode } from '~/ui/flow'

interface Words {
  other: string
  ended: string
}

interface FlowOf {
  nodes: FlowNode[]
  links: FlowLink[]
  /** Whose people a node opens. */
  picks: Map<string, Pick>
}

const id = (distance: number, step: string | null | undefined) => `${String(distance)} ${step ?? '*'}`

/** Paths as columns from left to right in the order of time; the anchor is the last or the first of them. */
export function flowOf(paths: PathsAnswer, direction: 'before' | 'after', words: Words): FlowOf {
  const far = Math.max(1, ...paths.nodes.map(({ distance, ended }) => distance + (ended > 0 ? 1 : 0)))
  const column = (distance: number) => (direction === 'before' ? far - distance : distance)
  const anchor = id(0, null)
  const nodes: FlowNode[] = [{ id: anchor, label: paths.anchor, depth: column(0) }]
  const links: FlowLink[] = []
  const picks = new Map<string, Pick>([[anchor, { type: 'everybody' }]])
  const add = (near: string, further: string, value: number) =>
    links.push(
      direction === 'before' ? { from: further, to: near, value } : { from: near, to: further, value },
    )
  for (const { distance, step, ended } of paths.nodes) {
    const node = id(distance, step)
    nodes.push({
      id: node,
      label: step ?? words.other,
      depth: column(distance),
      quiet: step == null,
    })
    if (step != null) picks.set(node, { type: 'node', distance, step })
    if (ended > 0) {
      const end = `${node} end`
      nodes.push({ id: end, label: words.ended, depth: column(distance + 1), quiet: true })
      if (step != null) picks.set(end, { type: 'node', distance, step, ended: true })
      add(node, end, ended)
    }
  }
  for (const { distance, near, far: further, anchors } of paths.links) {
    add(distance === 0 ? anchor : id(distance, near), id(distance + 1, further), anchors)
  }
  return { nodes, links, picks }
}
