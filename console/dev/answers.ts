/** What the shop in `dev/` says of itself: numbers that fit together well enough to look at. */
import type {
  Audience,
  AudienceLive,
  AudienceSizes,
  AudienceSummary,
  ConditionChecked,
  Home,
  Passage,
  RfmAnswer,
  RfmGroupName,
  RfmQuestion,
  TrendAnswer,
  TrendQuestion,
} from '../src/api/types'
import { told } from './explore'
import { at, NOW, random, summary, TOTAL } from './people'

const DAY = 86_400_000

export const REACH = [
  { channel: 'email' as const, customers: 17_012 },
  { channel: 'push' as const, customers: 8_230 },
  { channel: 'line' as const, customers: 5_120 },
  { channel: 'sms' as const, customers: 3_214 },
]

export function home(): Omit<Home, 'campaigns'> {
  const next = random(7)
  return {
    as_of: at(0),
    behind_ms: 40,
    customers: TOTAL,
    reach: REACH,
    events_per_minute: Array.from({ length: 60 }, (_, minute) =>
      Math.round(600 + 220 * Math.sin(minute / 9) + next() * 160),
    ),
    events_last_day: 912_340,
    events_day_before: 871_022,
    rejects_last_day: 214,
    messages_last_day: {
      planned: 3_412,
      held: 12,
      suppressed: 1_034,
      sent: 3_412,
      delivered: 3_371,
      opened: 1_520,
      clicked: 412,
      bounced: 41,
      failed: 0,
      complained: 2,
      unsubscribed: 17,
    },
    warnings: [],
    next_steps: [
      { step: 'send_events', done: true },
      { step: 'make_audience', done: true },
      { step: 'set_sender', done: false },
      { step: 'launch_campaign', done: true },
    ],
  }
}

const CONDITIONS: readonly (readonly [string, string, string, number])[] = [
  [
    'Silent for 60 days',
    'Bought twice, then silent: worth a personal word',
    'did "purchase" at least 2 times\nand not did "purchase" in last 60 days',
    2_214,
  ],
  [
    'スニーカー好き',
    '靴を 2 回以上購入されたお客様',
    'did "purchase" where category = "shoes" at least 2 times in last 90 days',
    4_446,
  ],
  ['Tokyo, reachable on LINE', '', 'trait city = "Tokyo" and reachable on line', 1_830],
]

export function audiences(): (AudienceSummary & { json: object })[] {
  return CONDITIONS.map(([name, description, text, customers], index) => ({
    name,
    description,
    text,
    json: check({ text }).json ?? {},
    customers,
    live: true,
    version: 2,
    changed_by: 'Hanako Yamada',
    changed_at: at(index * 3 * DAY + DAY),
  }))
}

export function audience(it: AudienceSummary): Audience {
  return {
    ...it,
    json: (check({ text: it.text }).json ?? { type: 'everyone' }) as Audience['json'],
    created_by: it.changed_by,
    created_at: at(40 * DAY),
    people: people(it.customers ?? 0),
  }
}

export function live(it: AudienceSummary): AudienceLive {
  const now = { as_of: at(0), customers: it.customers ?? 0 }
  return it.live ? { ...now, since: at(200 * DAY) } : { ...now, counted_percent: it.counted_percent ?? null }
}

/** What is being counted comes a step further whenever somebody looks; counted to the end, it is live. */
export function countOn(it: AudienceSummary): void {
  if (it.counted_percent == null) return
  it.counted_percent = it.counted_percent < 80 ? it.counted_percent + 40 : null
  it.live = it.counted_percent === null
}

/** Grows towards what it is now, a little less at weekends. */
export function sizes(it: AudienceSummary, days: number): AudienceSizes {
  const now = it.customers ?? 0
  const day = (back: number) => ({
    day: at(back * DAY + (NOW % DAY)),
    customers: Math.round(now * (1 - back / (3 * days) + 0.01 * Math.sin(back))),
    entered: 30 + ((back * 7) % 11),
    left: 12 + ((back * 5) % 9),
  })
  return {
    as_of: at(0),
    time_zone: 'Asia/Tokyo',
    days: Array.from({ length: days }, (_, index) => day(days - 1 - index)),
  }
}

const CAUSES = ['event:purchase', 'time', 'trait:country', 'consent:marketing', 'merge'] as const

export function passage(index: number): Passage {
  return {
    at: at(index * 420_000),
    customer: summary(index * 3),
    entered: index % 3 !== 1,
    because: CAUSES[index % CAUSES.length] ?? 'time',
  }
}

export function people(customers: number) {
  return {
    as_of: at(0),
    customers,
    of: TOTAL,
    reach: REACH.map(({ channel, customers: all }) => ({
      channel,
      customers: Math.round((all / TOTAL) * customers),
    })),
    consented: Math.round(customers * 0.71),
    took_ms: 2.4,
  }
}

const WROTE = [
  { type: 'did', event: 'purchase', measure: { type: 'at_least', times: 2 } },
  { type: 'not', of: { type: 'did', event: 'purchase', window: { type: 'last', span: '60 days' } } },
]

