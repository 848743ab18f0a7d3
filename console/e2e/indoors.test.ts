/** Coming in, finding one's way, and keeping the house in order, in both languages. */
import { describe, expect, test } from 'vitest'
import { TEXTS, visits } from './visits'

describe.each(['en', 'ja'] as const)('in %s', (language) => {
  const at = visits(language)

  test('a guest signs in and comes back to the page they wanted', async () => {
    await at.page.context().clearCookies()
    await at.page.goto(`${at.url}/customers?query=sato`)
    await at.page.getByLabel(at.say.door.email).fill('hanako@shop.example.com')
    await at.page.getByLabel(at.say.door.password, { exact: true }).fill('too short')
    await at.button(at.say.door['signIn.enter']).click()
    await at.page.getByText(at.say.door['signIn.wrong']).waitFor()
    await at.page.getByLabel(at.say.door.password, { exact: true }).fill('correct horse battery')
    await at.button(at.say.door['signIn.enter']).click()
    await at.page.waitForURL(/\/customers\?query=sato/)
  })

  test('the first person sets the workspace up with the link', async () => {
    await at.page.context().clearCookies()
    await at.open('/setup?token=st_1')
    await at.page.getByLabel(at.say.door.name).fill('Hanako')
    await at.page.getByLabel(at.say.door.newPassword, { exact: true }).fill('correct horse battery')
    await at.button(at.say.door['setUp.enter']).click()
    await at.page.waitForURL((url) => url.pathname === '/')
  })

  test('an API token is shown once', async () => {
    await at.open('/data/keys')
    await at.button(at.say.data['keys.new']).click()
    const dialog = at.page.getByRole('dialog')
    await dialog.getByLabel(at.say.data['keys.kind']).first().click()
    await at.page.getByRole('option', { name: at.say.words['key.api_token'] }).click()
    await dialog.getByLabel(at.say.data['keys.name']).fill('nightly')
    await dialog.getByRole('button', { name: at.say.data['keys.make'] }).click()
    await dialog.getByText('at_7d6c5b4a3f2e1d0c').waitFor()
    await dialog.getByRole('button', { name: at.say.data['keys.done'] }).click()
    await at.page.getByText('at_7d6c5b4a3f2e1d0c').waitFor({ state: 'hidden' })
  })

  test('anything is reached from the palette and by shortcuts', async () => {
    await at.open('/')
    await at.page.keyboard.press('Control+k')
    await at.page
      .getByRole('combobox', { name: at.say.shell['palette.open'] })
      .fill(at.say.shell['place.rfm'])
    await at.page.keyboard.press('Enter')
    await at.page.waitForURL(/\/explore\/rfm/)
    await at.page.getByRole('dialog').waitFor({ state: 'hidden' })
    await at.page.keyboard.press('g')
    await at.page.keyboard.press('c')
    await at.page.waitForURL(/\/customers/)
    await at.page.keyboard.press('?')
    await at.page.getByRole('dialog').getByText(at.say.shell['shortcuts.palette']).waitFor()
  })

  test('settings say which field the server refused', async () => {
    await at.open('/settings')
    await at.page.getByRole('combobox', { name: at.say.settings.zone }).fill('Mars')
    await at.page.keyboard.press('Escape')
    await at.button(at.say.settings.save).click()
    const refused = { en: 'not a time zone of the IANA database', ja: 'タイムゾーンの名前が正しくありません' }
    await at.page.getByText(refused[language]).waitFor()
  })

  test('no event is removed before somebody has seen which, and meant it', async () => {
    await at.open('/settings')
    await at.page.getByRole('switch', { name: at.say.settings['keeping.forEver'] }).click()
    await at.page.getByRole('textbox', { name: at.say.settings['keeping.months'] }).fill('11')
    await at.button(at.say.settings.save).click()
    const dialog = at.page.getByRole('dialog', { name: at.say.settings['removal.title'] })
    const said = await dialog.getByRole('alert').textContent()
    expect(said).toContain('100,300')
    await dialog.getByRole('button', { name: at.say.settings['removal.keep'] }).click()
    await dialog.waitFor({ state: 'hidden' })
    await at.page.getByText(at.say.settings.unsaved).waitFor()
    await at.button(at.say.settings.save).click()
    await dialog.getByRole('button', { name: at.say.settings['removal.do'] }).click()
    await at.page.getByText(at.say.settings.saved, { exact: true }).waitFor()
  })

  test('somebody is invited by a link that is shown once, and an owner stays', async () => {
    await at.open('/settings')
    await at.button(at.say.settings['users.invite']).click()
    const dialog = at.page.getByRole('dialog')
    await dialog.getByLabel(at.say.settings['users.email']).fill('taro@example.com')
    await dialog.getByRole('button', { name: at.say.settings['users.makeLink'] }).click()
    await dialog.getByText('/setup?token=').waitFor()
    await dialog.getByRole('button', { name: at.say.settings['users.done'] }).click()
    await at.button(`taro@example.com: ${at.say.settings['users.takeBack']}`).waitFor()
    await at.button(`Hanako Yamada: ${at.say.settings['users.remove']}`).click()
    await dialog.getByRole('button', { name: at.say.settings['users.remove'] }).click()
    await dialog.getByText('a workspace needs an owner').waitFor()
  })

  test('the language is switched without losing the page', async () => {
    const other = language === 'en' ? 'ja' : 'en'
    await at.open('/explore/rfm?show=revenue')
    await at.button(at.say.shell.language).click()
    await at.page.getByRole('menuitem', { name: { en: 'English', ja: '日本語' }[other] }).click()
    await at.page.getByRole('heading', { name: TEXTS[other].rfm.title, level: 1 }).waitFor()
    expect(at.page.url()).toContain('show=revenue')
    expect(await at.page.locator('html').getAttribute('lang')).toBe(other)
  })
})
