import { Button, Text } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { queries } from '~/api/client'
import { readLive } from '~/api/data'
import type { LiveItem } from '~/api/types'
import { EventField } from '~/condition/one-line'
import { useFormat } from '~/lib/use-format'
import { propertiesText } from '~/lib/values'
import { FilterBar } from '~/ui/filter-bar'
import { Labelled } from '~/ui/labelled'
import { PageHead } from '~/ui/page'
import { PersonLink } from '~/ui/person'
import { Answer, Empty } from '~/ui/state'
import { Table, type Column } from '~/ui/table'

const route = getRouteApi('/inside/data/live')

/** As many as are kept on the page; older ones are in the customers' stories. */
const KEPT_MAX = 300
const EVERY_MS = 1_000

interface Tail {
  items: LiveItem[]
  position: number
  perSecond: number
}

/** What comes in, as it comes in. */
export function LivePage() {
  const { t } = useTranslation('data')
  const format = useFormat()
  const { event = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const [paused, setPaused] = useState(false)
  const tail = useQuery({
    queryKey: ['live', event],
    queryFn: async ({ signal }): Promise<Tail> => {
      const was = queries.getQueryData<Tail>(['live', event])
      const live = await readLive(was?.position, event, signal)
      const items = [...live.items, ...(was?.items ?? [])].slice(0, KEPT_MAX)
      return { items, position: live.position, perSecond: live.events_per_second }
    },
    refetchInterval: paused ? false : EVERY_MS,
    staleTime: 0,
  })
  return (
    <>
      <PageHead
        title={t('live.title')}
        answer={
          tail.data
            ? t('live.answer', { count: tail.data.perSecond, shown: format.decimal(tail.data.perSecond) })
            : null
        }
        actions={
          <Button
            variant="default"
            leftSection={paused ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
            onClick={() => setPaused(!paused)}
          >
            {t(paused ? 'live.resume' : 'live.pause')}
          </Button>
        }
      />
      <FilterBar>
        <Labelled label={t('event')}>
          <EventField
            event={event}
            onChange={(next) =>
              void navigate({ search: (now) => ({ ...now, event: next || undefined }), replace: true })
            }
          />
        </Labelled>
      </FilterBar>
      <Answer of={tail} rows={10}>
        {({ items }) =>
          items.length > 0 ? (
            <Items items={items} />
          ) : (
            <Empty
              title={t('live.empty')}
              text={t('live.emptyText')}
              sample={`curl ${window.location.origin}/v1/track -u WRITE_KEY: -H 'content-type: application/json' \\\n  -d '{"userId":"42","event":"purchase","properties":{"amount":4980}}'`}
              action={<Link to="/data/keys">{t('keys.title')}</Link>}
            />
          )
        }
      </Answer>
    </>
  )
}

function Items({ items }: { items: readonly LiveItem[] }) {
  const { t } = useTranslation('data')
  const format = useFormat()
  const columns = useMemo(
    (): Column<LiveItem>[] => [
      {
        id: 'received',
        header: t('live.received'),
        cell: ({ row: { original } }) => (
          <time
            dateTime={original.received_at}
            title={t('live.happened', { at: format.dateTime(original.at) })}
          >
            {format.time(original.received_at)}
          </time>
        ),
      },
      {
        id: 'name',
        header: t('event'),
        cell: ({ row }) => <strong style={{ fontWeight: 550 }}>{row.original.name}</strong>,
      },
      {
        id: 'who',
        header: t('live.who'),
        cell: ({ row: { original } }) =>
          original.customer ? (
            <PersonLink id={original.customer}>{original.identifier}</PersonLink>
          ) : (
            original.identifier
          ),
      },
      {
        id: 'properties',
        header: t('live.properties'),
        cell: ({ row }) => (
          <Text size="sm" c="dimmed" className="break" lineClamp={1}>
            {propertiesText(row.original.properties)}
          </Text>
        ),
      },
    ],
    [t, format],
  )
  return <Table label={t('live.title')} rows={items} columns={columns} />
}
