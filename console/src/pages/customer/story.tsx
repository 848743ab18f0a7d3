import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { timelineList } from '~/api/customers'
import { Answer, Empty } from '~/ui/state'
import { Timeline } from '~/ui/timeline'

/** What happened to and through a customer; older parts on request. */
export function Story({ id }: { id: string }) {
  const { t } = useTranslation('customers')
  const list = timelineList(id)
  const story = useInfiniteQuery({
    queryKey: list.key,
    queryFn: ({ pageParam, signal }) => list.read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  })
  return (
    <Answer of={story}>
      {({ pages }) => {
        const moments = pages.flatMap(({ items }) => items)
        if (moments.length === 0) return <Empty title={t('story.empty')} text={t('story.emptyText')} />
        return (
          <>
            <Timeline moments={moments} />
            {story.hasNextPage ? (
              <Button
                mt="md"
                variant="default"
                loading={story.isFetchingNextPage}
                onClick={() => void story.fetchNextPage()}
              >
                {t('story.older')}
              </Button>
            ) : null}
          </>
        )
      }}
    </Answer>
  )
}
