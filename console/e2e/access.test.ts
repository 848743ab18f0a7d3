/** Every page, looked at by axe, in both themes. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PAGES, settled, stage, visitor, type Stage } from './harness'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let house: Stage
beforeAll(async () => {
  house = await stage()
})
afterAll(() => house.close())

interface Finding {
  id: string
  nodes: { target: unknown; failureSummary?: string }[]
}

declare const axe: { run: (options: object) => Promise<{ violations: Finding[] }> }

test.each([
  ['en', 'light'],
  ['ja', 'dark'],
] as const)('axe finds nothing in %s, %s', { timeout: 240_000 }, async (language, scheme) => {
  const { page, faults, close } = await visitor(house, { language, scheme })
  const found: string[] = []
  for (const [name, path] of PAGES) {
    await page.goto(house.url + path)
    await settled(page)
    // Evaluated by the debugger, so that the page's own policy may stay strict.
    await page.evaluate(AXE)
    const { violations } = await page.evaluate(() => axe.run({ iframes: false }))
    for (const { id, nodes } of violations) {
      found.push(
        `${name}: ${id} ${nodes
          .map(({ target }) => String(target))
          .slice(0, 3)
          .join(' | ')}`,
      )
    }
  }
  expect(found).toEqual([])
  expect(faults).toEqual([])
  await close()
})
