/** Every page, looked at by axe, in both languages and both themes. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserOf, look, open, signIn, stage, turnTo, type Stage } from './harness'
import { DOORS, PAGES } from './pages'

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

const READERS = [
  { language: 'en', scheme: 'light' },
  { language: 'ja', scheme: 'dark' },
] as const

describe.concurrent.each(READERS)(
  'axe finds nothing in $language, $scheme',
  { timeout: 300_000 },
  (reader) => {
    test.each([
      { who: 'before the door', pages: DOORS },
      { who: 'inside', pages: PAGES },
    ])('$who', async ({ pages }) => {
      const browser = await browserOf(house, reader)
      if (pages === PAGES) await signIn(browser, house.url)
      const { page, faults } = await look(browser, house.url)
      await open(page, house.url)
      // Evaluated by the debugger, so that the page's own policy may stay strict.
      await page.evaluate(AXE)
      const found: string[] = []
      for (const [name, path] of pages) {
        await turnTo(page, path)
        const { violations } = await page.evaluate(() => axe.run({ iframes: false }))
        for (const { id, nodes } of violations) {
          const places = nodes.slice(0, 3).map(({ target }) => String(target))
          found.push(`${name}: ${id} ${places.join(' | ')}`)
        }
      }
      await browser.close()
      expect({ found, faults }).toEqual({ found: [], faults: [] })
    })
  },
)
