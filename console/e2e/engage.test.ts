/** Saying something, in both languages. */
import { describe, expect, test } from 'vitest'
import { settled } from './harness'
import { visits } from './visits'

describe.each(['en', 'ja'] as const)('in %s', (language) => {
  const at = visits(language)

  test('a campaign is written, checked and launched with the keyboard alone', async () => {
    await at.open('/campaigns/new')
    const name = `autumn ${language}`
    await at.page.keyboard.type(name)
    await at.page.keyboard.press('Enter')
    await at.page.waitForURL(/\/campaigns\/\d+$/)
    await settled(at.page)
    const audience = at.page
      .getByRole('combobox', { name: at.say.campaigns.audience })
      .or(at.page.getByLabel(at.say.campaigns.audience))
      .first()
    await audience.focus()
    await at.page.keyboard.press('ArrowDown')
    await at.page.keyboard.press('ArrowDown')
    await at.page.keyboard.press('Enter')
    await at.button(at.say.campaigns.save).focus()
    await at.page.keyboard.press('Enter')
    await at.page.getByText(at.say.campaigns.saved, { exact: true }).waitFor()
    await at.page.getByRole('tab', { name: at.say.campaigns['tab.content'] }).focus()
    await at.page.keyboard.press('ArrowRight')
    await at.page.getByText(at.say.campaigns['check.relevant']).waitFor()
    await at.button(at.say.campaigns['launch.button']).focus()
    await at.page.keyboard.press('Enter')
    const dialog = at.page.getByRole('dialog')
    await dialog.getByText('3,412').waitFor()
    await dialog.getByRole('button', { name: at.say.campaigns['launch.now'] }).focus()
    await at.page.keyboard.press('Enter')
    await at.page.getByRole('tab', { name: at.say.campaigns['tab.report'] }).waitFor()
    await at.page.getByText(at.say.words['campaign.running'], { exact: true }).first().waitFor()
    await at.button(at.say.campaigns.pause).click()
    await at.button(at.say.campaigns.resume).click()
    await at.button(at.say.campaigns.pause).waitFor()
  })

  test('those left out for one reason can be listed, each with why', async () => {
    await at.open('/campaigns/3')
    await at.page.getByRole('link', { name: at.say.words['reason.holdout'] }).click()
    await at.page.waitForURL(/reason=holdout/)
    await at.page.getByRole('link', { name: at.say.customers['why.button'] }).first().click()
    await at.page.getByRole('dialog').getByRole('heading', { name: at.say.words['reason.holdout'] }).waitFor()
  })

  test('a mail is shown without giving it any power over the page', async () => {
    await at.open('/sandbox')
    const frame = at.page.locator('iframe')
    expect(await frame.getAttribute('sandbox')).not.toContain('allow-scripts')
    expect(await frame.getAttribute('sandbox')).not.toContain('allow-same-origin')
    await at.page.frameLocator('iframe').getByRole('link').first().waitFor()
  })
})
