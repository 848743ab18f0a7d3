/** Languages: one chunk each, only the reader's is loaded. */
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type english from './en'

export const LANGUAGES = ['en', 'ja'] as const
export type Language = (typeof LANGUAGES)[number]

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell'
    keySeparator: false
    nsSeparator: false
    resources: typeof english
  }
}

interface Texts {
  default: object
  /** The server's sentences; it speaks English by itself. */
  said?: object
}

const load: Record<Language, () => Promise<Texts>> = {
  en: () => import('./en'),
  ja: () => import('./ja'),
}

function isLanguage(text: string | null): text is Language {
  return LANGUAGES.some((language) => language === text)
}

function wanted(): Language {
  const kept = localStorage.getItem('language')
  if (isLanguage(kept)) return kept
  return navigator.language.startsWith('ja') ? 'ja' : 'en'
}

async function addLanguage(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, 'shell')) return
  const { default: namespaces, said } = await load[language]()
  if (said) i18next.addResourceBundle(language, 'said', said)
  for (const [namespace, texts] of Object.entries(namespaces)) {
    i18next.addResourceBundle(language, namespace, texts)
  }
}

/** Call once before the first render. */
export async function startLanguage(): Promise<void> {
  const language = wanted()
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    defaultNS: 'shell',
    resources: {},
    // Keys are flat: `problem.busy.title` is one key. Words of the server may hold any letter.
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  })
  await addLanguage(language)
  document.documentElement.lang = language
}

/** Speaks another language from now on, on this device. */
export async function speak(language: Language): Promise<void> {
  await addLanguage(language)
  localStorage.setItem('language', language)
  document.documentElement.lang = language
  await i18next.changeLanguage(language)
}
