/** People in a real browser, before the built console with the shop of `dev/` behind it, or before a real server. */
import { threadId } from 'node:worker_threads'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { inject } from 'vitest'
import { NOW } from '../dev/people'

export type Language = 'en' | 'ja'
export type Scheme = 'light' | 'dark'

/** A browser, and where the console is. */
export interface Stage {
  url: string
  browser: Browser
  close: () => Promise<void>
}

/** The browser that all files share, and the built console with a shop of `dev/` for everybody who signs in. */
export async function stage(): Promise<Stage> {
  const browser = await chromium.connect(inject('browser'))
  return { url: inject('console'), browser, close: () => browser.close() }
}

/** Somebody who looks at a page, and what went wrong on it so far. */
export interface Person {
  page: Page
  faults: string[]
}

export interface Reader {
  language: Language
  scheme?: Scheme
}

/** The browser of somebody who reads this language, with what it remembers of earlier visits. */
export async function browserOf(stage: Stage, reader: Reader): Promise<BrowserContext> {
  const { language, scheme = 'light' } = reader
  const context = await stage.browser.newContext({
    viewport: { width: 1360, height: 900 },
    locale: language === 'ja' ? 'ja-JP' : 'en-GB',
    colorScheme: scheme,
    timezoneId: 'Asia/Tokyo',
    reducedMotion: 'reduce',
  })
  await context.clock.setFixedTime(NOW)
  await context.addInitScript(
    ([language, scheme]) => {
      // The frame of a mail has no origin and so no storage.
      if (window.origin === 'null') return
      localStorage.setItem('language', language ?? 'en')
      localStorage.setItem('scheme', scheme ?? 'light')
    },
    [language, scheme],
  )
  return context
}

let shops = 0

/** Signs somebody in before a shop of their own, in which nobody did anything yet. */
export async function signIn(context: BrowserContext, url: string): Promise<void> {
  const value = `dev-${String(process.pid)}-${String(threadId)}-${String(shops++)}`
  await context.addCookies([{ name: 'session', value, url }])
}

/** Somebody before a real server, at the real time. */
export async function guest(browser: Browser, url: string): Promise<Person> {
  const viewport = { width: 1360, height: 900 }
  return look(await browser.newContext({ viewport, locale: 'en-GB', reducedMotion: 'reduce' }), url)
}

/** How long a page may take to show what is waited for, also on a machine that builds something else. */
const PATIENCE_MS = 60_000

/** How many requests of a page are under way. */
const underWay = new WeakMap<Page, number>()

/** A page of theirs. */
export async function look(context: BrowserContext, url: string): Promise<Person> {
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const count = (change: number) => () => underWay.set(page, (underWay.get(page) ?? 0) + change)
  page.on('request', count(1))
  page.on('requestfinished', count(-1))
  page.on('requestfailed', count(-1))
  return { page, faults: faultsOf(page, url) }
}

/** What a page complains of, and what it asks of other hosts, from now on. */
function faultsOf(page: Page, url: string): string[] {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  // A refused request is part of what is tested; a mail's frame refuses the browser driver's own script, as it should.
  const expected = [
    'Failed to load resource',
    'violates the following Content Security Policy',
    "Blocked script execution in 'about:srcdoc'",
  ]
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected.some((text) => message.text().includes(text))) {
      faults.push(message.text())
    }
  })
  page.on('request', (request) => {
    const foreign = /^https?:/.test(request.url()) && !request.url().startsWith(url)
    if (foreign) faults.push(`asks another host: ${request.url()}`)
  })
  return faults
}

/** Waits until a page stands: it has a heading, no request is under way, nothing is awaited and nothing moves. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor()
  do {
    await page.waitForFunction(
      () =>
        document.querySelector('[aria-busy="true"]') === null &&
        document.fonts.status === 'loaded' &&
        document.getAnimations().every(({ playState }) => playState !== 'running'),
    )
    // What an answer makes is drawn in the next frame, and what that asks for is under way in the one after it.
    await page.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
    )
  } while ((underWay.get(page) ?? 0) > 0)
}

/** Loads a page, as somebody does who was sent its address. */
export async function open(page: Page, address: string): Promise<void> {
  await page.goto(address, { waitUntil: 'commit' })
  await settled(page)
}

/** Goes to another page as a link does, without loading the console anew. */
export async function turnTo(page: Page, path: string): Promise<void> {
  await page.evaluate((path) => history.pushState(null, '', path), path)
  await page.waitForURL((url) => url.pathname + url.search === path)
  await settled(page)
}
