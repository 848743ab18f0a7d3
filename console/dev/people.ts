/** The customers of the shop in `dev/`: made from a seed, so that every run and every screenshot is the same. */
import type { Customer, CustomerSummary, MessageSummary, Moment } from '../src/api/types'

/** The present of the shop. Fixed, so that screenshots compare. */
export const NOW = Date.parse('2026-01-31T03:00:00Z')
const HOUR = 3_600_000
const DAY = 24 * HOUR

export function at(ago: number): string {
  return new Date(NOW - ago).toISOString()
}

/** A small generator with a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const FAMILY = [
  '佐藤',
  '鈴木',
  '高橋',
  '田中',
  '伊藤',
  '渡辺',
  '山本',
  '中村',
  'Miller',
  'Chen',
  'Garcia',
  'Okafor',
]
const GIVEN = ['花子', '太郎', '美咲', '翔太', '陽菜', '健', '結衣', '大輔', 'Anna', 'Wei', 'Lucia', 'Emeka']
const LATIN = [
  'sato',
  'suzuki',
  'takahashi',
  'tanaka',
  'ito',
  'watanabe',
  'yamamoto',
  'nakamura',
  'miller',
  'chen',
  'garcia',
  'okafor',
]

export const TOTAL = 20_000

export function summary(index: number): CustomerSummary {
  const next = random(index + 1)
  const family = Math.floor(next() * FAMILY.length)
  const given = Math.floor(next() * GIVEN.length)
  const japanese = family < 8
  const label = japanese
    ? `${FAMILY[family] ?? ''} ${GIVEN[given % 8] ?? ''}`
    : `${GIVEN[8 + (given % 4)] ?? ''} ${FAMILY[family] ?? ''}`
  const last = Math.floor(next() * 80 * DAY)
  return {
    id: `c${(index * 16 + (index % 16)).toString(16)}`,
    label,
    email: next() < 0.85 ? `${LATIN[family] ?? ''}${String(index)}@example.com` : null,
    identifier: `user_id:${String(10_000 + index)}`,
    events: 3 + Math.floor(next() ** 3 * 400),
    first_seen: at(last + Math.floor(next() * 300 * DAY)),
    last_seen: at(last),
  }
}

export function indexOf(id: string): number {
  return Math.floor(parseInt(id.slice(1), 16) / 16)
}

export function customer(id: string): Customer {
  const index = indexOf(id)
  const brief = summary(index)
  const japanese = /[一-龠]/.test(brief.label)
  return {
    id,
    label: brief.label,
    identifiers: [
      { kind: 'user_id', value: String(10_000 + index) },
      ...(brief.email ? [{ kind: 'email', value: brief.email }] : []),
      { kind: 'anonymous_id', value: `a-${(index * 7919).toString(16)}` },
    ],
    traits: {
      name: brief.label,
      country: japanese ? 'JP' : 'GB',
      tier: ['bronze', 'silver', 'gold'][index % 3],
      shoe_size: 22 + (index % 8) / 2,
      favourites: ['shoes', 'bags'],
      birthday: '1988-04-12',
    } as unknown as Customer['traits'],
    language: japanese ? 'ja' : 'en',
    time_zone: japanese ? 'Asia/Tokyo' : 'Europe/London',
    addresses: brief.email
      ? [{ channel: 'email', address: brief.email, state: 'live', since: brief.first_seen }]
      : [],
    consents: [
      { purpose: 'marketing', given: true, at: at(90 * DAY), proof: '新商品やお得な情報をメールで受け取る' },
      { purpose: 'research', channel: 'email', given: false, at: at(12 * DAY), proof: 'preference_page' },
    ],
    topics: [{ topic: 'new arrivals', subscribed: true, at: at(60 * DAY) }],
    audiences: ['Silent for 60 days', 'スニーカー好き'].slice(0, 1 + (index % 2)),
    events: brief.events,
    first_seen: brief.first_seen,
    last_seen: brief.last_seen,
    blocked: index % 97 === 5,
    merged: [{ customer: 'c5', by: 'anonymous_id:7f3a1c90', at: at(80 * DAY) }],
  }
}

const CATEGORIES = ['shoes', 'bags', 'coats', 'hats']

function moment(
  ago: number,
  kind: Moment['kind'],
  name: string,
  properties: object,
  message?: string,
): Moment {
  return { at: at(ago), kind, name, properties: properties as Moment['properties'], message: message ?? null }
}

export function timeline(id: string): Moment[] {
  const index = indexOf(id)
  const category = CATEGORIES[index % 4] ?? 'shoes'
  const message = `m3-${id}-0`
  return [
    moment(2 * HOUR, 'event', 'page_viewed', { path: `/${category}/1042`, title: '春の新作' }),
    moment(
      2.1 * HOUR,
      'message',
      '$message_clicked',
      { campaign: '春の先行案内', url: `https://shop.example.com/${category}` },
      message,
    ),
    moment(2.2 * HOUR, 'message', '$message_opened', { campaign: '春の先行案内' }, message),
    moment(
      20 * HOUR,
      'message',
      '$message_delivered',
      { campaign: '春の先行案内', channel: 'email' },
      message,
    ),
    moment(
      20.1 * HOUR,
      'message',
      '$message_decided',
      { campaign: '春の先行案内', outcome: 'send' },
      message,
    ),
    moment(30 * HOUR, 'audience', 'Silent for 60 days', { member: false }),
    moment(31 * HOUR, 'event', 'purchase', {
      category,
      amount: 12_800,
      items: 2,
      order: `o-${String(index)}`,
    }),
    moment(31.2 * HOUR, 'event', 'cart_added', { category, sku: 'S-1042', price: 12_800 }),
    moment(55 * HOUR, 'trait', 'tier', { value: 'silver' }),
    moment(12 * DAY, 'consent', 'research', { given: false, channel: 'email' }),
    moment(60 * DAY, 'topic', 'new arrivals', { subscribed: true }),
    moment(90 * DAY, 'consent', 'marketing', { given: true }),
    moment(90.01 * DAY, 'address', 'email', { live: 1 }),
  ]
}

const STATES = [
  'clicked',
  'opened',
  'delivered',
  'suppressed',
  'delivered',
  'suppressed',
  'bounced',
  'opened',
] as const
const REASONS = ['no_consent', 'holdout', 'unreachable', 'consent_withdrawn'] as const
const GATES = {
  no_consent: 'consent',
  consent_withdrawn: 'consent',
  holdout: 'holdout',
  unreachable: 'reachable',
} as const

export function message(index: number, campaign = 3, name = '春の先行案内'): MessageSummary {
  const who = summary(index)
  const state = STATES[index % STATES.length] ?? 'delivered'
  const reason =
    state === 'suppressed' ? (REASONS[Math.floor(index / 3) % REASONS.length] ?? 'holdout') : null
  return {
    id: `m${String(campaign)}-${who.id}-0`,
    customer: who.id,
    label: who.label,
    campaign,
    campaign_name: name,
    channel: 'email',
    at: at(20 * HOUR + index * 1000),
    verdict: reason ? 'suppress' : 'send',
    gate: reason ? GATES[reason] : null,
    reason: reason ?? (state === 'bounced' ? '5.1.1 no such user' : null),
    state,
    variant: reason ? null : 'ja',
  }
}
