import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import { Trans, useTranslation } from 'react-i18next'
import { sizesQuery } from '~/api/audiences'
import type { AudienceSizes } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { SIZE_DAYS } from '~/router'
import { Chart } from '~/ui/chart'
import type { Series } from '~/ui/chart-parts'
import { Section } from '~/ui/page'
import { Answer } from '~/ui/state'

const route = getRouteApi('/inside/audiences/$name')

/** How large the audience was, day by day, and how many came and went. */
export function Sizes({ name }: { name: string }) {
  const { t } = useTranslation('audiences')
  const { days = '30' } = route.useSearch()
  const navigate = route.useNavigate()
  const sizes = useQuery(sizesQuery(name, Number(days)))
  return (
    <Section
      title={t('sizes.title')}
      aside={
        <SegmentedControl
          size="xs"
          aria-label={t('sizes.range')}
          value={days}
          onChange={(next) =>
            void navigate({
              search: (now) => ({ ...now, days: SIZE_DAYS.find((each) => each === next) }),
              replace: true,
            })
          }
          data={SIZE_DAYS.map((each) => ({ value: each, label: t('sizes.days', { count: Number(each) }) }))}
        />
      }
    >
      <Answer of={sizes} rows={9}>
        {(data) => <Drawn sizes={data} />}
      </Answer>
    </Section>
  )
}

function Drawn({ sizes }: { sizes: AudienceSizes }) {
  const { t } = useTranslation('audiences')
  const format = useFormat()
  const { as } = route.useSearch()
  const navigate = route.useNavigate()
  const { days } = sizes
  const ticks = useMemo(() => days.map(({ day }) => format.date(day)), [days, format])
  const series = useMemo(
    (): Series[] => [
      { name: t('sizes.members'), points: days.map(({ customers }) => customers) },
      { name: t('sizes.entered'), points: days.map(({ entered }) => entered) },
      { name: t('sizes.left'), points: days.map(({ left }) => left) },
    ],
    [days, t],
  )
  const count = (of: (day: (typeof days)[number]) => number) =>
    format.number(days.reduce((all, day) => all + of(day), 0))
  const values = { entered: count(({ entered }) => entered), left: count(({ left }) => left) }
  return (
    <>
      <p>
        <Trans t={t} i18nKey="sizes.answer" values={values} components={{ b: <strong /> }} />
      </p>
      <Chart
        label={t('sizes.title')}
        ticks={ticks}
        series={series}
        unit={t('customers')}
        table={as === 'table'}
        onTable={(table) =>
          void navigate({ search: (now) => ({ ...now, as: table ? 'table' : undefined }), replace: true })
        }
      />
    </>
  )
}
