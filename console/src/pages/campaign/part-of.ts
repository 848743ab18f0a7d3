import { useTranslation } from 'react-i18next'
import type { ContentError } from '~/api/types'

const PARTS = ['subject', 'preheader', 'body', 'text'] as const

/** The part of a message that the server names. */
export function partOf(part: string): (typeof PARTS)[number] {
  return PARTS.find((each) => each === part) ?? 'body'
}

/** Where in a message something is wrong, in words: its part, and the line and column as far as they are known. */
export function usePlaceOf(): (error: ContentError) => string {
  const { t } = useTranslation('campaigns')
  return ({ part: word, line, column }) => {
    const part = t(`part.${partOf(word)}`)
    if (line == null) return part
    return column == null ? t('place.line', { part, line }) : t('place.column', { part, line, column })
  }
}
