import { Alert, Button, Group, Modal, NumberInput, Stack, Switch, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { retentionQuery } from '~/api/settings'
import type { KeepingAnswer, Settings } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { Section } from '~/ui/page'
import { Answer } from '~/ui/state'
import type { PartProps } from './parts'

/** What is offered to whoever stops keeping events for ever: a year can be compared with the one before it. */
const MONTHS_USUAL = 25
const MONTHS_MAX = 1200

/** For how long events are kept. */
export function Keeping({ settings, onChange, wrong }: PartProps) {
  const { t } = useTranslation('settings')
  const months = settings.keep_events_months
  const set = (keep_events_months: number | null) => onChange({ ...settings, keep_events_months })
  return (
    <Section title={t('keeping')}>
      <Stack>
        <Switch
          label={t('keeping.forEver')}
          description={t('keeping.note')}
          checked={months == null}
          onChange={(event) => set(event.currentTarget.checked ? null : MONTHS_USUAL)}
        />
        {months == null ? null : (
          <NumberInput
            maw={320}
            label={t('keeping.months')}
            description={t('keeping.monthsNote')}
            min={1}
            max={MONTHS_MAX}
            allowDecimal={false}
            value={months}
            error={wrong('keep_events_months')}
            onChange={(value) => set(Number(value))}
          />
        )}
      </Stack>
    </Section>
  )
}

/** Whether events may go that somebody has. */
export function isShorter(before: Settings, now: Settings): boolean {
  const length = ({ keep_events_months: months }: Settings) => months ?? Infinity
  return length(now) < length(before)
}

interface RemovalDialogProps {
  /** For how many months events would be kept. */
  months: number
  saving: boolean
  onMeant: () => void
  onClose: () => void
}

/** What is removed does not come back, so this says what it would be, and asks. */
export function RemovalDialog({ months, saving, onMeant, onClose }: RemovalDialogProps) {
  const { t } = useTranslation('settings')
  const removal = useQuery({ ...retentionQuery(months), staleTime: 0 })
  return (
    <Modal opened onClose={onClose} title={t('removal.title')}>
      <Answer of={removal} rows={4}>
        {(data) => (
          <Stack>
            <Removal of={data} />
            <Group justify="flex-end">
              <Button variant="default" data-autofocus onClick={onClose}>
                {t('removal.keep')}
              </Button>
              <Button color={data.events > 0 ? 'bad.6' : undefined} loading={saving} onClick={onMeant}>
                {data.events > 0 ? t('removal.do') : t('save')}
              </Button>
            </Group>
          </Stack>
        )}
      </Answer>
    </Modal>
  )
}

function Removal({ of }: { of: KeepingAnswer }) {
  const { t } = useTranslation('settings')
  const format = useFormat()
  const [first, last] = [of.by_month.at(0), of.by_month.at(-1)]
  if (!first || !last) return <Text>{t('removal.nothing')}</Text>
  return (
    <>
      <Alert color="bad" role="alert">
        {t('removal.text', {
          events: format.number(of.events),
          first: format.month(first.month),
          last: format.month(last.month),
        })}
      </Alert>
      <Table.ScrollContainer minWidth={0} mah={240}>
        <Table aria-label={t('removal.byMonth')}>
          <Table.Tbody>
            {of.by_month.map(({ month, events }) => (
              <Table.Tr key={month}>
                <Table.Th scope="row">{format.month(month)}</Table.Th>
                <Table.Td ta="right">{format.number(events)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text>{t('removal.stays')}</Text>
    </>
  )
}
