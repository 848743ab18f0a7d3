/** A small shop that answers like the server: for development and tests, never shipped. */
import type { Me } from '../src/api/session'
import type {
  Campaign,
  CampaignDraft,
  CountQuestion,
  FunnelQuestion,
  Key,
  KeyCreate,
  PathsQuestion,
  RetentionQuestion,
  RfmQuestion,
  Settings,
  TrendQuestion,
  UserInvite,
} from '../src/api/types'
import * as say from './answers'
import * as explore from './explore'
import * as records from './records'
import * as campaigns from './campaigns'
import { Questions } from './questions'
import { at, customer, indexOf, message, summary, timeline, TOTAL } from './people'

export interface Asked {
  method: string
  path: string
  query: URLSearchParams
  body: unknown
  signedIn: boolean
}

export interface Answered {
  status: number
  body?: unknown
  /** A new session, or its end. */
  session?: string
}

const ME: Me = {
  name: 'Hanako Yamada',
  email: 'hanako@shop.example.com',
  role: 'owner',
  workspace: { name: 'shop', time_zone: 'Asia/Tokyo', language: 'ja', currency: 'JPY' },
  csrf: 'dev',
  expires_at: at(-86_400_000),
  version: '0.1.0',
}

const DAY = 86_400_000
const OPEN = new Set(['POST /api/v1/setup', 'POST /api/v1/sessions', 'POST /api/v1/password'])

function ok(body: unknown, status = 200): Answered {
  return { status, body }
}

function problem(status: number, detail: string, field?: string): Answered {
  return {
    status,
    body: { type: 'urn:omotenashi:invalid', title: 'problem', status, detail, field, request_id: 'r18f2c' },
  }
}

/** Pages of a list that is made as one reads it. */
function page<T>(asked: Asked, total: number, item: (index: number) => T): Answered {
  const from = Number(asked.query.get('after') ?? asked.query.get('before') ?? 0)
  const limit = Math.min(Number(asked.query.get('limit') ?? 50), total - from)
  const items = Array.from({ length: Math.max(0, limit) }, (_, index) => item(from + index))
  return ok({ items, next: from + limit < total ? String(from + limit) : null })
}

type Handler = (asked: Asked, parts: readonly string[]) => Answered

export class Shop {
  private readonly campaigns: Campaign[] = campaigns.first()
  private readonly audiences = say.audiences()
  private keys: Key[] = records.KEYS.slice()
  private readonly users = records.users()
  private readonly questions = new Questions()
  private settings = records.SETTINGS

  answer(asked: Asked): Answered {
    const name = `${asked.method} ${asked.path}`
    if (!asked.signedIn && !OPEN.has(name)) return problem(401, 'nobody is signed in')
    const [, , , group = '', ...parts] = asked.path.split('/').map(decodeURIComponent)
    const handler = this.groups[group]
    return handler ? handler(asked, parts) : problem(404, 'there is no such route')
  }

  private readonly groups: Record<string, Handler> = {
    setup: (asked) =>
      (asked.body as { token: string }).token === 'used'
        ? problem(400, 'the link was used', 'token')
        : { ...ok(ME, 201), session: 'dev' },
    sessions: (asked) => {
      if (asked.method === 'DELETE') return { status: 204, session: '' }
      const { password } = asked.body as { password: string }
      return password.length < 12
        ? problem(401, 'the e-mail or the password is wrong')
        : { ...ok(ME, 201), session: 'dev' }
    },
    me: () => ok(ME),
    home: () => ok({ ...say.home(), campaigns: this.campaigns.map(campaigns.brief) }),
    customers: (asked, parts) => this.customer(asked, parts),
    audiences: (asked, parts) => this.audience(asked, parts),
    conditions: (asked) => ok(say.check(asked.body as object)),
    questions: (asked, parts) => this.questions.answer(asked, parts),
    ask: (asked, [what]) => this.ask(asked, what ?? ''),
    campaigns: (asked, parts) => this.campaign(asked, parts),
    messages: (_, [id]) => ok(campaigns.why(id ?? '')),
    data: (asked, parts) => this.data(asked, parts),
    sandbox: (asked, [, id]) =>
      id
        ? ok(campaigns.mail(1_000 - Number(id.slice(1))))
        : page(asked, 120, (index) => campaigns.mail(index).summary),
    password: () => ({ ...ok(ME, 201), session: 'dev' }),
    users: (asked, parts) => this.user(asked, parts),
    settings: (asked, [part]) => {
      if (part === 'audit') return this.audit()
      return part === 'retention'
        ? ok(records.retention(Number(asked.query.get('months'))))
        : this.setting(asked)
    },
  }

