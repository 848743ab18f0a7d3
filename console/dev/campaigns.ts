/** Campaigns of the shop in `dev/`: one of each state, and what became of them. */
import type {
  Campaign,
  CampaignBrief,
  CampaignDraft,
  CampaignReport,
  CampaignState,
  LaunchCheck,
  MessageCounts,
  Preview,
  Why,
} from '../src/api/types'
import { at, customer, message, summary } from './people'

const HOUR = 3_600_000

export const NOTHING: MessageCounts = {
  planned: 0,
  held: 0,
  suppressed: 0,
  sent: 0,
  delivered: 0,
  opened: 0,
  clicked: 0,
  bounced: 0,
  failed: 0,
  complained: 0,
  unsubscribed: 0,
}

const DONE: MessageCounts = {
  planned: 3_412,
  held: 0,
  suppressed: 1_034,
  sent: 3_412,
  delivered: 3_371,
  opened: 1_520,
  clicked: 412,
  bounced: 41,
  failed: 0,
  complained: 2,
  unsubscribed: 17,
}

const BODY = `<mjml>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text font-size="20px">{{ customer.name }}様</mj-text>
        <mj-text>いつもありがとうございます。春の新作を、どなたよりも先にご案内いたします。</mj-text>
        <mj-button href="https://shop.example.com/spring">新作を見る</mj-button>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>`

export function draft(name: string, audience: string | null): CampaignDraft {
  return {
    name,
    audience,
    purpose: 'marketing',
    channel: 'email',
    topic: 'new arrivals',
    variants: [
      {
        language: 'ja',
        subject: '{{ customer.name }}様、春の新作のご案内です',
        preheader: 'どなたよりも先に',
        format: 'mjml',
        body: BODY,
      },
      {
        language: 'en',
        subject: 'Spring is here, {{ customer.name }}',
        preheader: 'Before anybody else',
        format: 'mjml',
        body: BODY,
      },
    ],
    holdout_percent: 10,
  }
}

export function campaign(id: number, state: CampaignState, draft: CampaignDraft): Campaign {
  const begun = state !== 'draft' && state !== 'scheduled'
  const part = state === 'finished' ? 1 : 0.62
  const share = (value: number) => Math.round(value * part)
  return {
    id,
    state,
    version: 3,
    draft,
    messages: begun
      ? (Object.fromEntries(
          Object.entries(DONE).map(([name, value]) => [name, share(value)]),
        ) as MessageCounts)
      : NOTHING,
    progress: begun ? { decided: share(4_446), of: 4_446 } : null,
    created_by: 'Hanako Yamada',
    created_at: at(70 * HOUR),
    changed_at: at((id * 7 + 1) * HOUR),
    launched_at: begun ? at(20 * HOUR) : null,
    finished_at: state === 'finished' ? at(19.8 * HOUR) : null,
  }
}

export function first(): Campaign[] {
  const scheduled = draft('母の日のご案内', 'スニーカー好き')
  return [
    campaign(6, 'draft', draft('Win back, personally', 'Silent for 60 days')),
    campaign(5, 'scheduled', { ...scheduled, send_at: '2026-02-01T01:00:00.000Z' }),
    campaign(4, 'running', draft('週末セール', 'スニーカー好き')),
    campaign(3, 'finished', draft('春の先行案内', 'スニーカー好き')),
    campaign(2, 'paused', draft('Review request', 'Silent for 60 days')),
  ]
}

export function brief({
  id,
  state,
  version,
  draft,
  messages,
  progress,
  changed_at,
  launched_at,
}: Campaign): CampaignBrief {
  return {
    id,
    name: draft.name,
    state,
    version,
    audience: draft.audience ?? null,
    channel: draft.channel,
    send_at: draft.send_at ?? launched_at ?? null,
    messages,
    progress: progress ?? null,
    changed_at,
  }
}

