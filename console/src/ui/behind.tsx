import { Button, Drawer, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconDownload, IconUsersPlus } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createAudienceOf, peopleList, peopleQuery, readPeopleCsv, type Picked } from '~/api/ask'
import { asProblem } from '~/api/problem'
import { useMay } from '~/api/session'
import { download } from '~/lib/download'
import { useFormat } from '~/lib/use-format'
import { useCustomerColumns } from './customer-columns'
import { PagedTable } from './paged'
import { ReachBars } from './reach'
import { useProblemText } from './said'
import { Answer, Empty } from './state'

interface BehindProps {
  /** Which number; nothing: closed. */
  picked: Picked | undefined
  /** Who they are, in the words of the page. */
  title: string
  onClose: () => void
}

/** The people behind a number: how many, how they are reached, who; one click from being an audience. */
export function Behind({ picked, title, onClose }: BehindProps) {
  return (
    <Drawer
      opened={picked !== undefined}
      onClose={onClose}
      position="right"
      size={720}
      title={
        <Text component="span" fw={600}>
          {title}
        </Text>
      }
    >
      {picked ? <People picked={picked} title={title} /> : null}
    </Drawer>
  )
}

function People({ picked, title }: { picked: Picked; title: string }) {
  const { t } = useTranslation('explore')
  const format = useFormat()
  const people = useQuery(peopleQuery(picked))
  const list = useMemo(() => peopleList(picked), [picked])
  const columns = useCustomerColumns({ narrow: true })
  return (
    <Answer of={people}>
      {({ customers, of, reach }) => (
        <Stack gap="lg">
          <p role="status" style={{ margin: 0 }}>
            <strong>{t('people', { count: customers, shown: format.number(customers) })}</strong>{' '}
            <Text span c="dimmed">
              {t('peopleOf', { share: format.share(customers, of) })}
            </Text>
          </p>
          {customers > 0 ? (
            <>
              <ReachBars reach={reach} of={customers} />
              <Acts picked={picked} title={title} />
            </>
          ) : null}
          <PagedTable
            label={title}
            list={list}
            columns={columns}
            empty={<Empty title={t('nobody.title')} text={t('nobody.text')} />}
          />
        </Stack>
      )}
    </Answer>
  )
}

function Acts({ picked, title }: { picked: Picked; title: string }) {
  const { t } = useTranslation('explore')
  const marketer = useMay('marketer')
  const analyst = useMay('analyst')
  const navigate = useNavigate()
  const [name, setName] = useState(title.slice(0, 100))
  const save = useMutation({
    mutationFn: () => createAudienceOf(picked, name.trim(), title),
    onSuccess: (made) => navigate({ to: '/audiences/$name', params: { name: made.name } }),
  })
  const table = useMutation({
    mutationFn: () => readPeopleCsv(picked),
    onSuccess: (csv) => download(`${title}.csv`, csv),
  })
  const problem = save.error ? asProblem(save.error) : null
  const say = useProblemText()
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Group align="flex-start">
        {marketer ? (
          <>
            <TextInput
              aria-label={t('audienceName')}
              value={name}
              maxLength={100}
              w={320}
              error={problem?.kind === 'conflict' ? t('nameTaken') : problem ? say(problem) : null}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Button
              type="submit"
              leftSection={<IconUsersPlus size={15} />}
              loading={save.isPending}
              disabled={name.trim() === ''}
            >
              {t('makeAudience')}
            </Button>
          </>
        ) : null}
        {analyst ? (
          <Button
            variant="default"
            leftSection={<IconDownload size={15} />}
            loading={table.isPending}
            onClick={() => table.mutate()}
          >
            CSV
          </Button>
        ) : null}
      </Group>
    </form>
  )
}
