import { Tooltip } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { AudienceLive } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { Mark } from '~/ui/mark'

/** Whether the number beside it moves by itself, and up to when it is true. */
export function Freshness({ live }: { live: AudienceLive }) {
  const { t } = useTranslation('audiences')
  const format = useFormat()
  const { since, as_of } = live
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
