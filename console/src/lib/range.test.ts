import { expect, test } from 'vitest'
import { boundsOf, dayOf, dayStart, fromLocal, rangeOf, toLocal } from './range'

test('a day begins at midnight of the workspace, not of the reader', () => {
  expect(new Date(dayStart('2026-01-31', 'Asia/Tokyo')).toISOString()).toBe('2026-01-30T15:00:00.000Z')
  expect(new Date(dayStart('2026-01-31', 'UTC')).toISOString()).toBe('2026-01-31T00:00:00.000Z')
})

test('a day on which the clocks change begins at its own midnight', () => {
  expect(new Date(dayStart('2026-03-29', 'Europe/Berlin')).toISOString()).toBe('2026-03-28T23:00:00.000Z')
  expect(new Date(dayStart('2026-03-30', 'Europe/Berlin')).toISOString()).toBe('2026-03-29T22:00:00.000Z')
  expect(new Date(dayStart('2026-11-01', 'America/New_York')).toISOString()).toBe('2026-11-01T04:00:00.000Z')
})

test('the last days end whenever they are asked for', () => {
  expect(boundsOf({ range: '7d' }, 'Asia/Tokyo')).toEqual({ last: '7 days' })
  expect(boundsOf({}, 'UTC')).toEqual({ last: '30 days' })
})

test('chosen days are both within the range', () => {
  // A range begins after its first instant and ends with its last.
  expect(boundsOf({ range: 'custom', from: '2026-01-01', to: '2026-01-31' }, 'Asia/Tokyo')).toEqual({
    from: '2025-12-31T14:59:59.999Z',
    to: '2026-01-31T14:59:59.999Z',
  })
})

test('what the server was asked leads back to what was chosen', () => {
  const chosen = [{ range: '90d' }, { range: '45d' }, { range: 'all' }]
  const days = { range: 'custom', from: '2026-01-01', to: '2026-01-31' }
  for (const range of [...chosen, days, { ...days, to: undefined }]) {
    expect(rangeOf(boundsOf(range, 'Asia/Tokyo'), 'Asia/Tokyo')).toEqual(range)
  }
  expect(rangeOf({ last: '2 weeks' }, 'UTC')).toEqual({ range: '14d' })
  expect(rangeOf({ last: '12 hours' }, 'UTC')).toEqual({ range: '1d' })
})

test('a wall clock and an instant lead back to each other', () => {
  expect(toLocal('2026-01-31T03:00:00.000Z', 'Asia/Tokyo')).toBe('2026-01-31T12:00')
  expect(fromLocal('2026-01-31T12:00', 'Asia/Tokyo')).toBe('2026-01-31T03:00:00.000Z')
  expect(dayOf(Date.parse('2026-01-30T20:00:00Z'), 'Asia/Tokyo')).toBe('2026-01-31')
})
