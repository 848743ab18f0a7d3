/** Dictionary, live tail, rejects, keys, imports and settings of the shop in `dev/`. */
import type {
  EventEntry,
  EventSummary,
  Import,
  Key,
  LiveItem,
  Refusals,
  Reject,
  KeepingAnswer,
  SettingsAnswer,
  Users,
} from '../src/api/types'
import { at, random, summary, TOTAL } from './people'

const DAY = 86_400_000

export function events(): EventSummary[] {
  const rows: readonly (readonly [string, number, number])[] = [
    ['app_installed', 12_040, 0],
    ['app_uninstall', 2_913, 0],
    ['cart_added', 88_120, 0],
    ['page_viewed', 1_240_512, 0],
    ['purchase', 61_230, 1],
    ['search', 204_117, 0],
  ]
  return rows.map(([name, count, conflicts]) => ({
    name,
    events: count,
    first_seen: at(90 * DAY),
    last_seen: at(count % 60_000),
    properties: 4,
    conflicts,
    planned: name === 'purchase',
  }))
}

export function entry(name: string): EventEntry {
  const next = random(name.length)
  const event = events().find((each) => each.name === name) ?? {
    name,
    events: 0,
    properties: 0,
    conflicts: 0,
    planned: false,
    first_seen: null,
    last_seen: null,
  }
  return {
    event,
    properties: [
      {
        name: 'amount',
        types: [
          { type: 'int', count: 60_102 },
          { type: 'text', count: 1_128 },
        ],
        conflict: name === 'purchase',
        examples: ['4980', '12800', '"12,800"'],
      },
      {
        name: 'category',
        types: [{ type: 'text', count: 61_230 }],
        conflict: false,
        examples: ['shoes', 'bags', 'coats'],
      },
      { name: 'order', types: [{ type: 'text', count: 61_230 }], conflict: false, examples: ['o-1', 'o-2'] },
      { name: 'items', types: [{ type: 'int', count: 61_230 }], conflict: false, examples: ['1', '2', '3'] },
    ],
    days: Array.from({ length: 30 }, (_, day) => ({
      day: at((30 - day) * DAY),
      events: Math.round(1_400 + next() * 900),
    })),
  }
}

export function live(position: number, count: number): LiveItem[] {
  const names = ['page_viewed', 'search', 'cart_added', 'purchase', 'identify']
  return Array.from({ length: count }, (_, back) => {
    const who = summary((position + back * 37) % TOTAL)
    return {
      at: at(back * 900),
      received_at: at(back * 900 - 120),
      name: names[(position + back) % names.length] ?? 'search',
      identifier: who.identifier ?? who.id,
      customer: who.id,
      properties: {
        category: 'shoes',
        amount: 4_980,
        path: '/shoes/1042',
      } as unknown as LiveItem['properties'],
    }
  })
}

export const REJECTS: Reject[] = [
  {
    at: at(30_000),
    door: 'web shop',
    index: null,
    customer: 'c11',
    reason: 'identifiers_full',
    field: 'who',
    value: 'device:7f3a',
    message: 'the customer has the most identifiers a customer may have',
    fix: 'look whether a shared device or a test gives one customer many names; docs/limits.md lists the limits',
    record: 'user_id:42 device:7f3a',
  },
  {
    at: at(60_000),
    door: '/v1/track',
    index: 0,
    reason: 'no_name',
    field: 'event',
    value: null,
    message: 'there is no event name',
    fix: 'send `event`, 1 to 200 characters',
    record: '{"type":"track","userId":"42"}',
  },
  {
    at: at(400_000),
    door: '/1/upload',
    index: 0,
    reason: 'bad_time',
    field: 'd[3].ts',
    value: 'yesterday',
    message: 'not a time',
    fix: 'send seconds since 1970',
    record: '{"identity":"42","ts":"yesterday","type":"event"}',
  },
  {
    at: at(900_000),
    door: 'online-retail',
    index: 0,
    reason: 'no_identifier',
    field: 'CustomerID',
    value: null,
    message: 'the row has no customer',
    fix: null,
    record: '536414,22139,,56,12/1/2010 11:52,0,,United Kingdom',
  },
]

