import { expect, test } from 'vitest'
import { besideIn, dayIn, oneOf, textIn, wholeIn } from './search'

test('what is no text, no day, none of the words, is not there', () => {
  const search = { query: '', event: { x: 1 }, from: '2026-13-01', to: '2026-01-31', show: 'everything' }
  expect(textIn(search, 'query')).toBeUndefined()
  expect(textIn(search, 'event')).toBeUndefined()
  expect(dayIn(search, 'from')).toBeUndefined()
  expect(dayIn(search, 'to')).toBe('2026-01-31')
  expect(oneOf(search, 'show', ['customers', 'revenue'])).toBeUndefined()
})

test('a number beyond its bounds is not there', () => {
  expect(wholeIn({ steps: 3 }, 'steps', 1, 10)).toBe(3)
  expect(
    [{ steps: 11 }, { steps: 1.5 }, { steps: 'x' }, {}].map((it) => wholeIn(it, 'steps', 1, 10)),
  ).toEqual(Array(4).fill(undefined))
})

test('a number in the URL is a text like any other', () => {
  expect(textIn({ query: 42 }, 'query')).toBe('42')
})

test('what lies open beside the page stands in the URL', () => {
  expect(besideIn({ peek: 'c2a1', why: 7 })).toEqual({ peek: 'c2a1', why: '7' })
})
