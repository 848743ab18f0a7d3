import { Trans, useTranslation } from 'react-i18next'
import type { Pick, RetentionAnswer } from '~/api/types'
import { BUCKETS, COUNTINGS } from '~/lib/question'
import { useFormat } from '~/lib/use-format'
import { Empty } from '~/ui/state'
import { Breakdown, Choice } from './explore/controls'
import { OneEvent } from './explore/event'
import { Heat } from './explore/heat'
import { QuestionPage, type Shown } from './explore/question-page'
import { useQuestion, useUrl } from './explore/use-question'

const RANGE = '90d'

/** Of those who began in a period, how many came back. */
export function Retention() {
  const { t } = useTranslation('retention')
  const [search] = useUrl<'retention'>()
  const { range = RANGE, period = 'week' } = search
  const question = useQuestion('retention', { ...search, range, period })
  const pickTitle = usePickTitle(period)
  return (
    <QuestionPage
      kind="retention"
      title={t('title')}
      question={question}
      missing={null}
      controls={<Controls />}
      range={RANGE}
      sentence={(shown) => <Sentence {...shown} period={period} />}
      pickTitle={pickTitle}
      rows={10}
    >
      {(shown) =>
        shown.answer.lines.every(({ customers }) => customers === 0) ? (
          <Empty title={t('empty.title')} text={t('empty.text')} />
        ) : (
          <Heat {...shown} period={period} />
        )
      }
    </QuestionPage>
  )
}

function Controls() {
  const { t } = useTranslation('retention')
  const [search, set] = useUrl<'retention'>()
  return (
    <>
      <OneEvent
        label={t('start')}
        of={search.start}
        placeholder={t('anything')}
        onChange={(start) => set({ start })}
      />
      <OneEvent
        label={t('back')}
        of={search.back}
        placeholder={t('anything')}
        onChange={(back) => set({ back })}
      />
      <Choice
        label={t('period')}
        width={112}
        value={search.period ?? 'week'}
        choices={BUCKETS.map((each) => [each, t(`period.${each}`)])}
        onChange={(period) => set({ period })}
      />
      <Choice
        label={t('counting')}
        width={208}
        value={search.counting ?? 'calendar'}
        choices={COUNTINGS.map((each) => [each, t(`counting.${each}`)])}
        onChange={(counting) => set({ counting })}
      />
      <Breakdown
        event={search.start?.event ?? ''}
        breakdown={search.breakdown}
        onChange={(breakdown) => set({ breakdown })}
      />
    </>
  )
}

type Unit = (typeof BUCKETS)[number]

function Sentence({ answer, past, period }: Shown<'retention'> & { period: Unit }) {
  const { t } = useTranslation('retention')
  const format = useFormat()
  const customers = answer.lines.reduce((sum, line) => sum + line.customers, 0)
  const next = ({ lines }: RetentionAnswer) => {
    const share = lines[0]?.shares[1]
    return share == null ? '–' : format.percent(share)
  }
  const values = {
    customers: format.number(customers),
    share: next(answer),
    took: format.milliseconds(answer.took_ms),
    period: t(`one.${period}`),
  }
  return (
    <>
      <Trans t={t} i18nKey="answer" values={values} components={{ b: <strong /> }} />{' '}
      {past ? t('compared', { name: past.name, share: next(past.answer) }) : null}
    </>
  )
}

/** Who lies open, in the reader's words. */
function usePickTitle(period: Unit): (retention: RetentionAnswer, pick: Pick) => string {
  const { t } = useTranslation('retention')
  const format = useFormat()
  return (retention, pick) => {
    if (!('cohort' in pick)) return ''
    const line = retention.lines[pick.line ?? 0]
    const start = line?.cohorts[pick.cohort]?.start
    const values = {
      start: start ? format.date(start) : '',
      later: 'period' in pick ? t(`later.${period}`, { count: pick.period }) : '',
    }
    const title = t(`people.${pick.type}`, values)
    return line?.value ? `${title} · ${line.value}` : title
  }
}
