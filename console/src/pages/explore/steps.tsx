import { ActionIcon, Button } from '@mantine/core'
import { IconArrowUp, IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { EventInput, FunnelStep } from '~/api/types'
import { EventFields } from './event'
import classes from './explore.module.css'

interface StepsProps {
  steps: readonly FunnelStep[]
  onChange: (steps: FunnelStep[]) => void
}

/** The steps of a funnel: each an event or one of several, each with a filter. */
export function Steps({ steps, onChange }: StepsProps) {
  const { t } = useTranslation('funnel')
  return (
    <>
      <ol className={classes['editor']}>
        {steps.map((step, at) => (
          <li key={at}>
            <span className={classes['place']}>{at + 1}</span>
            <OneStep step={step} onChange={(next) => onChange(steps.with(at, next))} />
            <span className={classes['acts']}>
              {at > 0 ? (
                <ActionIcon
                  aria-label={t('earlier', { step: at + 1 })}
                  onClick={() => onChange(steps.toSpliced(at - 1, 2, step, ...steps.slice(at - 1, at)))}
                >
                  <IconArrowUp size={14} />
                </ActionIcon>
              ) : null}
              {steps.length > 1 ? (
                <ActionIcon
                  aria-label={t('removeStep', { step: at + 1 })}
                  onClick={() => onChange(steps.toSpliced(at, 1))}
                >
                  <IconX size={14} />
                </ActionIcon>
              ) : null}
            </span>
          </li>
        ))}
      </ol>
      <Button variant="default" size="xs" onClick={() => onChange([...steps, { event: '' }])}>
        {t('addStep')}
      </Button>
    </>
  )
}

function OneStep({ step, onChange }: { step: FunnelStep; onChange: (step: FunnelStep) => void }) {
  const { t } = useTranslation('funnel')
  const others = step.or ?? []
  const setOthers = (or: EventInput[]) => onChange({ ...step, or: or.length > 0 ? or : undefined })
  return (
    <div className={classes['step']}>
      <EventFields of={step} onChange={(next) => onChange({ ...step, ...next })} />
      {others.map((other, at) => (
        <div key={at} className={classes['step']}>
          <span>{t('or')}</span>
          <EventFields of={other} onChange={(next) => setOthers(others.with(at, next))} />
          <ActionIcon
            aria-label={t('removeOr', { name: other.event })}
            onClick={() => setOthers(others.toSpliced(at, 1))}
          >
            <IconX size={14} />
          </ActionIcon>
        </div>
      ))}
      <Button variant="subtle" color="gray" onClick={() => setOthers([...others, { event: '' }])}>
        {t('addOr')}
      </Button>
    </div>
  )
}
