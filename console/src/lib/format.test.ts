import { expect, test } from 'vitest'
import { formatter } from './format'

const english = formatter({ language: 'en', zone: 'Asia/Tokyo', currency: 'JPY' })
const japanese = formatter({ language: 'ja', zone: 'Asia/Tokyo', currency: 'JPY' })

test('numbers and money follow language and currency', () => {
  expect(english.number(1_234_567)).toBe('1,234,567')
  expect(english.money(12_800)).toBe('¥12,800')
  expect(japanese.money(12_800)).toMatch(/^[¥￥]12,800$/)
  expect(formatter({ language: 'en', zone: 'UTC', currency: '' }).money(12.5)).toBe('12.5')
})

test('a share of nothing is not a number', () => {
  expect(english.share(1, 3)).toBe('33.3%')
  expect(english.share(0, 0)).toBe('–')
})

test('dates are told in the zone of the workspace', () => {
  expect(english.dateTime('2026-01-30T20:00:00Z')).toContain('Jan 31')
  expect(japanese.date('2026-01-30T20:00:00Z')).toBe('2026/01/31')
})

test('the past is told in the largest unit that fits', () => {
  const now = Date.parse('2026-01-31T00:00:00Z')
  expect(english.ago(now - 2_000, now)).toBe('2 seconds ago')
  expect(english.ago(now - 3 * 3_600_000, now)).toBe('3 hours ago')
  expect(japanese.ago(now - 26 * 3_600_000, now)).toBe('昨日')
})

test('durations are short', () => {
  expect(english.milliseconds(2.44)).toBe('2.4 ms')
  expect(english.milliseconds(41.2)).toBe('41 ms')
  expect(english.milliseconds(2_500)).toBe('2.5 s')
})
