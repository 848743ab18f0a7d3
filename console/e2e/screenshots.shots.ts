/** Every page in both languages and both themes, to be looked at: `npm run screenshots`. */
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, it, onTestFinished } from 'vitest'
import { browserOf, look, open, signIn, stage, type Language, type Scheme, type Stage } from './harness'
import { DOORS, PAGES } from './pages'

const FOLDER = fileURLToPath(new URL('../screenshots', import.meta.url))
const ONLY = process.env['ONLY']?.split(',')
const LANGUAGES: readonly Language[] = ['en', 'ja']
const SCHEMES: readonly Scheme[] = ['light', 'dark']

let house: Stage

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true })
  house = await stage()
})
afterAll(() => house.close())

describe.each(LANGUAGES)('%s', (language) => {
  it.each(SCHEMES)('%s', { timeout: 600_000 }, async (scheme) => {
    const browser = await browserOf(house, { language, scheme })
    onTestFinished(() => browser.close())
    const { page } = await look(browser, house.url)
    const shoot = async (pages: typeof PAGES) => {
      for (const [name, path] of pages) {
        if (ONLY && !ONLY.includes(name)) continue
        await open(page, house.url + path)
        await page.screenshot({ path: `${FOLDER}/${name}.${language}.${scheme}.png`, fullPage: true })
      }
    }
    await shoot(DOORS)
    await signIn(browser, house.url)
    await shoot(PAGES)
  })
})
