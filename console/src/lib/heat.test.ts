import { expect, test } from 'vitest'
import { contrast, inkOn, rgbOf } from './heat'

test.each([true, false])('the ink on every shade can be read (dark: %s)', (dark) => {
  for (let step = 0; step <= 100; step += 1) {
    const rgb = rgbOf(step / 100, dark)
    expect(contrast(rgb, inkOn(rgb)), `${String(step)} %`).toBeGreaterThanOrEqual(4.5)
  }
})

test('more is further away from the page', () => {
  const page = rgbOf(0, false)
  expect(contrast(rgbOf(0.9, false), page)).toBeGreaterThan(contrast(rgbOf(0.3, false), page))
})
