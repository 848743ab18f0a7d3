/** What the pages of Explore share: picks and steps as they stand in the URL, and pictures of tables. */
import type { EventInput, FunnelStep, Pick } from '~/api/types'
import type { Filter } from './condition'

type Search = Record<string, unknown>

/** The number whose people lie open. The server judges whether the answer has it. */
export function pickIn(search: Search): Pick | undefined {
  const pick = search['pick']
  const typed = typeof pick === 'object' && pick !== null && 'type' in pick && typeof pick.type === 'string'
  return typed ? (pick as Pick) : undefined
}

/** An event with a filter, as the URL and the builder hold it. */
export interface Step {
  event: string
  where?: Filter
  or?: Step[]
}

function stepOf(value: unknown): Step[] {
  if (typeof value !== 'object' || value === null) return []
  const { event, where, or } = value as Record<string, unknown>
  if (typeof event !== 'string') return []
  const others = Array.isArray(or) ? or.flatMap(stepOf) : []
  return [
    {
      event,
      ...(typeof where === 'object' && where !== null ? { where: where as Filter } : {}),
      ...(others.length > 0 ? { or: others } : {}),
    },
  ]
}

export function stepsIn(search: Search): Step[] | undefined {
  const steps = search['steps']
  const read = Array.isArray(steps) ? steps.flatMap(stepOf) : []
  return read.length > 0 ? read : undefined
}

/** As the server takes an event: the contract calls the JSON form of a filter an object and no more. */
export function eventInput({ event, where }: Step): EventInput {
  return { event, where: where ? { json: where as unknown as NonNullable<EventInput['where']>['json'] } : {} }
}

export function funnelStep(step: Step): FunnelStep {
  const others = (step.or ?? []).filter(({ event }) => event !== '')
  return { ...eventInput(step), or: others.map(eventInput) }
}

/** A rectangle of a picture, with a text in it. */
export interface Box {
  x: number
  y: number
  width: number
  height: number
  fill: string
  ink: string
  text: string
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

/** Boxes as SVG, for drawings of the page that are no chart. */
export function boxes(width: number, height: number, all: readonly Box[]): string {
  const drawn = all.map(
    ({ x, y, width: w, height: h, fill, ink, text }) =>
      `<rect x="${String(x)}" y="${String(y)}" width="${String(w)}" height="${String(h)}" fill="${fill}"/>` +
      `<text x="${String(x + 6)}" y="${String(y + Math.max(15, Math.min(h, 24) / 2 + 5))}" fill="${ink}" font-size="13" font-family="Inter Variable, Noto Sans JP Variable, sans-serif">${escaped(text)}</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(height)}">${drawn.join('')}</svg>`
}
