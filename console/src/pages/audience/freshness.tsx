import { Tooltip } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { AudienceLive } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { Mark } from '~/ui/mark'

/** Whether the number beside it moves by itself, and up to when it is true. */
export function Freshness({ live }: { live: AudienceLive }) {
  const { t } = useTranslation('audiences')
  const format = useFormat()
  const { since, as_of, counted_percent: percent } = live
  if (percent != null) return <BeingCounted percent={percent} />
  const says = since
    ? t('followed.since', { since: format.dateTime(since), at: format.time(as_of) })
    : t('followed.notText', { at: format.time(as_of) })
  return (
    <Tooltip label={says} multiline maw={360}>
      <span tabIndex={0} aria-label={says}>
        <Mark tone={since ? 'good' : 'gray'}>{t(since ? 'followed.yes' : 'followed.not')}</Mark>
      </span>
    </Tooltip>
  )
}

/** That an audience was made or changed and will be live soon. */
export function BeingCounted({ percent }: { percent: number }) {
  const { t } = useTranslation('audiences')
  const says = t('followed.countingText')
  return (
    <Tooltip label={says} multiline maw={360}>
      <span tabIndex={0} aria-label={`${t('followed.counting', { percent })}. ${says}`}>
        <Mark tone="accent">{t('followed.counting', { percent })}</Mark>
      </span>
    </Tooltip>
  )
}
