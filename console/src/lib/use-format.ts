import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useMe } from '~/api/session'
import { type Format, formatter } from './format'

/** The formatter for this reader in this workspace. */
export function useFormat(): Format {
  const { i18n } = useTranslation()
  const workspace = useMe()?.workspace
  const zone = workspace?.time_zone ?? 'UTC'
  const currency = workspace?.currency ?? ''
  return useMemo(
    () => formatter({ language: i18n.language, zone, currency }),
    [i18n.language, zone, currency],
  )
}
