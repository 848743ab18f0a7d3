import { Trans, useTranslation } from 'react-i18next'
import type { FunnelAnswer, Pick } from '~/api/types'
import { ORDERS } from '~/lib/question'
import { useFormat } from '~/lib/use-format'
import { Section } from '~/ui/page'
import { Empty } from '~/ui/state'
import { Breakdown, Choice, Within } from './explore/controls'
import { FunnelBars } from './explore/funnel-bars'
import { journey } from './explore/journey'
import { QuestionPage, type Shown } from './explore/question-page'
import { Steps } from './explore/steps'
import { useNames, useQuestion, useUrl } from './explore/use-question'

/** How far people come along steps, and who leaves where. */
export function Funnel() {
  const { t } = useTranslation('funnel')
  const [search, set] = useUrl<'funnel'>()
  const names = useNames()
  const steps = search.steps ?? journey(names)
  const named = steps.filter(({ event }) => event !== '')
  const question = useQuestion('funnel', { ...search, steps: named })
  const pickTitle = usePickTitle()
  return (
    <QuestionPage
      kind="funnel"
      title={t('title')}
      question={named.length > 0 ? question : undefined}
      missing={names.known ? <Empty title={t('empty.title')} text={t('empty.text')} /> : null}
      controls={<Controls event={steps[0]?.event ?? ''} />}
      more={
        <Section title={t('steps')}>
          <Steps steps={steps} onChange={(next) => set({ steps: next })} />
        </Section>
      }
      sentence={(shown) => <Sentence {...shown} />}
      pickTitle={pickTitle}
      rows={9}
    >
      {(shown) => (
        <Section title={t('answer.title')}>
          <FunnelBars {...shown} />
        </Section>
      )}
    </QuestionPage>
  )
}

function Controls({ event }: { event: string }) {
  const { t } = useTranslation('funnel')
  const [search, set] = useUrl<'funnel'>()
  return (
    <>
      <Within label={t('within')} within={search.within} onChange={(within) => set({ within })} />
      <Choice
        label={t('order')}
        width={208}
        value={search.order ?? 'ordered'}
        choices={ORDERS.map((each) => [each, t(`order.${each}`)])}
        onChange={(order) => set({ order })}
      />
      <Breakdown event={event} breakdown={search.breakdown} onChange={(breakdown) => set({ breakdown })} />
    </>
  )
}

/** How many came to the first step and to the last. */
function ends({ lines }: FunnelAnswer): { first: number; last: number } {
  const total = (at: number) => lines.reduce((sum, { steps }) => sum + (steps.at(at)?.customers ?? 0), 0)
  return { first: total(0), last: total(-1) }
}

function Sentence({ answer, past }: Shown<'funnel'>) {
  const { t } = useTranslation('funnel')
  const format = useFormat()
  const { first, last } = ends(answer)
  const was = past ? ends(past.answer) : null
  const values = {
    first: format.number(first),
    last: format.number(last),
    share: format.share(last, first),
    took: format.milliseconds(answer.took_ms),
  }
  return (
    <>
      <Trans t={t} i18nKey="answer" values={values} components={{ b: <strong /> }} />{' '}
      {past && was ? t('compared', { name: past.name, share: format.share(was.last, was.first) }) : null}
    </>
  )
}

/** Who lies open, in the reader's words. */
function usePickTitle(): (funnel: FunnelAnswer, pick: Pick) => string {
  const { t } = useTranslation('funnel')
  return (funnel, pick) => {
    if (pick.type !== 'reached' && pick.type !== 'dropped') return ''
    const line = funnel.lines[pick.line ?? 0]
    const name = line?.steps[pick.step - 1]?.name ?? ''
    const title = t(pick.type === 'reached' ? 'reachedStep' : 'droppedStep', { step: pick.step, name })
    return line?.value ? `${title} · ${line.value}` : title
  }
}
