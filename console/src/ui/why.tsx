import { Stack, Text } from '@mantine/core'
import {
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClockPause,
  type Icon,
} from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Gate, Why } from '~/api/types'
import { useFact } from '~/i18n/fact'
import { useSaid } from '~/i18n/said'
import { useWord } from '~/i18n/word'
import { useFormat } from '~/lib/use-format'
import classes from './why.module.css'

const MARKS: Record<Gate['result'], { icon: Icon; style: string }> = {
  passed: { icon: IconCircleCheck, style: 'passed' },
  held: { icon: IconClockPause, style: 'stopped' },
  suppressed: { icon: IconCircleX, style: 'stopped' },
  exempt: { icon: IconCircleDashed, style: 'quiet' },
}

/** The page of the ledger for one message: the answer, every gate, and what happened afterwards. */
export function WhyAnswer({ why }: { why: Why }) {
  const { t } = useTranslation('customers')
  const format = useFormat()
  const { message } = why
  return (
    <Stack gap="lg">
      <div>
        <h2>
          <WhySentence why={why} />
        </h2>
        <Text size="sm" c="dimmed" mt={4}>
          <Link to="/customers/$id" params={{ id: message.customer }}>
            {message.label}
          </Link>
          {' · '}
          <Link to="/campaigns/$id" params={{ id: String(message.campaign) }}>
            {message.campaign_name}
          </Link>
          {` · ${format.dateTime(message.at)} · `}
          <span className="mono">{message.id}</span>
        </Text>
      </div>
      <section aria-label={t('why.gates')}>
        <h3>{t('why.gates')}</h3>
        <ol className={classes['gates']}>
          {why.gates.map((gate) => (
            <OneGate key={gate.gate} gate={gate} />
          ))}
        </ol>
      </section>
      <Life why={why} />
      <Text size="xs" c="dimmed">
        {t('why.took', { version: why.campaign_version, took: format.milliseconds(why.took_ms) })}
      </Text>
    </Stack>
  )
}

function WhySentence({ why }: { why: Why }) {
  const { t } = useTranslation('customers')
  const format = useFormat()
  const word = useWord()
  const { verdict, state, reason, gate, channel } = why.message
  if (verdict === 'suppress') return t('why.suppressed', { reason: word('reason', reason ?? gate ?? '') })
  if (verdict === 'hold') {
    const until = why.until ? format.dateTime(why.until) : '–'
    return t('why.held', { gate: word('gate', gate ?? ''), until })
  }
  return t('why.sent', { channel: word('channel', channel), state: word('state', state) })
}

function OneGate({ gate }: { gate: Gate }) {
  const word = useWord()
  const say = useSaid()
  const { icon: Icon, style } = MARKS[gate.result]
  const fact = useFact()
  const saw = gate.saw
    .map(({ key, value }) =>
      key === 'problem' ? `${word('saw', key)} ${say(value).text}` : fact(key, value),
    )
    .join(' · ')
  return (
    <li className={classes['gate']} data-decided={gate.decided && gate.result !== 'passed'}>
      <Icon size={18} stroke={1.7} className={classes[style]} aria-hidden />
      <div className="break">
        <strong style={{ fontWeight: 550 }}>{word('gate', gate.gate)}</strong>{' '}
        <span className={classes[style]}>
          {gate.reason ? word('reason', gate.reason) : word('gateResult', gate.result)}
        </span>
        {saw ? <div className={classes['saw']}>{saw}</div> : null}
      </div>
    </li>
  )
}

function Life({ why }: { why: Why }) {
  const { t } = useTranslation('customers')
  const format = useFormat()
  const word = useWord()
  if (why.life.length === 0) return null
  return (
    <section aria-label={t('why.life')}>
      <h3>{t('why.life')}</h3>
      <ol className={classes['gates']}>
        {why.life.map(({ at, what, detail }, index) => (
          <li key={`${at}-${String(index)}`} style={{ padding: '0.375rem 0' }} className="break">
            <span className={classes['saw']}>{format.dateTime(at)}</span> {word('life', what)}
            {detail ? <span className={classes['saw']}> · {detail}</span> : null}
          </li>
        ))}
      </ol>
    </section>
  )
}
