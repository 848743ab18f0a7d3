import { Group, SegmentedControl, Text } from '@mantine/core'
import { useEffect, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { LANGUAGES, speak, type Language } from '~/i18n'

/** The shortest password, in characters, as the server wants it. */
export const PASSWORD_MIN = 12

interface DoorProps {
  title: string
  text?: string
  children: ReactNode
}

/** The page before the house: sign in, set up. */
export function Door({ title, text, children }: DoorProps) {
  const { t, i18n } = useTranslation('shell')
  useEffect(() => {
    document.title = `${title} · Omotenashi`
  }, [title])
  return (
    <main style={{ minHeight: '100vh', display: 'grid', placeItems: 'center', padding: 24 }}>
      <div style={{ width: '100%', maxWidth: 352 }}>
        <Group gap="sm" mb="lg">
          <img src="/mark.svg" width={32} height={32} alt="" />
          <Text fw={620} size="lg">
            Omotenashi
          </Text>
        </Group>
        <h1 style={{ fontSize: '1.375rem', lineHeight: '2rem', marginBottom: 8 }}>{title}</h1>
        {text ? (
          <Text c="dimmed" mb="md">
            {text}
          </Text>
        ) : null}
        {children}
        <SegmentedControl
          mt="xl"
          aria-label={t('language')}
          value={i18n.language}
          onChange={(language) => void speak(language as Language)}
          data={LANGUAGES.map((language) => ({
            value: language,
            label: language === 'ja' ? '日本語' : 'English',
          }))}
        />
      </div>
    </main>
  )
}
