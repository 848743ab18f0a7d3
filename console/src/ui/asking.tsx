import { Button, Group, Text } from '@mantine/core'
import { useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { useEffect, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '~/lib/use-format'
import { Answer } from './state'

/** After so long the page says how long it has been, and offers to stop. */
const LONG_MS = 2_000

interface AskingProps<T> {
  of: UseQueryResult<T>
  rows?: number
  children: (data: T) => ReactNode
}

/** The answer to a question; one that takes long says since when, and can be cancelled. */
export function Asking<T>({ of, rows, children }: AskingProps<T>) {
  return (
    <>
      {of.isFetching ? <Elapsed key={of.dataUpdatedAt} /> : null}
      <Answer of={of} rows={rows}>
        {children}
      </Answer>
    </>
  )
}

function Elapsed() {
  const { t } = useTranslation('explore')
  const format = useFormat()
  const client = useQueryClient()
  const [elapsed, setElapsed] = useState(0)
  useEffect(() => {
    const began = performance.now()
    const timer = setInterval(() => setElapsed(performance.now() - began), 250)
    return () => clearInterval(timer)
  }, [])
  if (elapsed < LONG_MS) return null
  return (
    <Group gap="sm" mb="sm" role="status">
      <Text size="sm" c="dimmed">
        {t('asking', { elapsed: format.milliseconds(elapsed) })}
      </Text>
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
