import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { askQuery } from '~/api/ask'
import type { Compare, Pick } from '~/api/types'
import { answered, audienceOf, beside, type Answers, type Kind, type Questions } from '~/lib/question'
import { Asking } from '~/ui/asking'
import { Behind } from '~/ui/behind'
import { FilterBar } from '~/ui/filter-bar'
import { PageHead } from '~/ui/page'
import { Warnings } from '~/ui/warnings'
import { Shared } from './controls'
import { Save, useSaved } from './save'
import { useUrl } from './use-question'

/** An answer, and how the page shows it. */
export interface Shown<K extends Kind> {
  answer: Answers[K]
  /** What it is compared with. */
  past: Past<K> | undefined
  /** Whether the numbers are shown as a table. */
  table: boolean
  onTable: (table: boolean) => void
  /** Opens the people behind a number of the answer, or of the one it is compared with. */
  onPick: (pick: Pick, of?: 'compared') => void
}

/** Another answer to the same question, and what sets it apart in the reader's words. */
export interface Past<K extends Kind> {
  answer: Answers[K]
  name: string
}

interface QuestionPageProps<K extends Kind> {
  kind: K
  title: string
  /** What is asked; nothing while something is missing. */
  question: Questions[K] | undefined
  /** What is missing, and what to do. */
  missing: ReactNode
  /** What sets this question apart: its fields, in the bar. */
  controls: ReactNode
  /** Fields that need more room than the bar has. */
  more?: ReactNode
  actions?: ReactNode
  /** The range, when nobody says. */
  range?: string
  sentence: (shown: Shown<K>) => ReactNode
  /** Who lies open, in the reader's words. */
  pickTitle: (answer: Answers[K], pick: Pick) => string
  /** How much room to keep for the answer, in rows. */
  rows: number
  children: (shown: Shown<K>) => ReactNode
}

/** The page of a question: the answer in a sentence, how it is asked, the answer whole, and the people behind each number. */
export function QuestionPage<K extends Kind>(props: QuestionPageProps<K>) {
  const { kind, title, question, missing, controls, more, actions, range, rows, children } = props
  const [search, set] = useUrl<Kind>()
  const asked = useQuery({ ...askQuery(kind, question), enabled: question !== undefined })
  const { t } = useTranslation('explore')
  const saved = useSaved()
  const compares = kind !== 'rfm' && kind !== 'paths'
  const compareName = useCompareName()
  const shown = (answer: Answers[K]): Shown<K> => ({
    answer,
    past: answer.compared
      ? { answer: answer.compared as Answers[K], name: compareName(question?.compare) }
      : undefined,
    table: search.as === 'table',
    onTable: (table) => set({ as: table ? 'table' : undefined }),
    onPick: (pick, of) => set({ pick, of }),
  })
  const answer = question ? asked.data : undefined
  return (
    <>
      <PageHead
        title={saved?.name ?? title}
        answer={answer ? props.sentence(shown(answer)) : null}
        back={saved ? { to: '/questions', label: t('saved.title') } : undefined}
        actions={
          <>
            {actions}
            {question ? <Save kind={kind} question={question} /> : null}
          </>
        }
      />
      <FilterBar>
        {controls}
        <Shared range={range} compare={compares ? (question?.compare ?? undefined) : null} />
      </FilterBar>
      {more}
      {question === undefined ? (
        missing
      ) : (
        <Asking of={asked} kind={kind} rows={rows}>
          {(data) => (
            <>
              <Warnings of={data.warnings} />
              {children(shown(data))}
            </>
          )}
        </Asking>
      )}
      {question && answer ? <People {...props} question={question} answer={answer} /> : null}
    </>
  )
}

interface PeopleProps<K extends Kind> {
  kind: K
  question: Questions[K]
  answer: Answers[K]
  pickTitle: QuestionPageProps<K>['pickTitle']
}

function People<K extends Kind>({ kind, question, answer, pickTitle }: PeopleProps<K>) {
  const [{ pick, of }, set] = useUrl<Kind>()
  const compareName = useCompareName()
  const other = of === 'compared' ? (answer.compared as Answers[K] | null | undefined) : undefined
  const title = pick ? pickTitle(other ?? answer, pick) : ''
  return (
    <Behind
      picked={
        pick && {
          question: other ? beside(kind, question, other) : answered(kind, question, answer),
          pick,
        }
      }
      title={other ? `${title} · ${compareName(question.compare)}` : title}
      onClose={() => set({ pick: undefined, of: undefined })}
    />
  )
}

/** Says what an answer is compared with. */
function useCompareName(): (compare: Compare | null | undefined) => string {
  const { t } = useTranslation('explore')
  return (compare) => {
    if (compare === 'previous' || !compare) return t('compare.previous')
    return audienceOf(compare.condition) ?? t('compare.condition')
  }
}
