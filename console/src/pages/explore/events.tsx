import { ActionIcon, Button } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { EventInput } from '~/api/types'
import { EventFields } from './event'
import classes from './explore.module.css'

interface EventsProps {
  events: readonly EventInput[]
  onChange: (events: EventInput[]) => void
}

/** As many as the server draws at once. */
const EVENTS_MAX = 20

/** The events of a trend: each a line, each with a filter. */
export function Events({ events, onChange }: EventsProps) {
  const { t } = useTranslation('trend')
  return (
    <div role="group" aria-label={t('events')} className={classes['events']}>
      {events.map((event, at) => (
        <div key={at} className={classes['step']}>
          <EventFields of={event} onChange={(next) => onChange(events.with(at, next))} />
          {events.length > 1 ? (
            <ActionIcon
              aria-label={t('removeEvent', { name: event.event })}
              onClick={() => onChange(events.toSpliced(at, 1))}
            >
              <IconX size={14} />
            </ActionIcon>
          ) : null}
        </div>
      ))}
      {events.length < EVENTS_MAX ? (
        <Button variant="default" size="xs" onClick={() => onChange([...events, { event: '' }])}>
          {t('addEvent')}
        </Button>
      ) : null}
    </div>
  )
}
