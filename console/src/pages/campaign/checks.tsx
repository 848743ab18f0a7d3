import { Alert, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { brokenList, launchCheckQuery } from '~/api/campaigns'
import type { BrokenFor, Campaign, LaunchCheck } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { Bars } from '~/ui/bars'
import { Section, Stat, Stats } from '~/ui/page'
import { PagedTable } from '~/ui/paged'
import { PersonLink } from '~/ui/person'
import { ReachBars } from '~/ui/reach'
import { Spark } from '~/ui/spark'
import { SaidText } from '~/ui/said'
import { Answer } from '~/ui/state'
import type { Column } from '~/ui/table'
import { LaunchSentence } from './launch'
import { LeftOutBars } from './left-out'
import { Obstacles } from './obstacles'
import { usePlaceOf } from './part-of'

/** The questions before launch, answered with numbers. */
export function Checks({ campaign }: { campaign: Campaign }) {
  const check = useQuery(launchCheckQuery(String(campaign.id), campaign.version))
  return (
    <Answer of={check} rows={10}>
      {(data) => <Answered campaign={campaign} check={data} />}
    </Answer>
  )
}

function Answered({ campaign, check }: { campaign: Campaign; check: LaunchCheck }) {
  const { t } = useTranslation('campaigns')
  const format = useFormat()
  const { relevant, best_way, best_time, broken } = check
  return (
    <>
      <Text size="lg">
        <LaunchSentence campaign={campaign} check={check} />
      </Text>
      {check.obstacles.length > 0 ? (
        <Alert color="bad" mt="md" title={t('launch.obstacles')}>
          <Obstacles obstacles={check.obstacles} />
        </Alert>
      ) : null}
      <Section title={t('check.relevant')}>
        <Stats>
          <Stat label={t('check.audience')} value={format.number(relevant.audience)} />
          <Stat
            label={t('check.send')}
            value={format.number(relevant.send)}
            note={format.share(relevant.send, relevant.audience)}
          />
          <Stat label={t('check.hold')} value={format.number(relevant.hold)} />
        </Stats>
        <Text fw={550} mt="md" mb="xs">
          {t('check.leftOut')}
        </Text>
        <LeftOutBars left={relevant.left_out} of={relevant.audience} />
      </Section>
      <Section title={t('check.way')}>
        <ReachBars reach={best_way.reach} of={relevant.audience} />
        <Bars
          of={relevant.audience}
          bars={[
            {
              key: 'consent',
              label: t('check.consentMissing'),
              value: best_way.consent_missing,
              tone: 'bad',
            },
            { key: 'unreachable', label: t('check.unreachable'), value: best_way.unreachable, tone: 'bad' },
          ]}
        />
      </Section>
      <Section
        title={t('check.time')}
        aside={
          <Text c="dimmed" size="sm">
            {format.dateTime(best_time.at)}
          </Text>
        }
      >
        <Spark label={t('check.localHours')} points={best_time.local_hours} height={64} />
        <Text size="sm" c="dimmed" style={{ display: 'flex', justifyContent: 'space-between' }} aria-hidden>
          {[0, 6, 12, 18, 23].map((hour) => (
            <span key={hour}>{t('check.hour', { hour })}</span>
          ))}
        </Text>
        <Text mt="xs">
          {t('check.quiet', {
            count: best_time.in_quiet_hours,
            shown: format.number(best_time.in_quiet_hours),
          })}{' '}
          {t('check.zoneUnknown', {
            count: best_time.zone_unknown,
            shown: format.number(best_time.zone_unknown),
          })}
        </Text>
      </Section>
      <Content campaign={campaign} check={check} />
      <Text size="xs" c="dimmed" mt="lg">
        {t('check.took', { took: format.milliseconds(check.took_ms), tried: format.number(broken.tried) })}
      </Text>
    </>
  )
}

/** Whether it renders for everybody; if not, for whom it breaks, and where. */
function Content({ campaign, check }: { campaign: Campaign; check: LaunchCheck }) {
  const { t } = useTranslation('campaigns')
  const format = useFormat()
  const placeOf = usePlaceOf()
  const { broken } = check
  const columns = useMemo(
    (): Column<BrokenFor>[] => [
      {
        id: 'who',
        header: t('check.who'),
        cell: ({ row: { original } }) => <PersonLink id={original.customer}>{original.customer}</PersonLink>,
      },
      {
        id: 'where',
        header: t('check.where'),
        cell: ({ row: { original } }) => `${original.error.language} · ${placeOf(original.error)}`,
      },
      {
        id: 'what',
        header: t('check.what'),
        cell: ({ row: { original } }) => <SaidText by={[original.error.message, original.error.fix]} />,
      },
    ],
    [t, placeOf],
  )
  return (
    <Section title={t('check.content')}>
      {broken.customers === 0 ? (
        t('check.contentGood', { count: broken.tried, shown: format.number(broken.tried) })
      ) : (
        <>
          <Text mb="xs">
            {t('check.contentBad', { count: broken.customers, shown: format.number(broken.customers) })}
          </Text>
          <PagedTable
            label={t('check.content')}
            list={brokenList(String(campaign.id), check.version)}
            columns={columns}
            empty={null}
          />
        </>
      )}
    </Section>
  )
}
