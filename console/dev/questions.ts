/** The saved questions of the small shop. */
import type { Question, SavedQuestion } from '../src/api/types'
import type { Answered, Asked } from './shop'
import { at } from './people'

const DAY = 86_400_000

function saved(id: number, name: string, question: Question, place: number | null): SavedQuestion {
  const edited = { created_by: 'Hanako Yamada', changed_by: 'Hanako Yamada' }
  const times = { created_at: at(20 * DAY), changed_at: at(id * DAY) }
  return { id, name, question, place, mine: true, version: 1, ...edited, ...times }
}

export class Questions {
  private next = 4
  private all: SavedQuestion[] = [
    saved(1, 'Purchases', { type: 'trend', event: 'purchase', last: '30 days', compare: 'previous' }, 1),
    saved(
      2,
      'カートから購入まで',
      { type: 'funnel', steps: [{ event: 'cart_added' }, { event: 'purchase' }], last: '30 days' },
      2,
    ),
    saved(3, 'Who comes back', { type: 'retention', period: 'week', last: '90 days' }, null),
  ]

  answer(asked: Asked, [id, part]: readonly string[]): Answered {
    const found = this.all.find((each) => String(each.id) === id)
    if (id === undefined) return asked.method === 'POST' ? this.make(asked) : this.list()
    if (!found) return { status: 404, body: { type: 'urn:omotenashi:not_found', status: 404 } }
    if (part === 'place') return this.move(found, (asked.body as { place: number }).place)
    if (part === 'pin') return this.move(found, asked.method === 'PUT' ? (found.place ?? Infinity) : null)
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
    const made = saved(this.next++, name, question, null)
    this.all.push(made)
    return { status: 201, body: made }
  }

  /** Puts a question at this place of the board, or takes it off; the others make room. */
  private move(moved: SavedQuestion, place: number | null): Answered {
    const board = this.all
      .filter((each) => each.place != null && each.id !== moved.id)
      .toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0))
      .map(({ id }) => id)
    if (place !== null) board.splice(place - 1, 0, moved.id)
    const placeOf = (id: number) => (board.includes(id) ? board.indexOf(id) + 1 : null)
    this.all = this.all.map((each) => ({ ...each, place: placeOf(each.id) }))
    return { status: 200, body: this.all.find(({ id }) => id === moved.id) }
  }

  private put(changed: SavedQuestion): Answered {
    this.all = this.all.map((each) => (each.id === changed.id ? changed : each))
    return { status: 200, body: changed }
  }
}