const LEFT_OUT = [
  { gate: 'consent', reason: 'no_consent', customers: 512, examples: ['c11', 'c22'] },
  { gate: 'holdout', reason: 'holdout', customers: 341, examples: ['c33'] },
  { gate: 'reachable', reason: 'unreachable', customers: 120, examples: ['c44'] },
  { gate: 'consent', reason: 'consent_withdrawn', customers: 61, examples: ['c55'] },
]

export function check(campaign: Campaign): LaunchCheck {
  const ready = campaign.draft.audience != null
  return {
    as_of: at(0),
    version: campaign.version,
    ready,
    sentence: 'sends the message to 3,412 of 4,446 people in the audience now',
    obstacles: ready
      ? []
      : [{ code: 'no_audience', field: 'audience', message: 'there is no audience', fix: 'choose one' }],
    relevant: { audience: 4_446, send: 3_412, hold: 148, left_out: LEFT_OUT, examples: ['c11', 'c22'] },
    best_way: {
      reach: [
        { channel: 'email', customers: 4_201 },
        { channel: 'push', customers: 1_932 },
        { channel: 'line', customers: 1_204 },
      ],
      consent_missing: 573,
      unreachable: 120,
    },
    best_time: {
      at: at(0),
      local_hours: [0, 0, 12, 60, 31, 0, 0, 0, 0, 0, 0, 0, 3_100, 12, 0, 0, 0, 0, 0, 120, 40, 20, 17, 0],
      in_quiet_hours: 148,
      zone_unknown: 96,
    },
    broken: {
      customers: 2,
      tried: 3_412,
      examples: [
        {
          customer: 'c66',
          error: {
            language: 'ja',
            part: 'subject',
            line: 1,
            message: '`customer.name` is missing and has no fallback',
            fix: 'give it a fallback, as in `{{ customer.name | default: "…" }}`',
          },
        },
        {
          customer: 'c77',
          error: {
            language: 'en',
            part: 'subject',
            line: 1,
            message: '`customer.name` is missing and has no fallback',
            fix: 'give it a fallback, as in `{{ customer.name | default: "…" }}`',
          },
        },
      ],
    },
    took_ms: 41.2,
  }
}

export function report(campaign: Campaign): CampaignReport {
  return {
    as_of: at(0),
    campaign: brief(campaign),
    messages: campaign.messages,
    left_out: LEFT_OUT,
    held: [],
    links: [
      { url: 'https://shop.example.com/spring', customers: 398, clicks: 511 },
      { url: 'https://shop.example.com/', customers: 61, clicks: 66 },
    ],
    reached: { customers: 3_371, buyers: 214, purchases: 241, revenue: 2_914_300 },
    comparison: {
      contacted: { customers: 3_402, buyers: 216, purchases: 244, revenue: 2_951_800 },
      holdout: { customers: 341, buyers: 12, purchases: 13, revenue: 150_200 },
      buyers: { value: 0.0283, low: 0.0037, high: 0.0442, reading: 'more' },
      revenue_per_customer: { value: 427.2, low: -31.5, high: 885.9, reading: 'open' },
    },
    attribution_hours: 168,
    closes_at: at(-48 * HOUR),
  }
}

const MAIL = (name: string, japanese: boolean) => `<!doctype html><html><head><meta charset="utf-8"></head>
<body style="font-family:sans-serif;margin:0;padding:32px;background:#f5f6f8">
<div style="max-width:480px;margin:auto;background:#fff;padding:32px;border-radius:8px">
<h1 style="font-size:20px">${japanese ? `${name}様` : `Hello ${name},`}</h1>
<p>${japanese ? 'いつもありがとうございます。春の新作を、どなたよりも先にご案内いたします。' : 'spring is here. We show you the new shoes before anybody else.'}</p>
<p><a href="https://shop.example.com/spring" style="background:#2f5f9e;color:#fff;padding:12px 24px;border-radius:6px;text-decoration:none">${japanese ? '新作を見る' : 'Have a look'}</a></p>
<p style="color:#767676;font-size:12px"><a href="https://shop.example.com/u/x" style="color:#767676">${japanese ? '配信停止はこちら' : 'Unsubscribe'}</a></p></div></body></html>`

