/** The saved questions of the small shop. */
import type { Question, SavedQuestion } from '../src/api/types'
import type { Answered, Asked } from './shop'
import { at } from './people'

const DAY = 86_400_000

function saved(id: number, name: string, question: Question, pinned: boolean): SavedQuestion {
  const edited = { created_by: 'Hanako Yamada', changed_by: 'Hanako Yamada' }
  const times = { created_at: at(20 * DAY), changed_at: at(id * DAY) }
  const pinned_at = pinned ? at((9 - id) * 60_000) : null
  return { id, name, question, pinned_at, mine: true, version: 1, ...edited, ...times }
}

export class Questions {
  private next = 4
  private all: SavedQuestion[] = [
    saved(1, 'Purchases', { type: 'trend', event: 'purchase', last: '30 days', compare: 'previous' }, true),
    saved(
      2,
      'カートから購入まで',
      { type: 'funnel', steps: [{ event: 'cart_added' }, { event: 'purchase' }], last: '30 days' },
      true,
    ),
    saved(3, 'Who comes back', { type: 'retention', period: 'week', last: '90 days' }, false),
  ]

  answer(asked: Asked, [id, pin]: readonly string[]): Answered {
    const found = this.all.find((each) => String(each.id) === id)
    if (id === undefined) return asked.method === 'POST' ? this.make(asked) : this.list()
    if (!found) return { status: 404, body: { type: 'urn:omotenashi:not_found', status: 404 } }
    if (pin) return this.put({ ...found, pinned_at: asked.method === 'PUT' ? at(0) : null })
    if (asked.method === 'PUT') return this.put({ ...found, ...(asked.body as object) })
    if (asked.method !== 'DELETE') return { status: 200, body: found }
    this.all = this.all.filter((each) => each !== found)
    return { status: 204 }
  }

  private list(): Answered {
    const items = this.all.toSorted((a, b) => a.name.localeCompare(b.name))
    return { status: 200, body: { items, next: null } }
  }

  private make(asked: Asked): Answered {
    const { name, question } = asked.body as { name: string; question: Question }
    const made = saved(this.next++, name, question, false)
    this.all.push(made)
    return { status: 201, body: made }
  }

  private put(changed: SavedQuestion): Answered {
    this.all = this.all.map((each) => (each.id === changed.id ? changed : each))
    return { status: 200, body: changed }
  }
}
