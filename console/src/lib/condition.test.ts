import { describe, expect, test } from 'vitest'
import {
  cornersOf,
  cornersText,
  nameOf,
  placeUnder,
  conditionOf,
  literalOf,
  planOf,
  quoted,
  spanOf,
  spanText,
  testsOf,
  typedOf,
  whereOf,
  type Condition,
} from './condition'

const bought: Condition = { type: 'did', event: 'purchase', measure: { type: 'at_least', times: 2 } }
const silent: Condition = {
  type: 'not',
  of: { type: 'did', event: 'purchase', window: { type: 'last', span: '60 days' } },
}
const sequence: Condition = { type: 'sequence', steps: [{ event: 'cart' }, { event: 'purchase' }] }

describe('the builder gives back what it was given', () => {
  const conditions: Record<string, Condition> = {
    everyone: { type: 'everyone' },
    'one line': bought,
    'one line turned around': silent,
    'all of several': { type: 'all', of: [bought, silent] },
    'any of several': { type: 'any', of: [bought, { type: 'reachable' }] },
    'a group in a group': {
      type: 'all',
      of: [bought, { type: 'any', of: [silent, { type: 'member', audience: 'vip' }] }],
    },
    'a group turned around': {
      type: 'all',
      of: [bought, { type: 'not', of: { type: 'any', of: [bought, silent] } }],
    },
    'a sequence beside a count': { type: 'all', of: [sequence, bought] },
  }
  test.each(Object.entries(conditions))('%s', (_, condition) => {
    expect(conditionOf(planOf(condition))).toEqual(condition)
  })
})

test('taking the last line away means everybody', () => {
  expect(conditionOf({ join: 'any', lines: [] })).toEqual({ type: 'everyone' })
})

test('a plain list of tests is edited, anything deeper is left to the text', () => {
  const tests = [
    { type: 'property' as const, name: 'category', test: { is: '=' as const, value: 'shoes' } },
    { type: 'place' as const, place: placeUnder('', { near: { point: [35, 139], meters: 100 } }) },
  ]
  expect(testsOf(whereOf(tests))).toMatchObject(tests)
  expect(testsOf(whereOf(tests.slice(0, 1)))).toMatchObject(tests.slice(0, 1))
  expect(testsOf(whereOf([]))).toEqual([])
  expect(testsOf({ type: 'any', of: [] })).toBeNull()
})

test.each([
  ['1 day', { amount: 1, unit: 'day' }],
  ['30 days', { amount: 30, unit: 'day' }],
  ['2 weeks', { amount: 2, unit: 'week' }],
] as const)('the span %s reads as it is written', (text, span) => {
  expect(spanOf(text)).toEqual(span)
  expect(spanText(span)).toBe(text)
})

test('what is no span is left alone', () => {
  expect(spanOf('a month')).toBeNull()
})

test.each([
  ['42', 42],
  ['-1.5', -1.5],
  ['true', true],
  ['shoes', 'shoes'],
  ['"42"', '42'],
  ['"true"', 'true'],
] as const)('%s is taken as meant', (typed, value) => {
  expect(literalOf(typed)).toBe(value)
  expect(typedOf(value)).toBe(typed)
})

test('a name with quotes in it stays one name', () => {
  expect(quoted('say "hi" \\ bye')).toBe('"say \\"hi\\" \\\\ bye"')
})

test('a place has one name when its numbers are called as usual', () => {
  const area = { near: { point: [35, 139] as [number, number], meters: 10 } }
  for (const name of ['', 'home', 'context.location']) expect(nameOf(placeUnder(name, area))).toBe(name)
  expect(nameOf({ latitude: 'lat', longitude: 'lng', area })).toBeNull()
  expect(nameOf({ latitude: 'home.latitude', longitude: 'longitude', area })).toBeNull()
})

test('corners read as they are written, and nothing is left out in silence', () => {
  const corners: [number, number][] = [
    [35.6, 139.6],
    [35.7, 139.6],
    [35.7, -139.8],
  ]
  expect(cornersOf(cornersText(corners))).toEqual(corners)
  expect(cornersOf(`${cornersText(corners)};`)).toEqual(corners)
  for (const none of ['', '1, 2; 3, 4', '1, 2; 3, 4; x, 1', '1, 2; 3, 4; 5, 6, 7', '1, 2; 3, ; 5, 6']) {
    expect(cornersOf(none)).toBeNull()
  }
})
