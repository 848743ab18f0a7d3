import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { EventInput } from '~/api/types'
import { EventField } from '~/condition/one-line'
import { Where } from '~/condition/where'
import { filterInput, filterOf } from '~/lib/question'
import { Labelled } from '~/ui/labelled'
import classes from './explore.module.css'

interface EventFieldsProps {
  of: EventInput
  /** Said while no event is chosen. */
  placeholder?: string
  onChange: (event: EventInput) => void
}

/** An event, and what must hold of it. */
export function EventFields({ of, placeholder, onChange }: EventFieldsProps) {
  const { t } = useTranslation('condition')
  const { event, where } = of
  return (
    <div className={classes['step']}>
      <EventField
        event={event}
        placeholder={placeholder}
        onChange={(next) => onChange({ ...of, event: next })}
      />
      {where?.text ? (
        <Text size="sm" c="dimmed">
          {t('where')} <span className="mono">{where.text}</span>
        </Text>
      ) : event === '' ? null : (
        <Where
          event={event}
          where={filterOf(where)}
          onChange={(next) => onChange({ ...of, where: filterInput(next) })}
        />
      )}
    </div>
  )
}

interface OneEventProps {
  label: string
  of: EventInput | undefined
  /** What the page takes while nobody has chosen. */
  first?: string
  placeholder?: string
  onChange: (event: EventInput | undefined) => void
}

/** An event of the bar, which may be left open. */
export function OneEvent({ label, of, first = '', placeholder, onChange }: OneEventProps) {
  return (
    <Labelled label={label}>
      <EventFields
        of={of ?? { event: first }}
        placeholder={placeholder}
        onChange={(next) => onChange(next.event === '' ? undefined : next)}
      />
    </Labelled>
  )
}
