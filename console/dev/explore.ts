/** Answers to the questions of Explore, as like the real ones as pages and tests need them. */
import type {
  FunnelAnswer,
  FunnelQuestion,
  PathsAnswer,
  PathsQuestion,
  RetentionAnswer,
  RetentionQuestion,
} from '../src/api/types'
import { NOW } from './people'

const DAY = 86_400_000

interface Asked {
  last?: string | null
  from?: string | null
  to?: string | null
  compare?: unknown
}

/** What every answer says of itself. */
export function told({ last, from, to }: Asked) {
  const end = to ? Date.parse(to) : NOW
  const begin = from
    ? Math.max(Date.parse(from), end - 400 * DAY)
    : end - DAY * Number(/^\d+/.exec(last ?? '30'))
  return {
    from: new Date(begin).toISOString(),
    to: new Date(end).toISOString(),
    time_zone: 'Asia/Tokyo',
    warnings: [],
    took_ms: 4.2,
  }
}

/** The answer, and the one it is compared with: a little less of everything. */
export function compared<Q extends Asked, A extends { from: string; to: string }>(
  question: Q,
  answer: (question: Q) => A,
): A & { compared?: A } {
  const own = answer(question)
  if (!question.compare) return own
  const [from, to] = [Date.parse(own.from), Date.parse(own.to)]
  const before = { from: new Date(from - (to - from)).toISOString(), to: own.from, last: undefined }
  const range = question.compare === 'previous' ? before : {}
  return { ...own, compared: answer({ ...question, ...range }) }
}

export function funnel(question: FunnelQuestion): FunnelAnswer {
  const count = (at: number) => Math.round(9_400 * 0.46 ** at)
  const values = question.breakdown ? ['shoes', 'bags'] : [null]
  const steps = question.steps.map(({ event, or }, at) => ({
    name: [event, ...(or ?? []).map((other) => other.event)].join(' or '),
    customers: count(at),
    dropped: at + 1 < question.steps.length ? count(at) - count(at + 1) : 0,
    of_first: count(at) / count(0),
    of_previous: at > 0 ? count(at) / count(at - 1) : 1,
    median_ms: at * 5_400_000,
    p90_ms: at * 2 * DAY,
  }))
  return { lines: values.map((value) => ({ value, other: false, steps })), ...told(question) }
}

export function retention(question: RetentionQuestion): RetentionAnswer {
  const about = told(question)
  const [from, to] = [Date.parse(about.from), Date.parse(about.to)]
  const length = { day: DAY, week: 7 * DAY, month: 30 * DAY }[question.period ?? 'day']
  const periods = Math.min(60, Math.max(1, Math.ceil((to - from) / length)))
  const share = (k: number) => (k === 0 ? 1 : 0.52 / (1 + 0.35 * k))
  const cohorts = Array.from({ length: periods }, (_, cohort) => {
    const customers = 640 + ((cohort * 137) % 240)
    const returned = Array.from({ length: periods - cohort }, (__, k) => Math.round(customers * share(k)))
    return { start: new Date(from + cohort * length).toISOString(), customers, returned }
  })
  const customers = cohorts.reduce((sum, cohort) => sum + cohort.customers, 0)
  const shares = Array.from({ length: periods }, (_, k) => share(k))
  return { lines: [{ value: null, other: false, customers, cohorts, shares }], ...about }
}

const WAYS: readonly (readonly [string[], number])[] = [
  [['search', 'product_view', 'app_open'], 182],
  [['product_view', 'add_to_cart', 'app_open'], 140],
  [['app_open', 'app_open'], 77],
  [['push_open'], 64],
  [[], 23],
]

export function paths(question: PathsQuestion): PathsAnswer {
  const anchors = WAYS.reduce((sum, [, times]) => sum + times, 0)
  const nodes = new Map<string, { distance: number; step: string; anchors: number; ended: number }>()
  const links = new Map<string, { distance: number; near: string | null; far: string; anchors: number }>()
  for (const [steps, times] of WAYS) {
    const near = question.direction === 'after' ? steps : steps.toReversed()
    near.forEach((step, at) => {
      const node = nodes.get(`${String(at)} ${step}`) ?? { distance: at + 1, step, anchors: 0, ended: 0 }
      node.anchors += times
      if (at + 1 === near.length && at + 1 < 3) node.ended += times
      nodes.set(`${String(at)} ${step}`, node)
      const before = near[at - 1] ?? null
      const key = `${String(at)} ${before ?? ''} ${step}`
      const link = links.get(key) ?? { distance: at, near: before, far: step, anchors: 0 }
      link.anchors += times
      links.set(key, link)
    })
  }
  return {
    anchor: question.anchor?.event ?? 'purchase',
    anchors,
    customers: anchors,
    paths: WAYS.map(([steps, times]) => ({ steps, anchors: times, share: times / anchors })),
    nodes: [...nodes.values()],
    links: [...links.values()],
    ...told(question),
  }
}