  private customer(asked: Asked, [id, part]: readonly string[]): Answered {
    if (id === undefined) {
      const query = asked.query.get('query')?.toLowerCase()
      if (!query) return page(asked, TOTAL, summary)
      const found = Array.from({ length: 3_000 }, (_, index) => summary(index)).filter((each) =>
        [each.label, each.email ?? '', each.identifier ?? ''].some((text) =>
          text.toLowerCase().startsWith(query),
        ),
      )
      return page(asked, found.length, (index) => found[index])
    }
    if (indexOf(id) >= TOTAL || Number.isNaN(indexOf(id)))
      return problem(404, `there is no such customer. id=\`${id}\``)
    switch (part) {
      case undefined:
        return ok(customer(id))
      case 'timeline':
        return ok({ items: timeline(id), next: null })
      case 'messages':
        return ok({ items: [{ ...message(indexOf(id)), customer: id }], next: null })
      case 'consents':
      case 'unmerge':
        return ok(customer(id))
      default:
        return { status: 204 }
    }
  }

  private audience(asked: Asked, [name, part]: readonly string[]): Answered {
    if (name === undefined) {
      if (asked.method === 'GET') {
        const items = this.audiences.map((each) => ({ ...each }))
        this.audiences.forEach(say.countOn)
        return ok({ items, next: null })
      }
      const wish = asked.body as { name: string; description: string; condition: { text: string } }
      if (this.audiences.some((each) => each.name === wish.name))
        return problem(409, 'the name is taken', 'name')
      const made = {
        ...wish,
        text: wish.condition.text,
        json: {},
        customers: 1_204,
        live: false,
        counted_percent: 0,
        version: 1,
        changed_by: ME.name,
        changed_at: at(0),
      }
      this.audiences.push(made)
      return ok(say.audience(made), 201)
    }
    const found = this.audiences.find((each) => each.name === name)
    if (!found) return problem(404, `there is no such audience. name=\`${name}\``)
    if (part === 'live') {
      const live = say.live(found)
      say.countOn(found)
      return ok(live)
    }
    if (part === 'sizes') return ok(say.sizes(found, Number(asked.query.get('days') ?? 30)))
    if (part === 'passages') return this.passages(asked)
    if (part === 'members') return page(asked, found.customers ?? 0, (index) => summary(index * 3))
    if (asked.method === 'DELETE') this.audiences.splice(this.audiences.indexOf(found), 1)
    return asked.method === 'DELETE' ? { status: 204 } : ok(say.audience(found))
  }

  private passages(asked: Asked): Answered {
    const direction = asked.query.get('direction')
    const all = Array.from({ length: 160 }, (_, index) => say.passage(index))
    const shown = all.filter(({ entered }) => direction === null || entered === (direction === 'entered'))
    return page(asked, shown.length, (index) => shown[index])
  }

  private ask(asked: Asked, what: string): Answered {
    // Every answer of this shop is there at once, so nothing is ever under way.
    if (what === 'running') return asked.method === 'GET' ? ok({ items: [], next: null }) : { status: 204 }
    if (what === 'rfm') return ok(say.rfm(asked.body as RfmQuestion))
    if (what === 'trend') return ok(explore.compared(asked.body as TrendQuestion, say.trend))
    if (what === 'funnel') return ok(explore.compared(asked.body as FunnelQuestion, explore.funnel))
    if (what === 'retention') {
      return ok(explore.compared(asked.body as RetentionQuestion, explore.retention))
    }
    if (what === 'paths') return ok(explore.paths(asked.body as PathsQuestion))
    if (what === 'audience') {
      const { name, description } = asked.body as { name: string; description?: string }
      const wish = { name, description: description ?? '', condition: { text: 'did "purchase"' } }
      return this.audience({ ...asked, body: wish }, [])
    }
    if (what === 'people') {
      const { after, limit } = asked.body as { after?: string; limit?: number }
      const from = Number(after ?? 0)
      const items = Array.from({ length: limit ?? 50 }, (_, at) => summary(from + at))
      return ok({ ...say.people(1_240), what: '', items, next: String(from + items.length) })
    }
    const { condition } = asked.body as CountQuestion
    const text = condition?.text ?? 'everyone'
    const customers = text === 'everyone' ? TOTAL : 1_000 + ((text.length * 37) % 4_000)
    return ok({ ...say.people(customers), text, warnings: [] })
  }

