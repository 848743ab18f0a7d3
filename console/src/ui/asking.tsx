import { Button, Group, Progress, Text } from '@mantine/core'
import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { useEffect, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { runningQuery } from '~/api/ask'
import type { Kind } from '~/lib/question'
import { useFormat } from '~/lib/use-format'
import { Answer, Empty } from './state'

/** After so long the page says how far it is, and offers to stop. */
const LONG_MS = 2_000
const STEP_MS = 250

interface AskingProps<T> {
  of: UseQueryResult<T>
  kind: Kind
  rows?: number
  children: (data: T) => ReactNode
}

/** The answer to a question; one that takes long says how far it is, and can be cancelled. */
export function Asking<T>({ of, kind, rows, children }: AskingProps<T>) {
  const { t } = useTranslation('explore')
  // Asked, never answered, and nobody asks any more: the reader has cancelled it.
  const cancelled = of.data === undefined && of.error === null && of.fetchStatus === 'idle'
  return (
    <>
      {of.isFetching ? <Elapsed key={of.dataUpdatedAt} kind={kind} /> : null}
      {cancelled ? (
        <Empty
          title={t('cancelled.title')}
          text={t('cancelled.text')}
          action={
            <Button variant="default" onClick={() => void of.refetch()}>
              {t('cancelled.again')}
            </Button>
          }
        />
      ) : (
        <Answer of={of} rows={rows}>
          {children}
        </Answer>
      )}
    </>
  )
}

function Elapsed({ kind }: { kind: Kind }) {
  const [elapsed, setElapsed] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setElapsed((before) => before + STEP_MS), STEP_MS)
    return () => clearInterval(timer)
  }, [])
  return elapsed < LONG_MS ? null : <UnderWay kind={kind} elapsed={elapsed} />
}

/** How far the server is, and a way out: who goes away stops the work there. */
function UnderWay({ kind, elapsed }: { kind: Kind; elapsed: number }) {
  const { t } = useTranslation('explore')
  const format = useFormat()
  const client = useQueryClient()
  const running = useQuery(runningQuery).data?.items.find((each) => each.mine && each.kind === kind)
  const part = running && running.of > 0 ? running.rows / running.of : null
  return (
    <Group gap="sm" mb="sm" role="status">
      <Text size="sm" c="dimmed">
        {t('asking', { elapsed: format.milliseconds(elapsed) })}{' '}
        {running && part !== null
          ? t('asking.rows', { rows: format.compact(running.rows), share: format.percent(part, 0) })
          : null}
      </Text>
      {part === null ? null : (
        <Progress value={100 * part} w={160} size="sm" aria-label={t('asking.progress')} />
      )}
      <Button
        size="compact-xs"
        variant="default"
        onClick={() => void client.cancelQueries({ queryKey: ['ask'] })}
      >
        {t('cancel')}
      </Button>
    </Group>
  )
}
