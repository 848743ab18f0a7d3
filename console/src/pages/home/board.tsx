import { Text } from '@mantine/core'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { askQuery, countQuery } from '~/api/ask'
import { boardOf, savedQuery } from '~/api/questions'
import { useMay } from '~/api/session'
import type { CountQuestion, SavedQuestion } from '~/api/types'
import type { Answers, Kind, Questions } from '~/lib/question'
import { useFormat } from '~/lib/use-format'
import { Section } from '~/ui/page'
import { Spark } from '~/ui/spark'
import { Answer } from '~/ui/state'
import { OpenQuestion } from '../explore/open-question'
import classes from './board.module.css'
import { CardMenu } from './card-menu'

/** The questions that somebody put on Home, answered now. */
export function Board() {
  const { t } = useTranslation('explore')
  const all = useQuery(savedQuery).data?.items ?? []
  const pinned = boardOf(all)
  const analyst = useMay('analyst')
  if (all.length === 0) return null
  return (
    <Section title={t('board')} aside={<Link to="/questions">{t('board.all')}</Link>}>
      {pinned.length > 0 ? (
        <ul className={classes['board']}>
          {pinned.map((saved) => (
            <li key={saved.id} className={classes['card']}>
              <div className={classes['head']}>
                <OpenQuestion saved={saved} />
                {analyst ? <CardMenu saved={saved} last={pinned.length} /> : null}
              </div>
              <Body saved={saved} />
            </li>
          ))}
        </ul>
      ) : (
        <Text c="dimmed">{t('board.empty')}</Text>
      )}
    </Section>
  )
}

/** What a card says: a number, what it is, and a little drawing. */
interface Said {
  value: string
  what: string
  points?: readonly number[]
}

function Body({ saved: { question, name } }: { saved: SavedQuestion }) {
  // What is kept says of which kind it is; what is asked goes to a place of its own for each kind.
  const { type, ...asked } = question
  if (type === 'count') return <Counted name={name} question={asked as CountQuestion} />
  return <Asked name={name} kind={type} question={asked as Questions[Kind]} />
}

function Counted({ name, question }: { name: string; question: CountQuestion }) {
  const { t } = useTranslation('explore')
  const format = useFormat()
  const of = useQuery(countQuery(question))
  const said = of.data && { value: format.number(of.data.customers), what: t('card.count') }
  return <Card name={name} of={of} said={said} />
}

interface AskedProps<K extends Kind> {
  name: string
  kind: K
  question: Questions[K]
}

function Asked<K extends Kind>({ name, kind, question }: AskedProps<K>) {
  const says = useSays()
  const of = useQuery(askQuery(kind, question))
  return <Card name={name} of={of} said={of.data && says[kind](of.data)} />
}

interface CardProps {
  name: string
  of: UseQueryResult<unknown>
  said: Said | undefined
}

function Card({ name, of, said }: CardProps) {
  const shown = ({ value, what, points }: Said): ReactNode => (
    <>
      <div className={classes['value']}>{value}</div>
      <div className={classes['what']}>{what}</div>
      {points && points.length > 1 ? <Spark label={name} points={points} height={48} /> : null}
    </>
  )
  return (
    <Answer of={of} rows={3}>
      {() => (said ? shown(said) : null)}
    </Answer>
  )
}

/** The one number of each kind of answer, in the reader's words. */
function useSays(): { [K in Kind]: (answer: Answers[K]) => Said } {
  const { t } = useTranslation('explore')
  const format = useFormat()
  const share = (part: number | null | undefined) => (part == null ? '–' : format.percent(part))
  return {
    trend: ({ lines, compared }) => {
      const total = lines[0]?.total ?? null
      const was = compared?.lines[0]?.total
      const change = total !== null && was ? total / was - 1 : null
      const than =
        change === null ? '' : t(change >= 0 ? 'card.more' : 'card.less', { share: share(Math.abs(change)) })
      return {
        value: total === null ? '–' : format.decimal(total, 1),
        what: [lines[0]?.event, than].filter(Boolean).join(' · '),
        points: lines[0]?.points.map((point) => point ?? 0),
      }
    },
    funnel: ({ lines }) => {
      const steps = lines[0]?.steps ?? []
      return {
        value: share(steps.at(-1)?.of_first),
        what: t('card.funnel', { first: steps[0]?.name ?? '', last: steps.at(-1)?.name ?? '' }),
        points: steps.map(({ customers }) => customers),
      }
    },
    retention: ({ lines }) => ({
      value: share(lines[0]?.shares[1]),
      what: t('card.retention'),
      points: lines[0]?.shares.map((part) => 100 * (part ?? 0)),
    }),
    paths: ({ paths, anchor }) => {
      const top = paths.find(({ steps }) => steps.length > 0)
      return { value: share(top?.share), what: [...(top?.steps ?? []), anchor].join(' → ') }
    },
    rfm: ({ customers, revenue }) => ({
      value: format.number(customers),
      what: t('card.rfm', { revenue: format.money(revenue) }),
    }),
  }
}
