/** Every page in both languages and both themes, to be looked at: `npm run screenshots`. */
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { PAGES, settled, stage, visitor, type Language, type Scheme, type Stage } from './harness'

const FOLDER = fileURLToPath(new URL('../screenshots', import.meta.url))
const ONLY = process.env['ONLY']?.split(',')
const LANGUAGES: readonly Language[] = ['en', 'ja']
const SCHEMES: readonly Scheme[] = ['light', 'dark']

let it_: Stage

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true })
  it_ = await stage()
})
afterAll(() => it_.close())

describe.each(LANGUAGES)('%s', (language) => {
  it.each(SCHEMES)('%s', { timeout: 300_000 }, async (scheme) => {
    const { page, close } = await visitor(it_, { language, scheme })
    for (const [name, path] of PAGES) {
      if (ONLY && !ONLY.includes(name)) continue
      await page.goto(it_.url + path)
      await settled(page)
      await page.screenshot({ path: `${FOLDER}/${name}.${language}.${scheme}.png`, fullPage: true })
    }
    await close()
    const guest = await visitor(it_, { language, scheme, signedIn: false })
    for (const [name, path] of [
      ['sign-in', '/signin'],
      ['set-up', '/setup?token=st_1'],
      ['reset', '/reset?token=pr_1'],
    ] as const) {
      if (ONLY && !ONLY.includes(name)) continue
      await guest.page.goto(it_.url + path)
      await settled(guest.page)
      await guest.page.screenshot({ path: `${FOLDER}/${name}.${language}.${scheme}.png` })
    }
    await guest.close()
  })
})
