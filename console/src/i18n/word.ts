import { useTranslation } from 'react-i18next'
import type english from './en'

type Words = (typeof english)['words']

/** A family of words that the server speaks: `reason`, `gate`, `group`, … */
export type Family = keyof Words extends infer Key ? (Key extends `${infer F}.${string}` ? F : never) : never

/** Says a word of the server in the reader's language; a word this console does not know yet is shown as it came. */
export function useWord(): (family: Family, word: string) => string {
  const { t, i18n } = useTranslation('words')
  return (family, word) => {
    const key = `${family}.${word}`
    // The set of keys is checked by a test against the contract; here the word is data.
    return i18n.exists(key, { ns: 'words' }) ? t(key as never) : word
  }
}
