import {
  IconAddressBook,
  IconBolt,
  IconHash,
  IconMail,
  IconShieldCheck,
  IconTag,
  IconUsersGroup,
  type Icon,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Moment } from '~/api/types'
import { useFact } from '~/i18n/fact'
import { useWord } from '~/i18n/word'
import { useFormat } from '~/lib/use-format'
import { propertiesText, valueText } from '~/lib/values'
import { WhyLink } from './person'
import classes from './timeline.module.css'

const ICONS: Record<Moment['kind'], Icon> = {
  event: IconBolt,
  trait: IconTag,
  consent: IconShieldCheck,
  topic: IconHash,
  address: IconAddressBook,
  audience: IconUsersGroup,
  message: IconMail,
}

/** A customer's story, day by day, the latest first. */
export function Timeline({ moments }: { moments: readonly Moment[] }) {
  const format = useFormat()
  const days = Map.groupBy(moments, ({ at }) => format.date(at))
  return [...days].map(([day, its]) => (
    <section key={day} aria-label={day}>
      <h2 className={classes['day']}>{day}</h2>
      <ol className={classes['list']}>
        {its.map((moment, index) => (
          <OneMoment key={`${moment.at}-${moment.name}-${String(index)}`} moment={moment} />
        ))}
      </ol>
    </section>
  ))
}

function OneMoment({ moment }: { moment: Moment }) {
  const { t } = useTranslation('customers')
  const format = useFormat()
  const word = useWord()
  const Icon = ICONS[moment.kind]
  const fact = useFact()
  // What a consent, a topic or an audience says is already in its sentence.
  const told = moment.kind === 'event' || moment.kind === 'message'
  const text = told ? propertiesText(moment.properties, moment.kind === 'message' ? fact : undefined) : ''
  return (
    <li className={classes['moment']}>
      <time className={classes['time']} dateTime={moment.at}>
        {format.clock(moment.at)}
      </time>
      <span className={classes['icon']} title={word('moment', moment.kind)}>
        <Icon size={15} stroke={1.7} aria-hidden />
      </span>
      <div className="break">
        <Says moment={moment} />
        {moment.message ? (
          <>
            {' · '}
            <WhyLink id={moment.message}>{t('why.button')}</WhyLink>
          </>
        ) : null}
        {text ? <div className={classes['properties']}>{text}</div> : null}
      </div>
    </li>
  )
}

function Says({ moment }: { moment: Moment }) {
  const { t } = useTranslation('customers')
  const word = useWord()
  const { kind, name, properties } = moment
  const yes = properties['given'] ?? properties['subscribed'] ?? properties['member']
  switch (kind) {
    case 'event':
      return <strong style={{ fontWeight: 550 }}>{name}</strong>
    case 'message':
      return <strong style={{ fontWeight: 550 }}>{word('life', name)}</strong>
    case 'trait':
      return 'value' in properties
        ? t('moment.trait', { name, value: valueText(properties['value']) })
        : t('moment.traitGone', { name })
    case 'consent':
      return t(yes ? 'moment.consentYes' : 'moment.consentNo', { name: word('purpose', name) })
    case 'topic':
      return t(yes ? 'moment.topicYes' : 'moment.topicNo', { name })
    case 'address':
      return t('moment.address', { name: word('channel', name) })
    case 'audience':
      return t(yes ? 'moment.audienceIn' : 'moment.audienceOut', { name })
  }
}
