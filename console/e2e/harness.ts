/** A real browser before the built console, with the shop of `dev/` behind it, or before a real server. */
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { preview, type PreviewServer } from 'vite'
import { NOW } from '../dev/people'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

export type Language = 'en' | 'ja'
export type Scheme = 'light' | 'dark'

export interface Stage {
  url: string
  browser: Browser
  close: () => Promise<void>
}

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

export function browserOf(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ARGUMENTS })
}

export interface Served {
  url: string
  close: () => Promise<void>
}

/** `npm run build` comes before; this serves what it made. */
export async function served(): Promise<Served> {
  const server: PreviewServer = await preview({
    root: ROOT,
    logLevel: 'error',
    preview: { host: '127.0.0.1', port: 0, strictPort: false },
  })
  const url = server.resolvedUrls?.local[0]
  if (url === undefined) throw new Error('the preview server has no address')
  return { url: url.replace(/\/$/, ''), close: () => server.close() }
}

/** The built console with the shop of `dev/` behind it, and a browser. */
export async function stage(): Promise<Stage> {
  const { url, close } = await served()
  const browser = await browserOf()
  return {
    url,
    browser,
    close: async () => {
      await browser.close()
      await close()
    },
  }
}

interface Reader {
  language: Language
  scheme?: Scheme
  signedIn?: boolean
}

/** One person's browser before the shop of `dev/`. */
export async function visitor(stage: Stage, { language, scheme = 'light', signedIn = true }: Reader) {
  const context: BrowserContext = await stage.browser.newContext({
    viewport: { width: 1360, height: 900 },
    locale: language === 'ja' ? 'ja-JP' : 'en-GB',
    colorScheme: scheme,
    timezoneId: 'Asia/Tokyo',
    acceptDownloads: true,
  })
  await context.addInitScript(
    ([language, scheme]) => {
      // The frame of a mail has no origin and so no storage.
      if (window.origin === 'null') return
      localStorage.setItem('language', language ?? 'en')
      localStorage.setItem('scheme', scheme ?? 'light')
    },
    [language, scheme],
  )
  if (signedIn) await context.addCookies([{ name: 'session', value: 'dev', url: stage.url }])
  const page: Page = await context.newPage()
  await page.clock.setFixedTime(NOW)
  return { page, faults: faultsOf(page, stage.url), close: () => context.close() }
}

/** Somebody before a real server, at the real time. */
export async function guest(browser: Browser, url: string) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, locale: 'en-GB' })
  const page = await context.newPage()
  return { page, faults: faultsOf(page, url), close: () => browser.close() }
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

/** Waits until nothing moves: no skeleton, no request under way. */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null)
  await page.waitForTimeout(250)
}

/** Every page, by a name for files and tests. */
export const PAGES: readonly (readonly [string, string])[] = [
  ['home', '/'],
  ['customers', '/customers'],
  ['customer', '/customers/c11'],
  ['customer-messages', '/customers/c11?tab=messages'],
  ['customer-consents', '/customers/c11?tab=consents'],
  ['peek', '/customers?peek=c22'],
  ['why', '/customers?why=m3-c33-0'],
  ['audiences', '/audiences'],
  ['audience', '/audiences/Silent%20for%2060%20days'],
  ['audience-new', '/audiences/new?text=did%20%22purchase%22'],
  ['questions', '/questions'],
  ['rfm', '/explore/rfm'],
  ['trend', '/explore/trend'],
  ['trend-table', '/explore/trend?as=table&range=7d'],
  ['trend-people', '/explore/trend?pick=%7B%22type%22%3A%22point%22%2C%22line%22%3A0%2C%22bucket%22%3A3%7D'],
  ['funnel', '/explore/funnel'],
  ['funnel-table', '/explore/funnel?as=table&breakdown=category'],
  ['retention', '/explore/retention'],
  ['paths', '/explore/paths'],
  ['paths-after', '/explore/paths?direction=after&anchor=push_open'],
  ['campaigns', '/campaigns'],
  ['campaign-new', '/campaigns/new'],
  ['campaign-content', '/campaigns/6'],
  ['campaign-checks', '/campaigns/6?tab=checks'],
  ['campaign-running', '/campaigns/4'],
  ['campaign-report', '/campaigns/3'],
  ['campaign-people', '/campaigns/3?tab=people&outcome=suppress'],
  ['live', '/data/live'],
  ['dictionary', '/data/dictionary'],
  ['dictionary-entry', '/data/dictionary/purchase'],
  ['rejects', '/data/rejects'],
  ['keys', '/data/keys'],
  ['imports', '/data/imports'],
  ['sandbox', '/sandbox'],
  ['settings', '/settings'],
  ['lost', '/nowhere'],
  ['missing', '/customers/cfffffff'],
]
