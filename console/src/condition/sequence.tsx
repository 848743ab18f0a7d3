import { ActionIcon, Button, Checkbox, Text, Tooltip } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { spanOf, spanText, type Sequence, type Step } from '~/lib/condition'
import classes from './builder.module.css'
import { EventField, type OneLineProps } from './one-line'
import { Where } from './where'
import { SpanFields, WindowFields } from './window'

const STEPS_MIN = 2
const DAY = { amount: 1, unit: 'day' } as const

/** Events in an order: what follows what, how soon, and what must not lie between. */
export function SequenceFields({ of, onChange }: OneLineProps<Sequence>) {
  const { t } = useTranslation('condition')
  const set = (steps: Step[]) => onChange({ ...of, steps })
  return (
    <>
      <Text size="sm">{t('kind.sequence')}</Text>
      <WindowFields window={of.window} onChange={(window) => onChange({ ...of, window })} />
      <div className={classes['where']}>
        {of.steps.map((step, at) => (
          <StepFields
            key={at}
            says={at === 0 ? t('sequence.first') : t('sequence.then')}
            step={step}
            onChange={(next) => set(of.steps.with(at, next))}
            onRemove={of.steps.length > STEPS_MIN ? () => set(of.steps.toSpliced(at, 1)) : undefined}
          />
        ))}
        {of.without ? (
          <StepFields
            says={t('sequence.without')}
            step={of.without}
            onChange={(without) => onChange({ ...of, without })}
            onRemove={() => onChange({ ...of, without: undefined })}
          />
        ) : null}
        <Within of={of} onChange={onChange} />
      </div>
      <Button variant="subtle" color="gray" onClick={() => set([...of.steps, { event: '' }])}>
        {t('sequence.addStep')}
      </Button>
      {of.without ? null : (
        <Button variant="subtle" color="gray" onClick={() => onChange({ ...of, without: { event: '' } })}>
          {t('sequence.addWithout')}
        </Button>
      )}
    </>
  )
}

interface StepFieldsProps {
  says: string
  step: Step
  onChange: (step: Step) => void
  onRemove: (() => void) | undefined
}

function StepFields({ says, step, onChange, onRemove }: StepFieldsProps) {
  const { t } = useTranslation('condition')
  return (
    <div className={classes['test']} role="group" aria-label={says}>
      <span>{says}</span>
      <EventField event={step.event} onChange={(event) => onChange({ ...step, event })} />
      <Where event={step.event} where={step.where} onChange={(where) => onChange({ ...step, where })} />
      {onRemove ? (
        <Tooltip label={t('sequence.remove')}>
          <ActionIcon aria-label={t('sequence.remove')} onClick={onRemove}>
            <IconX size={14} />
          </ActionIcon>
        </Tooltip>
      ) : null}
    </div>
  )
}

/** How much time may lie between the first and the last of them; a span that has no fields stays as it is. */
function Within({ of, onChange }: OneLineProps<Sequence>) {
  const { t } = useTranslation('condition')
  const span = of.within === undefined ? null : spanOf(of.within)
  return (
    <div className={classes['test']}>
      <Checkbox
        size="xs"
        label={t('sequence.within')}
        checked={of.within !== undefined}
        onChange={(event) =>
          onChange({ ...of, within: event.currentTarget.checked ? spanText(DAY) : undefined })
        }
      />
      {span ? (
        <SpanFields span={span} onChange={(next) => onChange({ ...of, within: spanText(next) })} />
      ) : null}
      {of.within !== undefined && span === null ? <span className="mono">{of.within}</span> : null}
    </div>
  )
}
