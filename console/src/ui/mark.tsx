import { Badge } from '@mantine/core'
import type { CampaignState, MessageState } from '~/api/types'
import { useWord } from '~/i18n/word'

type Tone = 'gray' | 'accent' | 'good' | 'bad'

const CAMPAIGN: Record<CampaignState, Tone> = {
  draft: 'gray',
  scheduled: 'accent',
  running: 'accent',
  paused: 'bad',
  stopped: 'bad',
  finished: 'good',
}

const MESSAGE: Record<MessageState, Tone> = {
  suppressed: 'gray',
  held: 'gray',
  planned: 'accent',
  sent: 'accent',
  delivered: 'accent',
  opened: 'good',
  clicked: 'good',
  bounced: 'bad',
  failed: 'bad',
  unknown: 'bad',
  complained: 'bad',
  unsubscribed: 'bad',
}

export function Mark({ tone, children }: { tone: Tone; children: string }) {
  const ink = {
    gray: '--mantine-color-dimmed',
    accent: '--accent-ink',
    good: '--good-ink',
    bad: '--bad-ink',
  }[tone]
  return (
    <Badge
      variant="outline"
      styles={{
        root: { color: `var(${ink})`, borderColor: 'var(--line-strong)', background: 'transparent' },
      }}
    >
      {children}
    </Badge>
  )
}

export function CampaignMark({ state }: { state: CampaignState }) {
  const word = useWord()
  return <Mark tone={CAMPAIGN[state]}>{word('campaign', state)}</Mark>
}

export function MessageMark({ state }: { state: MessageState }) {
  const word = useWord()
  return <Mark tone={MESSAGE[state]}>{word('state', state)}</Mark>
}
