import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '~/lib/use-format'
import { Failed, Loading } from './state'
import { Table, type Column } from './table'

export interface PageOf<T> {
  items: T[]
  next?: string | null
}

export interface PagedList<T> {
  key: readonly unknown[]
  /** Reads the page after `after`; the first one when it is missing. */
  read: (after: string | undefined, signal: AbortSignal) => Promise<PageOf<T>>
}

interface PagedTableProps<T> {
  label: string
  list: PagedList<T>
  columns: Column<T>[]
  empty: ReactNode
  every?: number
}

/** A list of the server, page by key; more comes as one scrolls, or by the button for those who do not. */
export function PagedTable<T>({ label, list, columns, empty, every }: PagedTableProps<T>) {
  const { t } = useTranslation('shell')
  const format = useFormat()
  const query = useInfiniteQuery({
    queryKey: list.key,
    queryFn: ({ pageParam, signal }) => list.read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (previous) => previous,
    refetchInterval: every,
  })
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data])
  if (query.error && rows.length === 0) {
    return <Failed error={query.error} onAgain={() => void query.refetch()} />
  }
  if (query.data === undefined) return <Loading rows={8} />
  if (rows.length === 0) return empty
  const more = () => {
    if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage()
  }
  return (
    <Table
      label={label}
      rows={rows}
      columns={columns}
      sortable={!query.hasNextPage}
      onEnd={more}
      foot={
        query.hasNextPage ? (
          <>
            <span>{t('list.some', { shown: format.number(rows.length) })}</span>
            <Button variant="default" size="compact-xs" loading={query.isFetchingNextPage} onClick={more}>
              {t('list.more')}
            </Button>
          </>
        ) : (
          <span>{t('list.all', { count: rows.length, shown: format.number(rows.length) })}</span>
        )
      }
    />
  )
}
