import { Button, Drawer, Group, Stack, Text } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { customerQuery, timelineList, whyQuery } from '~/api/customers'
import { useFormat } from '~/lib/use-format'
import { useWord } from '~/i18n/word'
import { Timeline } from './timeline'
import { Answer } from './state'
import { WhyAnswer } from './why'

/** The drawer for people and decisions: it opens over any page and stands in the URL like everything else. */
export function Peek() {
  const { t } = useTranslation('customers')
  const { peek, why } = useSearch({ from: '/inside' })
  const navigate = useNavigate()
  const close = () =>
    void navigate({ to: '.', search: (now) => ({ ...now, peek: undefined, why: undefined }) })
  return (
    <Drawer
      opened={peek !== undefined || why !== undefined}
      onClose={close}
      position="right"
      size={520}
      title={
        <Text component="span" fw={600}>
          {why ? t('why.title') : t('peek.title')}
        </Text>
      }
    >
      {why ? <Decision id={why} /> : null}
      {peek && !why ? <Person id={peek} /> : null}
    </Drawer>
  )
}

function Decision({ id }: { id: string }) {
  const why = useQuery(whyQuery(id))
  return <Answer of={why}>{(answer) => <WhyAnswer why={answer} />}</Answer>
}

function Person({ id }: { id: string }) {
  const { t } = useTranslation('customers')
  const format = useFormat()
  const word = useWord()
  const customer = useQuery(customerQuery(id))
  const list = timelineList(id)
  const timeline = useInfiniteQuery({
    queryKey: list.key,
    queryFn: ({ pageParam, signal }) => list.read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  })
  return (
    <Answer of={customer}>
      {(it) => (
        <Stack gap="lg">
          <div>
            <h2 className="break">{it.label}</h2>
            <Text c="dimmed" size="sm" className="break">
              {it.identifiers.map(({ kind, value }) => `${word('identifier', kind)} ${value}`).join(' · ')}
            </Text>
            <Text size="sm" mt={4}>
              {t('peek.events', { count: it.events, shown: format.number(it.events) })}
              {it.last_seen ? ` · ${t('peek.lastSeen', { at: format.dateTime(it.last_seen) })}` : ''}
            </Text>
          </div>
          <Group>
            <Button
              variant="default"
              renderRoot={(props) => <Link to="/customers/$id" params={{ id }} {...props} />}
            >
              {t('peek.open')}
            </Button>
          </Group>
          <Answer of={timeline}>
            {({ pages }) => <Timeline moments={pages.flatMap(({ items }) => items).slice(0, 30)} />}
          </Answer>
        </Stack>
      )}
    </Answer>
  )
}
