/** Somebody new before every test, in one language; whatever they do, the page must not complain. */
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import english from '../src/i18n/en'
import japanese from '../src/i18n/ja'
import { browserOf, look, open, signIn, stage, type Language, type Person, type Stage } from './harness'

type Texts = typeof english
export const TEXTS: Record<Language, Texts> = { en: english, ja: japanese as Texts }

/** Where they are, and what they can do there. */
export interface Visit {
  /** The console's texts in their language. */
  readonly say: Texts
  readonly url: string
  readonly page: Page
  /** Loads a page and waits until it stands. */
  readonly open: (path: string) => Promise<void>
  readonly button: (name: string) => Locator
}

export function visits(language: Language): Visit {
  let house: Stage
  let browser: BrowserContext
  let person: Person
  beforeAll(async () => {
    house = await stage()
    browser = await browserOf(house, { language })
  })
  beforeEach(async () => {
    await signIn(browser, house.url)
    person = await look(browser, house.url)
  })
  afterEach(async () => {
    await person.page.close()
    expect(person.faults).toEqual([])
  })
  afterAll(() => house.close())
  return {
    say: TEXTS[language],
    get url() {
      return house.url
    },
    get page() {
      return person.page
    },
    open: (path) => open(person.page, house.url + path),
    button: (name) => person.page.getByRole('button', { name, exact: true }),
  }
}
