import { SegmentedControl } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { passagesList } from '~/api/audiences'
import type { Passage } from '~/api/types'
import { useWord } from '~/i18n/word'
import { useFormat } from '~/lib/use-format'
import { DIRECTIONS } from '~/router'
import { Section } from '~/ui/page'
import { PagedTable } from '~/ui/paged'
import { PersonLink } from '~/ui/person'
import { Empty } from '~/ui/state'
import type { Column } from '~/ui/table'

const route = getRouteApi('/inside/audiences/$name')
const EVERY_MS = 5_000

/** Who entered and left, when, and what made it so. */
export function Passages({ name }: { name: string }) {
  const { t } = useTranslation('audiences')
  const { passages } = route.useSearch()
  const navigate = route.useNavigate()
  const list = useMemo(() => passagesList(name, passages), [name, passages])
  const columns = useColumns()
  return (
    <Section
      title={t('passages.title')}
      aside={
        <SegmentedControl
          size="xs"
          aria-label={t('passages.which')}
          value={passages ?? 'both'}
          onChange={(next) =>
            void navigate({
              search: (now) => ({ ...now, passages: DIRECTIONS.find((each) => each === next) }),
              replace: true,
            })
          }
          data={[
            { value: 'both', label: t('passages.both') },
            ...DIRECTIONS.map((each) => ({ value: each, label: t(`passages.${each}`) })),
          ]}
        />
      }
    >
      <PagedTable
        label={t('passages.title')}
        list={list}
        columns={columns}
        every={EVERY_MS}
        empty={<Empty title={t('passages.none')} text={t('passages.noneText')} />}
      />
    </Section>
  )
}

function useColumns(): Column<Passage>[] {
  const { t } = useTranslation('audiences')
  const format = useFormat()
  const because = useBecause()
  return useMemo(
    (): Column<Passage>[] => [
      {
        id: 'at',
        accessorKey: 'at',
        header: t('passages.at'),
        cell: ({ row: { original } }) => `${format.date(original.at)} ${format.time(original.at)}`,
      },
      {
        id: 'who',
        accessorFn: ({ customer }) => customer.label,
        header: t('passages.who'),
        cell: ({ row: { original } }) => (
          <PersonLink id={original.customer.id}>
            <strong style={{ fontWeight: 550 }}>{original.customer.label}</strong>
          </PersonLink>
        ),
      },
      {
        id: 'direction',
        accessorFn: ({ entered }) => t(entered ? 'passages.entered' : 'passages.left'),
        header: t('passages.direction'),
      },
      {
        id: 'because',
        accessorFn: ({ because: cause }) => because(cause),
        header: t('passages.because'),
      },
    ],
    [t, format, because],
  )
}

/** What made somebody enter or leave: the name of a stream, or one of a few words. */
function useBecause(): (cause: string) => string {
  const { t } = useTranslation('audiences')
  const word = useWord()
  return useMemo(
    () => (cause) => {
      const [kind, ...rest] = cause.split(':')
      const name = rest.join(':')
      switch (kind) {
        case 'event':
          return t('because.event', { name })
        case 'trait':
          return t('because.trait', { name })
        case 'consent':
          return t('because.consent', { name: word('purpose', name) })
        case 'topic':
          return t('because.topic', { name })
        case 'address':
          return t('because.address', { name: word('channel', name) })
        case 'time':
          return t('because.time')
        case 'merge':
          return t('because.merge')
        case 'unmerge':
          return t('because.unmerge')
        case 'definition':
          return t('because.definition')
        case 'retention':
          return t('because.retention')
        default:
          return cause
      }
    },
    [t, word],
  )
}
