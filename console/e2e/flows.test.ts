/** What people come to do, done in a real browser in both languages. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import english from '../src/i18n/en'
import japanese from '../src/i18n/ja'
import { settled, stage, visitor, type Language, type Stage } from './harness'

let house: Stage
beforeAll(async () => {
  house = await stage()
})
afterAll(() => house.close())

type Texts = typeof english
const TEXTS: Record<Language, Texts> = { en: english, ja: japanese as Texts }

describe.each(['en', 'ja'] as const)('in %s', (language) => {
  const say = TEXTS[language]
  let page: Page
  let faults: string[]
  let close: () => Promise<void>

  beforeEach(async () => {
    ;({ page, faults, close } = await visitor(house, { language }))
  })
  afterEach(async () => {
    expect(faults).toEqual([])
    await close()
  })

  const open = async (path: string) => {
    await page.goto(house.url + path)
    await settled(page)
  }
  const button = (name: string) => page.getByRole('button', { name, exact: true })

  test('a guest signs in and comes back to the page they wanted', async () => {
    await page.context().clearCookies()
    await page.goto(`${house.url}/customers?query=sato`)
    await page.getByLabel(say.door.email).fill('hanako@shop.example.com')
    await page.getByLabel(say.door.password, { exact: true }).fill('too short')
    await button(say.door['signIn.enter']).click()
    await page.getByText(say.door['signIn.wrong']).waitFor()
    await page.getByLabel(say.door.password, { exact: true }).fill('correct horse battery')
    await button(say.door['signIn.enter']).click()
    await page.waitForURL(/\/customers\?query=sato/)
  })

  test('the first person sets the workspace up with the link', async () => {
    await page.context().clearCookies()
    await page.goto(`${house.url}/setup?token=st_1`)
    await page.getByLabel(say.door.name).fill('Hanako')
    await page.getByLabel(say.door.newPassword, { exact: true }).fill('correct horse battery')
    await button(say.door['setUp.enter']).click()
    await page.waitForURL((url) => url.pathname === '/')
  })

  test('a customer is found, looked at, and a decision explained', async () => {
    await open('/customers')
    await page.getByRole('searchbox').fill('sato')
    await page.waitForURL(/query=sato/)
    await page.locator('tbody a').first().click()
    const drawer = page.getByRole('dialog')
    await drawer.getByText(say.customers['peek.open']).waitFor()
    await drawer.getByText(say.customers['peek.open']).click()
    await page.getByRole('tab', { name: say.customers['tab.messages'] }).click()
    await page.getByRole('link', { name: say.customers['why.button'] }).click()
    await page.getByRole('dialog').getByText(say.customers['why.gates']).waitFor()
    expect(new URL(page.url()).searchParams.get('why')).toMatch(/^m3-/)
    await page.keyboard.press('Escape')
    await page.waitForURL((url) => !url.searchParams.has('why'))
  })

  test('a condition is built, read as text, and an error points at its place', async () => {
    await open('/audiences/new')
    await page.getByLabel(say.audiences.name).fill(`twice-${language}`)
    await button(say.condition.add).click()
    await page.getByRole('menuitem', { name: say.condition['kind.did'], exact: true }).click()
    await page.getByRole('combobox', { name: say.condition.event }).fill('purchase')
    await page.getByText('1,').first().waitFor()
    await page.getByText(say.condition.text, { exact: true }).click()
    const text = page.getByRole('textbox', { name: say.condition.text })
    expect(await text.inputValue()).toContain('purchase')
    await text.fill('did "purchase"\nand did "x" at leats 2 times')
    await page.getByText('unexpected word').waitFor()
    expect(await page.locator('pre').first().innerText()).toMatch(/\^$/)
    expect(await button(say.audiences.save).isDisabled()).toBe(false)
    await text.fill('did "purchase" at least 2 times ever')
    await button(say.audiences.save).click()
    await page.waitForURL(new RegExp(`/audiences/twice-${language}$`))
  })

  test('an RFM group becomes an audience in one click', async () => {
    await open('/explore/rfm')
    await page.locator('button[aria-pressed]').first().click()
    await page.waitForURL(/group=cannot_lose/)
    await page.getByRole('dialog').getByRole('button', { name: say.explore.makeAudience }).waitFor()
    await page.keyboard.press('Escape')
    await page
      .getByRole('button', { name: say.rfm.toAudience })
      .or(page.getByRole('link', { name: say.rfm.toAudience }))
      .first()
      .click()
    await page.waitForURL(/\/audiences\/new\?/)
    expect(await page.getByLabel(say.audiences.name).inputValue()).toBe(say.words['group.cannot_lose'])
  })

  test('a trend compares with the period before and can be read as a table', async () => {
    await open('/explore/trend')
    await page.locator('figure svg text').first().waitFor()
    await page.getByText(say.shell['chart.table'], { exact: true }).click()
    await page.getByRole('columnheader', { name: say.explore['compare.previous'] }).waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: say.shell['chart.csv'] }).click()
    expect((await download).suggestedFilename()).toMatch(/\.csv$/)
  })

  test('a point of a trend opens into its people', async () => {
    await open('/explore/trend?as=table')
    await page.locator('table .opens').first().click()
    await page.getByRole('dialog').getByRole('button', { name: say.explore.makeAudience }).waitFor()
    expect(page.url()).toContain('pick=')
  })

  test('who left a funnel becomes an audience in one click', async () => {
    await open('/explore/funnel')
    await page.locator('ol .opens').first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(say.explore.audienceName).fill(`left ${language}`)
    await dialog.getByRole('button', { name: say.explore.makeAudience }).click()
    await page.waitForURL(new RegExp(`/audiences/left%20${language}$`))
  })

  test('a funnel is written step by step and stands in the URL', async () => {
    await open('/explore/funnel')
    const before = await page.locator('ol li').count()
    await button(say.funnel.addStep).click()
    await page.getByRole('combobox', { name: say.condition.event }).last().fill('cart_added')
    await page.waitForURL(/steps=.*cart_added/)
    expect(await page.locator('ol li').count()).toBeGreaterThan(before)
    await page.getByText(say.shell['chart.table'], { exact: true }).click()
    await page.getByRole('columnheader', { name: say.funnel.ofFirst }).waitFor()
  })

  test('a cell of retention opens into its people', async () => {
    await open('/explore/retention')
    await page.locator('table button:enabled').nth(3).click()
    await page.getByRole('dialog').getByRole('button', { name: say.explore.makeAudience }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByText(say.shell['chart.table'], { exact: true }).click()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: say.shell['chart.csv'] }).click()
    expect((await download).suggestedFilename()).toMatch(/\.csv$/)
  })

  test('paths are drawn, and each of the most frequent opens into its people', async () => {
    await open('/explore/paths')
    await page.locator('figure svg path').first().waitFor()
    await page.getByRole('table', { name: say.paths.top }).locator('.opens').first().click()
    await page.getByRole('dialog').getByRole('button', { name: say.explore.makeAudience }).waitFor()
  })

  test('a question is saved, renamed, shown on Home and opened again as it was', async () => {
    await open('/explore/retention?period=month&start=%7B%22event%22%3A%22purchase%22%7D')
    await button(say.explore.save).click()
    const dialog = page.getByRole('dialog')
    const name = `buyers ${language}`
    await dialog.getByLabel(say.explore['save.name']).fill(name)
    await dialog.getByLabel(say.explore['save.pin']).check()
    await dialog.getByRole('button', { name: say.explore.save, exact: true }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    expect(page.url()).toContain('saved=')
    await dialog.waitFor({ state: 'hidden' })
    expect(await button(say.explore.save).count()).toBe(0)

    await open('/')
    const board = page.getByRole('region', { name: say.explore.board })
    const card = board.getByRole('listitem').filter({ hasText: name })
    await card.getByText(say.explore['card.retention']).waitFor()
    await card.getByRole('link', { name }).click()
    await page.waitForURL(/explore\/retention.*period=month/)
    await page.getByRole('combobox', { name: say.condition.event }).first().waitFor()
    expect(await page.getByRole('combobox', { name: say.condition.event }).first().inputValue()).toBe(
      'purchase',
    )

    await open('/questions')
    await button(`${name}: ${say.explore['saved.rename']}`).click()
    await dialog.getByLabel(say.explore['save.name']).fill(`${name}!`)
    await dialog.getByRole('button', { name: say.explore['saved.rename'], exact: true }).click()
    await button(`${name}!: ${say.explore['board.remove']}`).click()
    await button(`${name}!: ${say.explore['board.add']}`).waitFor()
    await button(`${name}!: ${say.explore['saved.delete']}`).click()
    await page.getByRole('link', { name: `${name}!` }).waitFor({ state: 'hidden' })
  })

  test('a saved question that is asked otherwise offers to keep the change', async () => {
    await open('/questions')
    await page.getByRole('link', { name: 'Who comes back' }).click()
    await page.locator('table button:enabled').first().waitFor()
    expect(await button(say.explore['save.changes']).count()).toBe(0)
    await page
      .getByRole('combobox', { name: say.retention.counting })
      .or(page.getByLabel(say.retention.counting))
      .first()
      .click()
    // The shop lives on from one language to the next.
    const counting = language === 'en' ? 'rolling' : 'on_or_after'
    await page.getByRole('option', { name: say.retention[`counting.${counting}`] }).click()
    await button(say.explore['save.changes']).click()
    await button(say.explore['save.changes']).waitFor({ state: 'hidden' })
    expect(page.url()).toContain(`counting=${counting}`)
  })

  test('other people, and the period before, stand beside the answer and open too', async () => {
    await open('/explore/funnel?compare=previous&as=table')
    await page.getByRole('cell', { name: say.explore['compare.previous'] }).first().waitFor()
    await page.locator('table .opens').last().click()
    await page.getByRole('dialog').getByText(say.explore['compare.previous']).waitFor()
    expect(page.url()).toContain('of=compared')
    await open('/explore/trend?events=%5B%22purchase%22%2C%22cart_added%22%5D&as=table')
    await page.getByRole('columnheader', { name: 'purchase' }).waitFor()
    await page.getByRole('columnheader', { name: 'cart_added' }).waitFor()
  })

  test('a question that takes long says how far it is, and is cancelled', async () => {
    // The shop of `dev/` is always quick: here its answer never comes.
    await page.route('**/api/v1/ask/trend', () => undefined)
    const running = {
      id: 1,
      kind: 'trend',
      by: 'Hanako Yamada',
      mine: true,
      began_at: '2026-01-31T00:00:00Z',
    }
    const items = [{ ...running, rows: 12_400_000, of: 50_000_000 }]
    await page.route('**/api/v1/ask/running', (route) => route.fulfill({ json: { items, next: null } }))
    await page.goto(`${house.url}/explore/trend`)
    await page.getByRole('progressbar', { name: say.explore['asking.progress'] }).waitFor()
    await page.getByText('25%').waitFor()
    await button(say.explore.cancel).click()
    await page.getByRole('heading', { name: say.explore['cancelled.title'] }).waitFor()
    await page.unroute('**/api/v1/ask/trend')
    await button(say.explore['cancelled.again']).click()
    await page.locator('figure svg text').first().waitFor()
  })

  test('a campaign is written, checked and launched with the keyboard alone', async () => {
    await open('/campaigns/new')
    const name = `autumn ${language}`
    await page.keyboard.type(name)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/campaigns\/\d+$/)
    await settled(page)
    const audience = page
      .getByRole('combobox', { name: say.campaigns.audience })
      .or(page.getByLabel(say.campaigns.audience))
      .first()
    await audience.focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await button(say.campaigns.save).focus()
    await page.keyboard.press('Enter')
    await page.getByText(say.campaigns.saved).waitFor()
    await page.getByRole('tab', { name: say.campaigns['tab.content'] }).focus()
    await page.keyboard.press('ArrowRight')
    await page.getByText(say.campaigns['check.relevant']).waitFor()
    await button(say.campaigns['launch.button']).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('3,412').waitFor()
    await dialog.getByRole('button', { name: say.campaigns['launch.now'] }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('tab', { name: say.campaigns['tab.report'] }).waitFor()
    await page.getByText(say.words['campaign.running'], { exact: true }).first().waitFor()
    await button(say.campaigns.pause).click()
    await button(say.campaigns.resume).click()
    await button(say.campaigns.pause).waitFor()
  })

  test('those left out for one reason can be listed, each with why', async () => {
    await open('/campaigns/3')
    await page.getByRole('link', { name: say.words['reason.holdout'] }).click()
    await page.waitForURL(/reason=holdout/)
    await page.getByRole('link', { name: say.customers['why.button'] }).first().click()
    await page.getByRole('dialog').getByRole('heading', { name: say.words['reason.holdout'] }).waitFor()
  })

  test('an API token is shown once', async () => {
    await open('/data/keys')
    await button(say.data['keys.new']).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(say.data['keys.kind']).first().click()
    await page.getByRole('option', { name: say.words['key.api_token'] }).click()
    await dialog.getByLabel(say.data['keys.name']).fill('nightly')
    await dialog.getByRole('button', { name: say.data['keys.make'] }).click()
    await dialog.getByText('at_7d6c5b4a3f2e1d0c').waitFor()
    await dialog.getByRole('button', { name: say.data['keys.done'] }).click()
    expect(await page.getByText('at_7d6c5b4a3f2e1d0c').count()).toBe(0)
  })

  test('a mail is shown without giving it any power over the page', async () => {
    await open('/sandbox')
    const frame = page.locator('iframe')
    expect(await frame.getAttribute('sandbox')).not.toContain('allow-scripts')
    expect(await frame.getAttribute('sandbox')).not.toContain('allow-same-origin')
    await page.frameLocator('iframe').getByRole('link').first().waitFor()
  })

  test('anything is reached from the palette and by shortcuts', async () => {
    await open('/')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: say.shell['palette.open'] }).fill(say.shell['place.rfm'])
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/explore\/rfm/)
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.keyboard.press('g')
    await page.keyboard.press('c')
    await page.waitForURL(/\/customers/)
    await page.keyboard.press('?')
    await page.getByRole('dialog').getByText(say.shell['shortcuts.palette']).waitFor()
  })

  test('settings say which field the server refused', async () => {
    await open('/settings')
    await page.getByRole('combobox', { name: say.settings.zone }).fill('Mars')
    await page.keyboard.press('Escape')
    await button(say.settings.save).click()
    const refused = { en: 'not a time zone of the IANA database', ja: 'タイムゾーンの名前が正しくありません' }
    await page.getByText(refused[language]).waitFor()
  })

  test('no event is removed before somebody has seen which, and meant it', async () => {
    await open('/settings')
    await page.getByRole('switch', { name: say.settings['keeping.forEver'] }).click()
    await page.getByRole('textbox', { name: say.settings['keeping.months'] }).fill('11')
    await button(say.settings.save).click()
    const dialog = page.getByRole('dialog', { name: say.settings['removal.title'] })
    const said = await dialog.getByRole('alert').textContent()
    expect(said).toContain('100,300')
    await dialog.getByRole('button', { name: say.settings['removal.keep'] }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByText(say.settings.unsaved).waitFor()
    await button(say.settings.save).click()
    await dialog.getByRole('button', { name: say.settings['removal.do'] }).click()
    await page.getByText(say.settings.saved).waitFor()
  })

  test('somebody is invited by a link that is shown once, and an owner stays', async () => {
    await open('/settings')
    await button(say.settings['users.invite']).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(say.settings['users.email']).fill('taro@example.com')
    await dialog.getByRole('button', { name: say.settings['users.makeLink'] }).click()
    await dialog.getByText('/setup?token=').waitFor()
    await dialog.getByRole('button', { name: say.settings['users.done'] }).click()
    await button(`taro@example.com: ${say.settings['users.takeBack']}`).waitFor()
    await button(`Hanako Yamada: ${say.settings['users.remove']}`).click()
    await dialog.getByRole('button', { name: say.settings['users.remove'] }).click()
    await dialog.getByText('a workspace needs an owner').waitFor()
  })
})

test('the language is switched without losing the page', async () => {
  const { page, faults, close } = await visitor(house, { language: 'en' })
  await page.goto(`${house.url}/explore/rfm?show=revenue`)
  await settled(page)
  await page.getByRole('button', { name: 'Language' }).click()
  await page.getByRole('menuitem', { name: '日本語' }).click()
  await page.getByRole('heading', { name: japanese.rfm.title, level: 1 }).waitFor()
  expect(page.url()).toContain('show=revenue')
  expect(await page.locator('html').getAttribute('lang')).toBe('ja')
  expect(faults).toEqual([])
  await close()
})
