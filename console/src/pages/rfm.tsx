import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Trans, useTranslation } from 'react-i18next'
import { entryQuery } from '~/api/data'
import type { Pick, RfmAnswer, RfmCell, RfmGroupName } from '~/api/types'
import { NameField } from '~/condition/one-line'
import { useWord } from '~/i18n/word'
import { RFM_SHOWS } from '~/lib/question'
import { useFormat } from '~/lib/use-format'
import { Figure } from '~/ui/figure'
import { Labelled } from '~/ui/labelled'
import { Section } from '~/ui/page'
import { Empty } from '~/ui/state'
import { OneEvent } from './explore/event'
import { QuestionPage, type Shown } from './explore/question-page'
import { useNames, useQuestion, useUrl } from './explore/use-question'
import { gridPicture, RfmGrid } from './rfm/grid'
import { GroupTable } from './rfm/groups'
import { Moves } from './rfm/moves'

/** Who bought lately, often and much: 25 cells, ten groups, and who moved between them. */
export function Rfm() {
  const { t } = useTranslation('rfm')
  const [search] = useUrl<'rfm'>()
  const question = useQuestion('rfm', search)
  const pickTitle = usePickTitle()
  return (
    <QuestionPage
      kind="rfm"
      title={t('title')}
      question={question}
      missing={null}
      controls={<Controls />}
      sentence={({ answer }) => <Sentence rfm={answer} />}
      pickTitle={pickTitle}
      rows={10}
    >
      {(shown) =>
        shown.answer.customers === 0 ? (
          <Empty title={t('empty.title')} text={t('empty.text', { event: shown.answer.event })} />
        ) : (
          <Drawn {...shown} />
        )
      }
    </QuestionPage>
  )
}

function Controls() {
  const { t } = useTranslation('rfm')
  const [search, set] = useUrl<'rfm'>()
  const { purchase = '' } = useNames()
  const event = search.event ?? purchase
  const properties = useQuery(entryQuery(event)).data?.properties.map(({ name }) => name) ?? []
  return (
    <>
      <OneEvent
        label={t('event')}
        of={{ event, where: search.where }}
        onChange={(next) => set({ event: next?.event, where: next?.where })}
      />
      <Labelled label={t('amount')}>
        <NameField
          label={t('amount')}
          value={search.amount_property ?? ''}
          names={properties}
          onChange={(next) => set({ amount_property: next || undefined })}
        />
      </Labelled>
    </>
  )
}

function Drawn({ answer, onPick }: Shown<'rfm'>) {
  const { t } = useTranslation('rfm')
  const [{ show = 'customers', group }, set] = useUrl<'rfm'>()
  const word = useWord()
  const format = useFormat()
  const cells = () => [
    [
      t('group'),
      t('customers'),
      t('revenue'),
      t('revenueShare'),
      t('recency'),
      t('frequency'),
      t('monetary'),
    ],
    ...answer.groups.map(({ group: name, numbers }) => [
      word('group', name),
      numbers.customers,
      numbers.revenue,
      numbers.revenue_share,
      numbers.recency_days.median,
      numbers.frequency.median,
      numbers.monetary.median,
    ]),
  ]
  const says = (cell: RfmCell) =>
    show === 'revenue' ? format.money(cell.numbers.revenue) : format.number(cell.numbers.customers)
  const picture = () =>
    gridPicture(answer.cells, show, (cell) => `${says(cell)} ${word('group', cell.group)}`)
  return (
    <>
      <Section
        title={t('grid')}
        aside={
          <SegmentedControl
            aria-label={t('show')}
            value={show}
            onChange={(next) => set({ show: RFM_SHOWS.find((each) => each === next) })}
            data={RFM_SHOWS.map((each) => ({ value: each, label: t(`show.${each}`) }))}
          />
        }
      >
        <Figure label={t('title')} cells={cells} picture={picture}>
          <RfmGrid
            rfm={answer}
            show={show}
            chosen={group}
            onChoose={(next, pick) => set({ group: next, pick })}
          />
        </Figure>
      </Section>
      <Section title={t('groups')}>
        <GroupTable rfm={answer} chosen={group} onPick={onPick} />
      </Section>
      <Section title={t('moves')}>
        <Moves rfm={answer} onPick={onPick} />
      </Section>
    </>
  )
}

/** Who lies open, in the reader's words. */
function usePickTitle(): (rfm: RfmAnswer, pick: Pick) => string {
  const { t } = useTranslation('rfm')
  const word = useWord()
  return (_, pick) => {
    if (pick.type === 'group') return word('group', pick.group)
    if (pick.type === 'cell') return `R${String(pick.recency)} F${String(pick.frequency)}`
    if (pick.type !== 'moved') return ''
    const from = pick.from ? word('group', pick.from) : t('notBefore')
    return `${from} → ${pick.to ? word('group', pick.to) : t('goneNow')}`
  }
}

/** Those who used to come and are going: the groups a marketer asks about first. */
const SLIPPING: readonly RfmGroupName[] = ['at_risk', 'cannot_lose', 'about_to_sleep']

function Sentence({ rfm }: { rfm: RfmAnswer }) {
  const { t } = useTranslation('rfm')
  const format = useFormat()
  const word = useWord()
  const best = rfm.groups.toSorted((a, b) => b.numbers.revenue - a.numbers.revenue)[0]
  const slipping = rfm.groups.filter(({ group }) => SLIPPING.includes(group))
  const lost = slipping.reduce((sum, { numbers }) => sum + numbers.customers, 0)
  return (
    <Trans
      t={t}
      i18nKey="answer"
      values={{
        customers: format.number(rfm.customers),
        revenue: format.money(rfm.revenue),
        best: best ? word('group', best.group) : '–',
        share: best ? format.percent(best.numbers.revenue_share) : '–',
        slipping: format.number(lost),
        took: format.milliseconds(rfm.took_ms),
      }}
      components={{ b: <strong /> }}
    />
  )
}
