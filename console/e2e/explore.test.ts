/** Asking questions, in both languages. */
import { describe, expect, test } from 'vitest'
import { visits } from './visits'

describe.each(['en', 'ja'] as const)('in %s', (language) => {
  const at = visits(language)

  test('an RFM group becomes an audience in one click', async () => {
    await at.open('/explore/rfm')
    await at.page.locator('button[aria-pressed]').first().click()
    await at.page.waitForURL(/group=cannot_lose/)
    await at.page.getByRole('dialog').getByRole('button', { name: at.say.explore.makeAudience }).waitFor()
    await at.page.keyboard.press('Escape')
    await at.page
      .getByRole('button', { name: at.say.rfm.toAudience })
      .or(at.page.getByRole('link', { name: at.say.rfm.toAudience }))
      .first()
      .click()
    await at.page.waitForURL(/\/audiences\/new\?/)
    expect(await at.page.getByLabel(at.say.audiences.name).inputValue()).toBe(
      at.say.words['group.cannot_lose'],
    )
  })

  test('a trend compares with the period before and can be read as a table', async () => {
    await at.open('/explore/trend')
    await at.page.locator('figure svg text').first().waitFor()
    await at.page.getByText(at.say.shell['chart.table'], { exact: true }).click()
    await at.page.getByRole('columnheader', { name: at.say.explore['compare.previous'] }).waitFor()
    const download = at.page.waitForEvent('download')
    await at.page.getByRole('button', { name: at.say.shell['chart.csv'] }).click()
    expect((await download).suggestedFilename()).toMatch(/\.csv$/)
  })

  test('a point of a trend opens into its people', async () => {
    await at.open('/explore/trend?as=table')
    await at.page.locator('table .opens').first().click()
    await at.page.getByRole('dialog').getByRole('button', { name: at.say.explore.makeAudience }).waitFor()
    expect(at.page.url()).toContain('pick=')
  })

  test('who left a funnel becomes an audience in one click', async () => {
    await at.open('/explore/funnel')
    await at.page.locator('ol .opens').first().click()
    const dialog = at.page.getByRole('dialog')
    await dialog.getByLabel(at.say.explore.audienceName).fill(`left ${language}`)
    await dialog.getByRole('button', { name: at.say.explore.makeAudience }).click()
    await at.page.waitForURL(new RegExp(`/audiences/left%20${language}$`))
  })

  test('a funnel is written step by step and stands in the URL', async () => {
    await at.open('/explore/funnel')
    const before = await at.page.locator('ol li').count()
    await at.button(at.say.funnel.addStep).click()
    await at.page.getByRole('combobox', { name: at.say.condition.event }).last().fill('cart_added')
    await at.page.waitForURL(/steps=.*cart_added/)
    expect(await at.page.locator('ol li').count()).toBeGreaterThan(before)
    await at.page.getByText(at.say.shell['chart.table'], { exact: true }).click()
    await at.page.getByRole('columnheader', { name: at.say.funnel.ofFirst }).waitFor()
  })

  test('a cell of retention opens into its people', async () => {
    await at.open('/explore/retention')
    await at.page.locator('table button:enabled').nth(3).click()
    await at.page.getByRole('dialog').getByRole('button', { name: at.say.explore.makeAudience }).waitFor()
    await at.page.keyboard.press('Escape')
    await at.page.getByText(at.say.shell['chart.table'], { exact: true }).click()
    const download = at.page.waitForEvent('download')
    await at.page.getByRole('button', { name: at.say.shell['chart.csv'] }).click()
    expect((await download).suggestedFilename()).toMatch(/\.csv$/)
  })

  test('paths are drawn, and each of the most frequent opens into its people', async () => {
    await at.open('/explore/paths')
    await at.page.locator('figure svg path').first().waitFor()
    await at.page.getByRole('table', { name: at.say.paths.top }).locator('.opens').first().click()
    await at.page.getByRole('dialog').getByRole('button', { name: at.say.explore.makeAudience }).waitFor()
  })

  test('other people, and the period before, stand beside the answer and open too', async () => {
    await at.open('/explore/funnel?compare=previous&as=table')
    await at.page.getByRole('cell', { name: at.say.explore['compare.previous'] }).first().waitFor()
    await at.page.locator('table .opens').last().click()
    await at.page.getByRole('dialog').getByText(at.say.explore['compare.previous']).waitFor()
    expect(at.page.url()).toContain('of=compared')
    await at.open('/explore/trend?events=%5B%22purchase%22%2C%22cart_added%22%5D&as=table')
    await at.page.getByRole('columnheader', { name: 'purchase' }).waitFor()
    await at.page.getByRole('columnheader', { name: 'cart_added' }).waitFor()
  })

  test('a question that takes long says how far it is, and is cancelled', async () => {
    // The shop of `dev/` is always quick: here its answer never comes.
    await at.page.route('**/api/v1/ask/trend', () => undefined)
    const running = {
      id: 1,
      kind: 'trend',
      by: 'Hanako Yamada',
      mine: true,
      began_at: '2026-01-31T00:00:00Z',
    }
    const items = [{ ...running, rows: 12_400_000, of: 50_000_000 }]
    await at.page.route('**/api/v1/ask/running', (route) => route.fulfill({ json: { items, next: null } }))
    await at.page.goto(`${at.url}/explore/trend`)
    await at.page.getByRole('progressbar', { name: at.say.explore['asking.progress'] }).waitFor()
    await at.page.getByText('25%').waitFor()
    await at.button(at.say.explore.cancel).click()
    await at.page.getByRole('heading', { name: at.say.explore['cancelled.title'] }).waitFor()
    await at.page.unroute('**/api/v1/ask/trend')
    await at.button(at.say.explore['cancelled.again']).click()
    await at.page.locator('figure svg text').first().waitFor()
  })
})
