/** The main job before the real server: `OMOTENASHI=path/to/omotenashi npm run e2e`. Without it this is skipped. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import say from '../src/i18n/en'
import { browserOf, guest, served, settled, type Served } from './harness'

const BINARY = process.env['OMOTENASHI']

interface Made {
  write_key: string
  setup_link: string
}

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Two people: one bought twice and said yes, one bought once and never said anything. */
function story(): object[] {
  const days = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString()
  const person = (userId: string, name: string, email: string) => ({
    type: 'identify',
    userId,
    timestamp: days(40),
    traits: { name, email, language: 'en' },
  })
  const bought = (userId: string, ago: number, amount: number) => ({
    type: 'track',
    userId,
    event: 'purchase',
    timestamp: days(ago),
    properties: { amount, category: 'shoes' },
  })
  return [
    person('1', 'Hanako Yamada', 'hanako@example.com'),
    person('2', 'Taro Suzuki', 'taro@example.com'),
    bought('1', 20, 4_980),
    bought('1', 3, 12_800),
    bought('2', 10, 3_000),
  ]
}

describe.skipIf(BINARY === undefined)('before the real server', { timeout: 120_000 }, () => {
  const data = mkdtempSync(join(tmpdir(), 'console-'))
  let server: ChildProcess
  let url = ''
  let made: Made
  let front: Served
  let page: Page
  let faults: string[] = []
  let close: () => Promise<void>

  beforeAll(async () => {
    const listen = `127.0.0.1:${String(await freePort())}`
    url = `http://${listen}`
    const init = [
      'init',
      '--data',
      data,
      '--workspace',
      'shop',
      '--owner',
      'a@example.com',
      '--listen',
      listen,
      '--json',
    ]
    made = JSON.parse(execFileSync(BINARY ?? '', init, { encoding: 'utf8' })) as Made
    server = spawn(BINARY ?? '', ['serve', '--data', data, '--listen', listen], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise<void>((resolve, reject) => {
      server.stdout?.once('data', () => resolve())
      server.once('exit', () => reject(new Error('the server ended')))
    })
    // The console that was just built, in front of the server: a binary may carry an older one.
    process.env['OMOTENASHI_URL'] = url
    front = await served()
    url = front.url
    const browser = await browserOf()
    ;({ page, faults, close } = await guest(browser, url))
  }, 120_000)

  afterAll(async () => {
    await close()
    await front.close()
    // The server seals what it holds before it ends; the folder stays until then.
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGTERM')
    await ended
    rmSync(data, { recursive: true, force: true })
  })

  const button = (name: string) => page.getByRole('button', { name, exact: true })

  test('the owner sets the workspace up', async () => {
    await page.goto(url + made.setup_link.slice(made.setup_link.indexOf('/setup')))
    await page.getByLabel(say.door.name).fill('Hanako')
    await page.getByLabel(say.door.newPassword, { exact: true }).fill('correct horse battery')
    await button(say.door['setUp.enter']).click()
    await page.getByText(say.home['step.send_events']).waitFor()
  })

  test('events come in and become people', async () => {
    const answer = await fetch(`${url}/v1/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${made.write_key}:`)}` },
      body: JSON.stringify({ batch: story() }),
    })
    expect(answer.status).toBe(200)
    await page.goto(`${url}/customers`)
    await page.getByRole('link', { name: 'Hanako Yamada' }).click()
    await page.getByRole('dialog').getByText('purchase').first().waitFor()
    await page.getByRole('dialog').getByText(say.customers['peek.open']).click()
    await page.getByRole('tab', { name: say.customers['tab.consents'] }).click()
    await page.getByLabel(say.customers['consent.words']).fill('Yes, write to me')
    await button(say.customers['consent.record']).click()
    await page.getByText(say.customers['consent.saved']).waitFor()
  })

  test('the dictionary, the live tail and RFM know them', async () => {
    await page.goto(`${url}/data/dictionary`)
    await page.getByRole('link', { name: 'purchase' }).waitFor()
    await page.goto(`${url}/data/live`)
    await page.getByText('user_id:1').first().waitFor()
    await page.goto(`${url}/explore/rfm`)
    await page.locator('button[aria-pressed]').first().waitFor()
    await page.goto(`${url}/explore/trend?event=purchase`)
    await page.locator('figure svg text').first().waitFor()
  })

  test('a question is asked, compared, saved and shown on Home', async () => {
    const steps = JSON.stringify([{ event: 'purchase' }, { event: 'purchase' }])
    await page.goto(
      `${url}/explore/funnel?within=30+days&compare=previous&steps=${encodeURIComponent(steps)}`,
    )
    await page.getByRole('heading', { name: say.explore['compare.previous'] }).waitFor()
    const reached = say.funnel.reachedStep.replace('{{step}}', '2').replace('{{name}}', 'purchase')
    await button(`${reached}: 1`).click()
    await page.getByRole('dialog').getByRole('link', { name: 'Hanako Yamada' }).waitFor()
    await page.keyboard.press('Escape')
    await button(say.explore.save).click()
    await page.getByRole('dialog').getByLabel(say.explore['save.name']).fill('comes again')
    await page.getByRole('dialog').getByLabel(say.explore['save.pin']).check()
    await page.getByRole('dialog').getByRole('button', { name: say.explore.save, exact: true }).click()
    await page.getByRole('heading', { name: 'comes again', level: 1 }).waitFor()
    await page.goto(url)
    const card = page.getByRole('listitem').filter({ hasText: 'comes again' })
    await card.getByText('50.0%').waitFor()
    await card.getByRole('link', { name: 'comes again' }).click()
    await page.waitForURL(/explore\/funnel.*compare=previous/)
    expect(await button(say.explore.save).count()).toBe(0)
  })

  test('an audience is written, counted and kept', async () => {
    await page.goto(`${url}/audiences/new`)
    await page.getByLabel(say.audiences.name).fill('everybody who bought')
    await page.getByText(say.condition.text, { exact: true }).click()
    await page.getByRole('textbox', { name: say.condition.text }).fill('did "purchase" at leats 1 times')
    await page.locator('pre').first().waitFor()
    await page.getByRole('textbox', { name: say.condition.text }).fill('did "purchase"')
    await button(say.audiences.save).click()
    await page.waitForURL(/audiences\/everybody/)
    await page.getByRole('link', { name: 'Taro Suzuki' }).first().waitFor()
  })

  test('a campaign goes to the one who said yes, and says why not to the other', async () => {
    await page.goto(`${url}/settings`)
    await page.getByLabel(say.settings.senderName).fill('Shop')
    await page.getByLabel(say.settings.senderEmail).fill('hello@example.com')
    await page.getByLabel(say.settings.postal).fill('1-2-3 Jinnan, Tokyo')
    const saved = page.waitForResponse(
      (answer) => answer.url().endsWith('/settings') && answer.request().method() === 'PUT',
    )
    if (await button(say.settings.save).isEnabled()) {
      await button(say.settings.save).click()
      expect((await saved).status()).toBe(200)
    }
    await page.goto(`${url}/campaigns/new?audience=everybody%20who%20bought`)
    await page.getByLabel(say.campaigns.name).fill('hello')
    await button(say.campaigns.write).click()
    await page.waitForURL(/campaigns\/\d+$/)
    await page.getByText(say.campaigns['preview.from']).waitFor()
    await button(say.campaigns['launch.button']).click()
    await page.getByRole('dialog').getByRole('button', { name: say.campaigns['launch.now'] }).click()
    await page.getByText(say.words['campaign.finished'], { exact: true }).first().waitFor({ timeout: 60_000 })
    await page.getByRole('tab', { name: say.campaigns['tab.people'] }).click()
    const row = page.getByRole('row').filter({ hasText: 'Taro Suzuki' })
    await row.getByText(say.words['reason.no_consent']).waitFor()
    await row.getByRole('link', { name: say.customers['why.button'] }).click()
    await page.getByRole('dialog').getByText(say.words['gate.consent'], { exact: true }).waitFor()
  })

  test('the mail lies in the sandbox', async () => {
    await page.goto(`${url}/sandbox`)
    await page.getByText('hanako@example.com').first().waitFor()
    await page.frameLocator('iframe').getByText('Hanako Yamada').first().waitFor()
    await settled(page)
    // The mail asks the server itself, not the console's address, for the picture that says it was opened.
    expect(faults.filter((fault) => !fault.includes('/o/'))).toEqual([])
  })
})