  private campaign(asked: Asked, [id, part]: readonly string[]): Answered {
    if (id === undefined) {
      if (asked.method === 'GET') return ok({ items: this.campaigns.map(campaigns.brief), next: null })
      const made = campaigns.campaign(this.campaigns.length + 2, 'draft', asked.body as CampaignDraft)
      this.campaigns.unshift(made)
      return ok(made, 201)
    }
    const at = this.campaigns.findIndex((each) => String(each.id) === id)
    const found = this.campaigns[at]
    if (!found) return problem(404, `there is no such campaign. id=\`${id}\``)
    const become = (next: Campaign) => {
      this.campaigns[at] = next
      return ok(next)
    }
    switch (part) {
      case undefined:
        return asked.method === 'PUT'
          ? become({
              ...found,
              version: found.version + 1,
              draft: (asked.body as { draft: CampaignDraft }).draft,
            })
          : ok(found)
      case 'check':
        return ok(campaigns.check(found))
      case 'broken':
        return ok({ items: campaigns.check(found).broken.examples, next: null })
      case 'preview': {
        const { variant, customer } = asked.body as {
          variant?: { subject: string; language: string }
          customer?: string
        }
        return ok(campaigns.preview(variant?.subject ?? '', variant?.language ?? 'ja', customer))
      }
      case 'test':
        return ok({ sent: found.draft.variants.length, errors: [] })
      case 'report':
        return ok(campaigns.report(found))
      case 'messages':
        return this.messages(asked, found)
      default: {
        const state = ({ launch: 'running', pause: 'paused', resume: 'running', stop: 'stopped' } as const)[
          part
        ]
        return state
          ? become({ ...campaigns.campaign(found.id, state, found.draft), version: found.version + 1 })
          : problem(404, 'no such act')
      }
    }
  }

  private messages(asked: Asked, { id, draft }: Campaign): Answered {
    const outcome = asked.query.get('outcome')
    const reason = asked.query.get('reason')
    const all = Array.from({ length: 2_000 }, (_, index) => message(index, id, draft.name)).filter(
      (each) =>
        (!outcome || each.verdict === outcome || each.state === outcome) &&
        (!reason || each.reason === reason),
    )
    return page(asked, all.length, (index) => all[index])
  }

  private data(asked: Asked, [what, name]: readonly string[]): Answered {
    switch (what) {
      case 'events':
        return name === undefined ? ok({ items: records.events(), next: null }) : ok(records.entry(name))
      case 'live': {
        const after = asked.query.get('after')
        const position = Number(after ?? 1_000) + (after ? 2 : 0)
        return ok({ items: records.live(position, after ? 2 : 40), position, events_per_second: 11.4 })
      }
      case 'refusals':
        return ok(records.refusals())
      case 'rejects':
        return ok({ items: records.REJECTS, next: null })
      case 'imports':
        return ok({ items: records.IMPORTS, next: null })
      default:
        return this.key(asked)
    }
  }

  private key(asked: Asked): Answered {
    if (asked.method === 'GET') return ok({ items: this.keys, next: null })
    if (asked.method === 'DELETE') {
      this.keys = this.keys.filter(({ id }) => id !== asked.query.get('id'))
      return { status: 204 }
    }
    const wish = asked.body as KeyCreate
    const key = wish.kind === 'write_key' ? 'wk_0c1d2e3f4a5b6c7d' : 'at_7d6c5b4a3f2e1d0c'
    const made: Key = {
      ...wish,
      id: `k${String(this.keys.length + 1)}`,
      key,
      prefix: key.slice(0, 7),
      role: wish.role ?? null,
      created_by: ME.name,
      created_at: at(0),
      used_at: null,
    }
    this.keys.push(wish.kind === 'write_key' ? made : { ...made, key: null })
    return ok(made, 201)
  }

  private user(asked: Asked, [id, part]: readonly string[]): Answered {
    const link = (email: string, path: string) =>
      ok({ email, link: `https://news.shop.example/${path}`, expires_at: at(-7 * DAY) }, 201)
    const user = this.users.users.find((each) => each.id === id)
    if (id === undefined) return ok(this.users)
    if (id === 'invites' && asked.method === 'POST') {
      const wish = asked.body as UserInvite
      const others = this.users.invited.filter(({ email }) => email !== wish.email)
      this.users.invited = [...others, { ...wish, expires_at: at(-7 * DAY) }]
      return link(wish.email, 'setup?token=su_5f0c27d0b84e55')
    }
    if (id === 'invites') {
      this.users.invited = this.users.invited.filter(({ email }) => email !== part)
      return { status: 204 }
    }
    if (user === undefined) return problem(404, 'no such console user')
    if (part === 'reset') return link(user.email, 'reset?token=pr_5f0c27d0b84e55')
    if (user.role === 'owner') return problem(409, 'a workspace needs an owner', 'id')
    if (asked.method === 'DELETE') {
      this.users.users = this.users.users.filter((each) => each !== user)
      return { status: 204 }
    }
    return ok(Object.assign(user, asked.body as object))
  }

  private setting(asked: Asked): Answered {
    if (asked.method === 'GET') return ok(this.settings)
    const { settings } = asked.body as { settings: Settings }
    if (!settings.time_zone.includes('/'))
      return problem(400, 'not a time zone of the IANA database', 'settings.time_zone')
    this.settings = { ...this.settings, settings, version: this.settings.version + 1 }
    return ok(this.settings)
  }

  private audit(): Answered {
    const entry = (what: string, subject: string, ago: number) => ({
      at: at(ago),
      who: ME.name,
      what,
      subject,
      detail: '',
    })
    return ok({
      items: [
        entry('campaign_launch', '春の先行案内', 72_000_000),
        entry('settings_replace', 'shop', 432_000_000),
      ],
      next: null,
    })
  }
}
