import { ActionIcon, Menu, Tooltip, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { IconCheck, IconKeyboard, IconLanguage, IconLogout, IconUserCircle } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { signOut, useMe } from '~/api/session'
import { LANGUAGES, speak } from '~/i18n'
import { useWord } from '~/i18n/word'

const SCHEMES: readonly MantineColorScheme[] = ['auto', 'light', 'dark']

/** Language, colours, help, and the way out. */
export function Account({ onHelp }: { onHelp: () => void }) {
  const { t } = useTranslation('shell')
  return (
    <>
      <LanguageMenu />
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <ActionIcon aria-label={t('account.open')}>
            <IconUserCircle size={20} stroke={1.6} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Who />
          <SchemeChoice />
          <Menu.Divider />
          <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={onHelp}>
            {t('shortcuts.title')}
          </Menu.Item>
          <SignOut />
        </Menu.Dropdown>
      </Menu>
    </>
  )
}

function LanguageMenu() {
  const { t, i18n } = useTranslation('shell')
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label={t('language')}>
          <ActionIcon aria-label={t('language')}>
            <IconLanguage size={19} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {LANGUAGES.map((language) => (
          <Menu.Item
            key={language}
            lang={language}
            rightSection={i18n.language === language ? <IconCheck size={14} /> : null}
            onClick={() => void speak(language)}
          >
            {language === 'ja' ? '日本語' : 'English'}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function Who() {
  const me = useMe()
  const word = useWord()
  if (!me) return null
  return (
    <Menu.Label>
      {me.name} · {word('role', me.role)}
      <br />
      {me.email}
    </Menu.Label>
  )
}

function SchemeChoice() {
  const { t } = useTranslation('shell')
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return SCHEMES.map((scheme) => (
    <Menu.Item
      key={scheme}
      closeMenuOnClick={false}
      rightSection={colorScheme === scheme ? <IconCheck size={14} /> : null}
      onClick={() => setColorScheme(scheme)}
    >
      {t(`scheme.${scheme}`)}
    </Menu.Item>
  ))
}

function SignOut() {
  const { t } = useTranslation('shell')
  const navigate = useNavigate()
  const leave = async () => {
    await signOut()
    await navigate({ to: '/signin' })
  }
  return (
    <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void leave()}>
      {t('account.signOut')}
    </Menu.Item>
  )
}