export const users = (): Users => ({
  users: [
    {
      id: 'u1',
      email: 'hanako@shop.example.com',
      name: 'Hanako Yamada',
      role: 'owner',
      created_at: at(90 * DAY),
    },
    { id: 'u2', email: 'ken@example.com', name: '佐藤 健', role: 'marketer', created_at: at(12 * DAY) },
  ],
  invited: [{ email: 'anna@example.com', role: 'analyst', expires_at: at(-6 * DAY) }],
})

export const KEYS: Key[] = [
  {
    id: 'k1',
    kind: 'write_key',
    name: 'web shop',
    key: 'wk_4f9a1c27d0b84e55',
    prefix: 'wk_4f9a',
    created_by: 'Hanako Yamada',
    created_at: at(90 * DAY),
    used_at: at(60_000),
    role: null,
  },
  {
    id: 'k2',
    kind: 'api_token',
    name: 'nightly export',
    key: null,
    prefix: 'at_91be',
    role: 'analyst',
    created_by: 'Hanako Yamada',
    created_at: at(20 * DAY),
    used_at: null,
  },
]

export const IMPORTS: Import[] = [
  {
    key: 'b2',
    file: 'orders-2025.ndjson.zst',
    state: 'running',
    rows: 812_000,
    position: 412_000,
    accepted: 411_020,
    duplicate: 0,
    rejected: 980,
    created_by: 'Hanako Yamada',
    created_at: at(120_000),
    changed_at: at(1_000),
  },
  {
    key: 'a1',
    file: 'online-retail.csv',
    state: 'finished',
    rows: 541_909,
    position: 541_909,
    accepted: 406_829,
    duplicate: 0,
    rejected: 135_080,
    created_by: 'Hanako Yamada',
    created_at: at(3 * DAY),
    changed_at: at(3 * DAY - 8_000),
  },
]

export const SETTINGS: SettingsAnswer = {
  workspace: 'shop',
  version: 4,
  settings: {
    time_zone: 'Asia/Tokyo',
    language: 'ja',
    currency: 'JPY',
    purchase_event: 'purchase',
    amount_property: 'amount',
    public_url: 'https://shop.example.com',
    track_opens: true,
    track_clicks: true,
    quiet_hours: { from: '21:00', until: '08:00' },
    holdout_percent: 5,
    keep_events_months: null,
    sender: {
      name: 'Omotenashi Shop',
      email: 'hello@shop.example.com',
      postal_address: '東京都渋谷区神南 1-2-3',
      reply_to: null,
      return_path: null,
    },
    providers: [{ kind: 'sandbox', channel: 'email' }],
  },
  dkim: {
    domain: 'shop.example.com',
    selector: 'omo1',
    record_name: 'omo1._domainkey.shop.example.com',
    record_value: 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
  },
  changed_by: 'Hanako Yamada',
  changed_at: at(5 * DAY),
}

export function refusals(): Refusals {
  const request = { method: 'POST', path: '/v1/batch', message: '', fix: null, door: null, request_id: null }
  return {
    since: at(3 * DAY),
    items: [
      {
        code: 'unknown_write_key',
        requests: 3_204,
        latest: [
          { ...request, at: at(4_000), status: 401, field: 'writeKey', value: 'wk_old_key…' },
          { ...request, at: at(9_000), status: 401, field: 'writeKey', value: 'wk_old_key…' },
        ],
      },
      {
        code: 'body_too_large',
        requests: 12,
        latest: [{ ...request, at: at(2 * DAY), door: 'web shop', status: 413, field: 'body', value: null }],
      },
    ],
  }
}

/** What goes when events are kept for so many months: the shop has sold for fourteen. */
export function retention(months: number): KeepingAnswer {
  const month = (ago: number) => new Date(Date.UTC(2026, -ago, 1)).toISOString()
  const by_month = [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    .filter((ago) => ago > months)
    .map((ago) => ({ month: month(ago).slice(0, 7), events: 40_000 + 812 * ago }))
  const events = by_month.reduce((sum, month) => sum + month.events, 0)
  return { kept_from: month(months), events, by_month, removed_before: null }
}
