/** Keeping questions, in both languages. */
import { describe, expect, test } from 'vitest'
import { visits } from './visits'

describe.each(['en', 'ja'] as const)('in %s', (language) => {
  const at = visits(language)

  test('a question is saved, renamed, shown on Home and opened again as it was', async () => {
    await at.open('/explore/retention?period=month&start=%7B%22event%22%3A%22purchase%22%7D')
    await at.button(at.say.explore.save).click()
    const dialog = at.page.getByRole('dialog')
    const name = `buyers ${language}`
    await dialog.getByLabel(at.say.explore['save.name']).fill(name)
    await dialog.getByLabel(at.say.explore['save.pin']).check()
    await dialog.getByRole('button', { name: at.say.explore.save, exact: true }).click()
    await at.page.getByRole('heading', { name, level: 1 }).waitFor()
    expect(at.page.url()).toContain('saved=')
    await dialog.waitFor({ state: 'hidden' })
    expect(await at.button(at.say.explore.save).count()).toBe(0)

    await at.open('/')
    const board = at.page.getByRole('region', { name: at.say.explore.board })
    const card = board.getByRole('listitem').filter({ hasText: name })
    await card.getByText(at.say.explore['card.retention']).waitFor()
    await card.getByRole('link', { name }).click()
    await at.page.waitForURL(/explore\/retention.*period=month/)
    await at.page.getByRole('combobox', { name: at.say.condition.event }).first().waitFor()
    expect(await at.page.getByRole('combobox', { name: at.say.condition.event }).first().inputValue()).toBe(
      'purchase',
    )

    await at.open('/questions')
    await at.button(`${name}: ${at.say.explore['saved.rename']}`).click()
    await dialog.getByLabel(at.say.explore['save.name']).fill(`${name}!`)
    await dialog.getByRole('button', { name: at.say.explore['saved.rename'], exact: true }).click()
    await at.button(`${name}!: ${at.say.explore['board.remove']}`).click()
    await at.button(`${name}!: ${at.say.explore['board.add']}`).waitFor()
    await at.button(`${name}!: ${at.say.explore['saved.delete']}`).click()
    await at.page.getByRole('link', { name: `${name}!` }).waitFor({ state: 'hidden' })
  })

  test('a saved question that is asked otherwise offers to keep the change', async () => {
    await at.open('/questions')
    await at.page.getByRole('link', { name: 'Who comes back' }).click()
    await at.page.locator('table button:enabled').first().waitFor()
    expect(await at.button(at.say.explore['save.changes']).count()).toBe(0)
    await at.page
      .getByRole('combobox', { name: at.say.retention.counting })
      .or(at.page.getByLabel(at.say.retention.counting))
      .first()
      .click()
    // The shop lives on from one language to the next.
    const counting = language === 'en' ? 'rolling' : 'on_or_after'
    await at.page.getByRole('option', { name: at.say.retention[`counting.${counting}`] }).click()
    await at.button(at.say.explore['save.changes']).click()
    await at.button(at.say.explore['save.changes']).waitFor({ state: 'hidden' })
    expect(at.page.url()).toContain(`counting=${counting}`)
  })

  test('the cards of Home are put into another order with the keyboard', async () => {
    await at.open('/')
    const board = at.page.getByRole('region', { name: at.say.explore.board })
    const menuOf = (name: string) => at.button(`${name}: ${at.say.explore['board.menu']}`)
    const first = (name: string) => board.getByRole('listitem').first().filter({ hasText: name }).waitFor()
    await first('Purchases')
    await menuOf('Purchases').focus()
    await at.page.keyboard.press('Enter')
    await at.page.getByRole('menuitem', { name: at.say.explore['board.down'] }).press('Enter')
    await first('カートから購入まで')
    await at.page.waitForFunction(() => document.activeElement?.ariaLabel?.startsWith('Purchases: '))
    await at.page.keyboard.press('Enter')
    await at.page.getByRole('menuitem', { name: at.say.explore['board.up'] }).press('Enter')
    await first('Purchases')
  })
})
