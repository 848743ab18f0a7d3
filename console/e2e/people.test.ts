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
})
