/** What every file shares: one browser, and one server of the console that was built. Everybody's shop is their own. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { preview } from 'vite'
import type { TestProject } from 'vitest/node'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const BROWSER = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the console is served, with the shop of `dev/` behind it. */
    console: string
    /** Where the browser listens for those who drive it. */
    browser: string
  }
}

export default async function open(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(BROWSER)) {
    throw new Error(`there is no browser at ${BROWSER}: install Chromium, or name one with CHROMIUM`)
  }
  const front = await preview({ root: ROOT, logLevel: 'error', preview: { host: '127.0.0.1', port: 0 } })
  const url = front.resolvedUrls?.local[0]
  if (url === undefined) throw new Error('the preview server has no address')
  const browser = await chromium.launchServer({
    executablePath: BROWSER,
    // Root, as whom containers run, can have no sandbox; the browser meets no page but ours.
    args: ['--no-sandbox', '--disable-quic', '--disable-sync'],
  })
  project.provide('console', url.replace(/\/$/, ''))
  project.provide('browser', browser.wsEndpoint())
  return async () => {
    await browser.close()
    await front.close()
  }
}