/** The language itself lives in the server; this knows a few sentences and shows how errors look. */
export function check(input: { text?: string | null; json?: object | null }): ConditionChecked {
  if (input.json) {
    return {
      text: words(input.json as Written),
      json: input.json as ConditionChecked['json'],
      errors: [],
      warnings: [],
    }
  }
  const text = input.text ?? ''
  const wrong = text.split('\n').findIndex((line) => line.includes('at leats'))
  if (wrong >= 0) {
    const column = (text.split('\n')[wrong] ?? '').indexOf('leats') + 1
    return {
      text: null,
      json: null,
      errors: [
        { line: wrong + 1, column, message: 'unexpected word. value=`leats`', expected: '`least` or `most`' },
      ],
      warnings: [],
    }
  }
  const json = text === 'everyone' ? { type: 'everyone' } : { type: 'all', of: WROTE }
  return { text, json: json as unknown as ConditionChecked['json'], errors: [], warnings: [] }
}

interface Written {
  type: string
  of?: Written | Written[]
  event?: string
  name?: string
}

function words(it: Written): string {
  if (it.type === 'not') return `not ${words(it.of as Written)}`
  if (Array.isArray(it.of)) return it.of.map(words).join(it.type === 'any' ? ' or ' : '\nand ')
  return [it.type.replaceAll('_', ' '), it.event ?? it.name].filter(Boolean).join(' ')
}

const GROUPS: readonly RfmGroupName[] = [
  'champions',
  'loyal',
  'potential_loyalists',
  'new',
  'promising',
  'needs_attention',
  'about_to_sleep',
  'at_risk',
  'cannot_lose',
  'hibernating',
]

/** Frequency 5 down to 1, recency 1 to 5, as the meaning of RFM lays it down. */
const GRID: readonly (readonly RfmGroupName[])[] = [
  ['cannot_lose', 'cannot_lose', 'loyal', 'loyal', 'champions'],
  ['at_risk', 'at_risk', 'loyal', 'loyal', 'champions'],
  ['at_risk', 'at_risk', 'needs_attention', 'potential_loyalists', 'potential_loyalists'],
  ['hibernating', 'hibernating', 'about_to_sleep', 'potential_loyalists', 'potential_loyalists'],
  ['hibernating', 'hibernating', 'about_to_sleep', 'promising', 'new'],
]

function numbers(customers: number, revenue: number, all: number) {
  const both = (value: number) => ({ mean: value * 1.2, median: value })
  return {
    customers,
    recency_days: both(4 + (customers % 23)),
    frequency: both(1 + (customers % 7)),
    monetary: both(Math.round(revenue / Math.max(1, customers))),
    revenue,
    revenue_share: revenue / all,
    reach: [{ channel: 'email' as const, customers: Math.round(customers * 0.84) }],
  }
}

export function rfm(question: RfmQuestion): RfmAnswer {
  const next = random(3)
  const raw = GRID.flatMap((row, up) =>
    row.map((group, right) => {
      const customers = Math.round(80 + next() * 420 + 60 * Math.abs(right - (4 - up)) ** 0.5)
      return {
        recency: right + 1,
        frequency: 5 - up,
        group,
        customers,
        revenue: customers * (900 + (5 - up) * 2_600 + next() * 900),
      }
    }),
  )
  const all = raw.reduce((sum, { revenue }) => sum + revenue, 0)
  const total = (of: typeof raw) => ({
    customers: of.reduce((sum, { customers }) => sum + customers, 0),
    revenue: of.reduce((sum, { revenue }) => sum + revenue, 0),
  })
  return {
    event: 'purchase',
    amount_property: 'amount',
    ...told(question),
    customers: total(raw).customers,
    revenue: all,
    groups: GROUPS.map((group) => {
      const { customers, revenue } = total(raw.filter((cell) => cell.group === group))
      return {
        group,
        numbers: numbers(customers, revenue, all),
        condition: 'did "purchase" at least 4 times in last 30 days',
      }
    }),
    cells: raw.map(({ recency, frequency, group, customers, revenue }) => ({
      recency,
      frequency,
      group,
      numbers: numbers(customers, revenue, all),
    })),
    moves: [null, ...GROUPS].flatMap((was) =>
      [...GROUPS, null].flatMap((is) => {
        const customers = Math.floor(next() ** 3 * (was === is ? 400 : 90))
        return customers > 3 ? [{ from: was, to: is, customers }] : []
      }),
    ),
  }
}

export function trend(question: TrendQuestion): TrendAnswer {
  const about = told(question)
  const [from, to] = [Date.parse(about.from), Date.parse(about.to)]
  const next = random(Math.floor(to / DAY))
  const count = Math.max(1, Math.round((to - from) / DAY))
  const points = Array.from({ length: count }, (_, day) =>
    Math.round(900 + 240 * Math.sin(day / 1.1) + next() * 180),
  )
  const events = question.events?.map(({ event }) => event) ?? [question.event ?? 'purchase']
  const values = question.breakdown ? ['shoes', 'bags', 'coats', 'hats'] : [null]
  const names = events.flatMap((event) => values.map((value) => ({ event, value })))
  return {
    buckets: points.map((_, day) => new Date(from + day * DAY).toISOString()),
    lines: names.map((name, index) => {
      const own = points.map((point) => Math.round(point / (index + 1)))
      const total = own.reduce((sum, point) => sum + point, 0)
      return { ...name, other: false, points: own, total }
    }),
    ...about,
  }
}