export function preview(subject: string, language: string, id: string | null | undefined): Preview {
  const who = customer(id?.startsWith('c') ? id : 'c11')
  const japanese = language.startsWith('ja')
  return {
    customer: who.id,
    label: who.label,
    language,
    from: 'Omotenashi Shop <hello@shop.example.com>',
    subject: subject.replaceAll(/\{\{\s*customer\.name[^}]*\}\}/g, who.label),
    preheader: japanese ? 'どなたよりも先に' : 'Before anybody else',
    html: MAIL(who.label, japanese),
    text: japanese
      ? `${who.label}様\n\n春の新作をご案内いたします。`
      : `Hello ${who.label},\n\nspring is here.`,
    errors: subject.includes('{{ broken')
      ? [
          {
            language,
            part: 'subject',
            line: 1,
            column: 4,
            message: 'there is no such value: `broken`',
            fix: 'did you mean `customer`?',
          },
        ]
      : [],
  }
}

export function mail(index: number) {
  const who = summary(index)
  const japanese = /[一-龠]/.test(who.label)
  const brief = {
    id: `s${String(1_000 - index)}`,
    at: at(index * 61_000),
    channel: 'email' as const,
    from: 'Omotenashi Shop <hello@shop.example.com>',
    to: who.email ?? `user${String(index)}@example.com`,
    subject: japanese ? `${who.label}様、春の新作のご案内です` : `Spring is here, ${who.label}`,
    message: `m3-${who.id}-0`,
    customer: who.id,
    campaign: '春の先行案内',
    bytes: 4_812,
  }
  return {
    summary: brief,
    headers: [
      { name: 'From', value: brief.from },
      { name: 'To', value: brief.to },
      { name: 'List-Unsubscribe', value: '<https://shop.example.com/u/x>' },
      { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
    ],
    html: MAIL(who.label, japanese),
    text: 'Hello',
    raw: `From: ${brief.from}\r\nTo: ${brief.to}\r\n\r\nHello`,
  }
}

export function why(id: string): Why {
  const index = Math.floor(parseInt(id.split('-')[1]?.slice(1) ?? '11', 16) / 16)
  const it = message(index)
  const stopped = it.gate
  const gate = (name: string, saw: Why['gates'][number]['saw'] = []): Why['gates'][number] => ({
    gate: name,
    result: name === stopped ? 'suppressed' : name === 'quiet' ? 'exempt' : 'passed',
    reason: name === stopped ? (it.reason ?? null) : null,
    decided: name === stopped,
    saw,
    sentence: '',
  })
  return {
    message: it,
    purpose: 'marketing',
    topic: 'new arrivals',
    campaign_version: 3,
    until: null,
    sentence: 'it was to be sent: all gates passed',
    gates: [
      gate('eligible'),
      gate('known'),
      gate('consent', [{ key: 'at', value: '2025-11-02' }]),
      gate('topic', [{ key: 'at', value: '2025-12-02' }]),
      gate('reachable', [{ key: 'channels', value: 'email' }]),
      gate('holdout', [
        { key: 'drawn', value: '7321' },
        { key: 'share', value: '1000' },
      ]),
      gate('quiet'),
      gate('content', [{ key: 'hash', value: '9f3c1a' }]),
    ],
    life: stopped
      ? [{ at: it.at, what: 'decided', detail: null }]
      : [
          { at: it.at, what: 'decided', detail: null },
          { at: it.at, what: 'attempted', detail: 'sandbox' },
          { at: it.at, what: 'delivered', detail: '250 2.0.0 OK' },
        ],
    holdout: it.reason === 'holdout',
    took_ms: 0.8,
  }
}
