import { expect, test } from 'vitest'
import { KINDS, questionOf, searchOf, SEARCHES, type Kind, type SearchOf } from './question'

const ZONE = 'Asia/Tokyo'

/** That a URL, asked and saved, leads back to itself. */
function check<K extends Kind>(kind: K, search: SearchOf<K>) {
  const read = SEARCHES[kind](search) as unknown as SearchOf<K>
  expect(JSON.parse(JSON.stringify(read))).toEqual(search)
  const again = searchOf(kind, questionOf(kind, read, ZONE), ZONE)
  expect(JSON.parse(JSON.stringify(again))).toEqual(search)
}

const where = { json: { type: 'property', name: 'category', test: { is: '=', value: 'shoes' } } as never }
const condition = { json: { type: 'member', audience: 'regulars' } as never }
const about = { range: '45d', condition, compare: { condition: { text: 'everyone' } } }

test('every question leads from its URL to the server and back, whole', () => {
  check('trend', { ...about, events: [{ event: 'a', where }, { event: 'b' }], measure: 'sum', property: 'x' })
  check('trend', { range: 'all', event: 'a', where: { text: 'x > 1' }, bucket: 'week', compare: 'none' })
  check('funnel', {
    ...about,
    steps: [{ event: 'a', where, or: [{ event: 'b' }] }, { event: 'c' }],
    within: '2 days',
    order: 'strict',
    breakdown: 'trait:country',
    top: 3,
  })
  check('retention', { ...about, start: { event: 'a' }, back: { event: 'b', where }, counting: 'rolling' })
  check('paths', { ...about, anchor: { event: 'a', where }, events: ['b', 'c'], collapse: false, steps: 5 })
  check('rfm', { range: '365d', compare: 'previous', event: 'a', amount_property: 'total', where })
})

test('what nobody could mean is left out of what a URL asks', () => {
  for (const kind of KINDS) {
    const read = SEARCHES[kind]({
      range: 'soon',
      from: 'x',
      steps: 7.5,
      events: 3,
      compare: 4,
      pick: 'p',
      top: 0,
    })
    expect(Object.values(read).filter((value) => value !== undefined)).toEqual([])
  }
})
