/** Finding people, in both languages. */
import { describe, expect, test } from 'vitest'
import { visits } from './visits'

describe.each(['en', 'ja'] as const)('in %s', (language) => {
  const at = visits(language)

  test('a customer is found, looked at, and a decision explained', async () => {
    await at.open('/customers')
    await at.page.getByRole('searchbox').fill('sato')
    await at.page.waitForURL(/query=sato/)
    await at.page.locator('tbody a').first().click()
    const drawer = at.page.getByRole('dialog')
    await drawer.getByText(at.say.customers['peek.open']).waitFor()
    await drawer.getByText(at.say.customers['peek.open']).click()
    await at.page.getByRole('tab', { name: at.say.customers['tab.messages'] }).click()
    await at.page.getByRole('link', { name: at.say.customers['why.button'] }).click()
    await at.page.getByRole('dialog').getByText(at.say.customers['why.gates']).waitFor()
    expect(new URL(at.page.url()).searchParams.get('why')).toMatch(/^m3-/)
    await at.page.keyboard.press('Escape')
    await at.page.waitForURL((url) => !url.searchParams.has('why'))
  })

  test('a condition is built, read as text, and an error points at its place', async () => {
    await at.open('/audiences/new')
    await at.page.getByLabel(at.say.audiences.name).fill(`twice-${language}`)
    await at.button(at.say.condition.add).click()
    await at.page.getByRole('menuitem', { name: at.say.condition['kind.did'], exact: true }).click()
    await at.page.getByRole('combobox', { name: at.say.condition.event }).fill('purchase')
    await at.page.getByText('1,').first().waitFor()
    await at.page.getByText(at.say.condition.text, { exact: true }).click()
    const text = at.page.getByRole('textbox', { name: at.say.condition.text })
    expect(await text.inputValue()).toContain('purchase')
    await text.fill('did "purchase"\nand did "x" at leats 2 times')
    await at.page.getByText('unexpected word').waitFor()
    expect(await at.page.locator('pre').first().innerText()).toMatch(/\^$/)
    expect(await at.button(at.say.audiences.save).isDisabled()).toBe(false)
    await text.fill('did "purchase" at least 2 times ever')
    await at.button(at.say.audiences.save).click()
    await at.page.waitForURL(new RegExp(`/audiences/twice-${language}$`))
  })

  const counting = () =>
    at.page.getByText(new RegExp(at.say.audiences['followed.counting'].replace('{{percent}}', '\\d+')))

  test('a new audience says how much of it is counted, then that it is live', async () => {
    await at.open('/audiences/new')
    await at.page.getByLabel(at.say.audiences.name).fill(`counted-${language}`)
    await at.button(at.say.audiences.save).click()
    await counting().waitFor()
    await counting().waitFor({ state: 'detached' })
    await at.page.getByRole('main').getByText(at.say.audiences['followed.yes'], { exact: true }).waitFor()
    await at.page.getByText('1,204').first().waitFor()
  })

  test('the list of audiences says how much is counted until it is', async () => {
    await at.open('/audiences')
    await at.page.evaluate(async () => {
      const audience = { name: 'listed', description: '', condition: { text: 'everyone' } }
      await fetch('/api/v1/audiences', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(audience),
      })
    })
    await at.open('/audiences')
    await counting().waitFor()
    await counting().waitFor({ state: 'detached' })
    await at.page.getByRole('row', { name: 'listed' }).getByText('1,204').waitFor()
  })

  test('a place that is not on the earth stays as it was typed and is marked', async () => {
    await at.open('/audiences/new')
    await at.button(at.say.condition.add).click()
    await at.page.getByRole('menuitem', { name: at.say.condition['kind.trait_place'], exact: true }).click()
    const latitude = at.page.getByLabel(at.say.condition['place.latitude'], { exact: true })
    await latitude.fill('95')
    await latitude.blur()
    expect(await latitude.inputValue()).toContain('95')
    expect(await latitude.getAttribute('aria-invalid')).toBe('true')
    await latitude.fill('34.7025')
    expect(await latitude.getAttribute('aria-invalid')).not.toBe('true')
    await at.page.getByRole('combobox', { name: at.say.condition['place.area'] }).click()
    await at.page.getByRole('option', { name: at.say.condition['place.inside'] }).click()
    const corners = at.page.getByLabel(at.say.condition['place.corners'], { exact: true })
    expect(await corners.inputValue()).toMatch(/^34\.7025, 139\.7671; /)
    await corners.fill('35.6, 139.6; 35.7, 139.6; x')
    await at.page.getByText(at.say.condition['place.cornersText']).waitFor()
    await corners.fill('35.6, 139.6; 35.7, 139.6; 35.7, 139.8')
    await at.page.getByText(at.say.condition['place.cornersText']).waitFor({ state: 'detached' })
  })
})
