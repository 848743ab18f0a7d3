import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { countQuery } from '~/api/audiences'
import { asProblem } from '~/api/problem'
import { useFormat } from '~/lib/use-format'
import { Section, Stat, Stats } from '~/ui/page'
import { ReachBars } from '~/ui/reach'
import { Failed, Loading } from '~/ui/state'

/** How many people meet the condition as it stands, and how they can be reached; follows while one builds. */
export function LiveCount({ text }: { text: string | null }) {
  const { t } = useTranslation('audiences')
  const format = useFormat()
  const [settled] = useDebouncedValue(text, 200)
  const count = useQuery({
    ...countQuery(settled ?? ''),
    enabled: settled !== null,
    placeholderData: keepPreviousData,
  })
  // What is wrong with the condition stands below it already.
  if (count.error && asProblem(count.error).kind === 'invalid') return null
  if (count.data === undefined) return count.error ? <Failed error={count.error} /> : <Loading rows={4} />
  const { customers, of, reach, consented, took_ms } = count.data
  const stale = text === null || count.isPlaceholderData
  return (
    <div style={{ opacity: stale ? 0.5 : 1 }} aria-busy={stale} aria-live="polite">
      <Stats>
        <Stat
          label={t('live.customers')}
          value={format.number(customers)}
          note={t('live.of', { share: format.share(customers, of), of: format.number(of) })}
        />
        <Stat
          label={t('live.consented')}
          value={format.number(consented)}
          note={t('live.share', { share: format.share(consented, customers) })}
        />
        <Stat label={t('live.took')} value={format.milliseconds(took_ms)} />
      </Stats>
      <Section title={t('live.reach')}>
        <ReachBars reach={reach} of={customers} />
      </Section>
    </div>
  )
}
