import { ActionIcon, Tooltip } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useIsFetching, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useMe } from '~/api/session'
import { useFormat } from '~/lib/use-format'
import { useNow } from '~/lib/use-now'
import classes from './layout.module.css'

/** What every number on the page refers to: which workspace, which time zone, as of when. */
export function Scope() {
  const { t } = useTranslation('shell')
  const workspace = useMe()?.workspace
  return (
    <div className={classes['scope']}>
      {workspace ? (
        <>
          <span>{workspace.name}</span>
          <span className={classes['zone']} title={t('zone')}>
            {workspace.time_zone}
          </span>
        </>
      ) : null}
      <Freshness />
    </div>
  )
}

function Freshness() {
  const { t } = useTranslation('shell')
  const client = useQueryClient()
  const fetching = useIsFetching() > 0
  const now = useNow(5_000)
  const format = useFormat()
  const active = client.getQueryCache().findAll({ type: 'active' })
  const asOf = Math.min(
    ...active.map((query) => query.state.dataUpdatedAt).filter((at) => at > 0 && at > now - 3_600_000),
  )
  const age = now - asOf
  const text =
    !Number.isFinite(asOf) || age < 5_000 ? t('fresh.now') : t('fresh.ago', { ago: format.ago(asOf, now) })
  return (
    <>
      <span className={classes['zone']}>{fetching ? t('fresh.reading') : text}</span>
      <Tooltip label={t('fresh.again')}>
        <ActionIcon
          aria-label={t('fresh.again')}
          onClick={() => void client.invalidateQueries({ type: 'active' })}
          size="sm"
        >
          <IconRefresh size={15} />
        </ActionIcon>
      </Tooltip>
    </>
  )
}
