import { expect, test } from 'vitest'
import { asProblem, problemOf } from './problem'

test.each([
  [400, 'invalid'],
  [401, 'signed_out'],
  [403, 'forbidden'],
  [404, 'missing'],
  [409, 'conflict'],
  [429, 'busy'],
  [500, 'broken'],
  [503, 'busy'],
] as const)('status %s is a problem of the kind %s', (status, kind) => {
  expect(problemOf(status, {}).kind).toBe(kind)
})

test('a problem says what happened and what to do', () => {
  const problem = problemOf(400, {
    detail: 'not a time zone',
    fix: 'use a name like `Asia/Tokyo`',
    field: 'zone',
  })
  expect(problem.message).toBe('not a time zone · use a name like `Asia/Tokyo`')
  expect(problem.said.field).toBe('zone')
  expect(problem.passing).toBe(false)
})

test('an answer that is no problem body still has its status', () => {
  expect(problemOf(502, '<html>').message).toBe('HTTP 502')
})

test('no network is told apart from a fault of ours', () => {
  expect(asProblem(new TypeError('Failed to fetch')).kind).toBe('offline')
  expect(asProblem(new Error('boom')).kind).toBe('broken')
})
