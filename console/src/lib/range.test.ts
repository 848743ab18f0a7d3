import { expect, test } from 'vitest'
import { before, boundsOf, dayOf, dayStart, fromLocal, toLocal } from './range'

const NOW = Date.parse('2026-01-31T03:00:30Z')

test('a day begins at midnight of the workspace, not of the reader', () => {
  expect(new Date(dayStart('2026-01-31', 'Asia/Tokyo')).toISOString()).toBe('2026-01-30T15:00:00.000Z')
  expect(new Date(dayStart('2026-01-31', 'UTC')).toISOString()).toBe('2026-01-31T00:00:00.000Z')
})

test('a day on which the clocks change begins at its own midnight', () => {
  expect(new Date(dayStart('2026-03-29', 'Europe/Berlin')).toISOString()).toBe('2026-03-28T23:00:00.000Z')
  expect(new Date(dayStart('2026-03-30', 'Europe/Berlin')).toISOString()).toBe('2026-03-29T22:00:00.000Z')
  expect(new Date(dayStart('2026-11-01', 'America/New_York')).toISOString()).toBe('2026-11-01T04:00:00.000Z')
})

test('the last days end now, and asking again within a minute is the same question', () => {
  expect(boundsOf({ range: '7d' }, 'Asia/Tokyo', NOW)).toEqual(
    boundsOf({ range: '7d' }, 'Asia/Tokyo', NOW + 20_000),
  )
  expect(boundsOf({}, 'UTC', NOW)).toEqual({ from: '2026-01-01T03:00:00.000Z' })
})

test('chosen days are both within the range', () => {
  // A range begins after its first instant and ends with its last.
  expect(boundsOf({ range: 'custom', from: '2026-01-01', to: '2026-01-31' }, 'Asia/Tokyo', NOW)).toEqual({
    from: '2025-12-31T14:59:59.999Z',
    to: '2026-01-31T14:59:59.999Z',
  })
})

test('the range before is as long and ends where this one begins', () => {
  expect(before({ from: '2026-01-08T00:00:00.000Z', to: '2026-01-15T00:00:00.000Z' })).toEqual({
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-01-08T00:00:00.000Z',
  })
})

test('a wall clock and an instant lead back to each other', () => {
  expect(toLocal('2026-01-31T03:00:00.000Z', 'Asia/Tokyo')).toBe('2026-01-31T12:00')
  expect(fromLocal('2026-01-31T12:00', 'Asia/Tokyo')).toBe('2026-01-31T03:00:00.000Z')
  expect(dayOf(Date.parse('2026-01-30T20:00:00Z'), 'Asia/Tokyo')).toBe('2026-01-31')
})
