import { ActionIcon, Button, Group, Menu, SegmentedControl, Select, Text, Tooltip } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { conditionOf, line, planOf, type Condition, type Line, type Plan } from '~/lib/condition'
import classes from './builder.module.css'
import { freshPlace } from './place'
import { OneLine } from './one-line'

interface LinesProps {
  plan: Plan
  /** How deep this group stands in others. */
  depth: number
  onChange: (plan: Plan) => void
}

type Kind =
  | 'did'
  | 'last_did'
  | 'first_did'
  | 'sequence'
  | 'mostly'
  | 'usual_hour'
  | 'last_place'
  | 'trait'
  | 'trait_place'
  | 'reachable'
  | 'consented'
  | 'subscribed'
  | 'member'
  | 'any'

const FRESH: Record<Kind, () => Condition> = {
  did: () => ({ type: 'did', event: '', window: { type: 'last', span: '30 days' } }),
  last_did: () => ({ type: 'last_did', event: '', window: { type: 'last', span: '30 days' } }),
  first_did: () => ({ type: 'first_did', event: '', window: { type: 'last', span: '30 days' } }),
  sequence: () => ({ type: 'sequence', steps: [{ event: '' }, { event: '' }], within: '1 day' }),
  mostly: () => ({ type: 'mostly', property: '', event: '', test: { is: '=', value: '' } }),
  usual_hour: () => ({ type: 'usual_hour', event: '', hours: { from: 18, to: 21 } }),
  last_place: () => ({ type: 'last_place', place: freshPlace(), event: '' }),
  trait: () => ({ type: 'trait', name: '', test: { is: '=', value: '' } }),
  trait_place: () => ({ type: 'trait_place', place: freshPlace() }),
  reachable: () => ({ type: 'reachable', channel: 'email' }),
  consented: () => ({ type: 'consented', purpose: 'marketing' }),
  subscribed: () => ({ type: 'subscribed', topic: '' }),
  member: () => ({ type: 'member', audience: '' }),
  any: () => ({ type: 'any', of: [] }),
}

const KINDS = Object.keys(FRESH) as Kind[]
const DEPTH_MAX = 2

/** Lines joined by "and" or "or"; a line may hold such a group itself. */
export function Lines({ plan, depth, onChange }: LinesProps) {
  const { t } = useTranslation('condition')
  const set = (lines: Line[]) => onChange({ ...plan, lines })
  const change = (at: number, next: Line) => set(plan.lines.with(at, next))
  return (
    <div className={depth > 0 ? classes['group'] : undefined}>
      {plan.lines.length > 1 ? (
        <div className={classes['join']}>
          <SegmentedControl
            aria-label={t('join')}
            value={plan.join}
            onChange={(join) => onChange({ ...plan, join: join as Plan['join'] })}
            data={[
              { value: 'all', label: t('all') },
              { value: 'any', label: t('any') },
            ]}
          />
        </div>
      ) : null}
      <div className={classes['lines']}>
        {plan.lines.length === 0 && depth === 0 ? <Text c="dimmed">{t('everyone')}</Text> : null}
        {plan.lines.map((each, at) => (
          // A line has no state of its own, so its place is key enough.
          <div key={at} className={classes['line']} role="group" aria-label={t(`kind.${kindOf(each.of)}`)}>
            <NotSelect line={each} onChange={(next) => change(at, next)} />
            {each.of.type === 'all' || each.of.type === 'any' ? (
              <Lines
                plan={planOf(each.of)}
                depth={depth + 1}
                onChange={(inner) => change(at, { ...each, of: groupOf(inner) })}
              />
            ) : (
              <OneLine of={each.of} onChange={(of) => change(at, { ...each, of })} />
            )}
            <Tooltip label={t('remove')}>
              <ActionIcon
                className={classes['end']}
                aria-label={t('remove')}
                onClick={() => set(plan.lines.toSpliced(at, 1))}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </Tooltip>
          </div>
        ))}
      </div>
      <Add depth={depth} onAdd={(of) => set([...plan.lines, line(of)])} />
    </div>
  )
}

/** A group stays a group while it is edited, even with one line or none. */
function groupOf(plan: Plan): Condition {
  const condition = conditionOf(plan)
  if (plan.lines.length > 1) return condition
  return { type: plan.join, of: plan.lines.length === 0 ? [] : [condition] }
}

function kindOf(of: Condition): Kind | 'other' {
  return KINDS.find((kind) => kind === of.type) ?? (of.type === 'all' ? 'any' : 'other')
}

function NotSelect({ line: each, onChange }: { line: Line; onChange: (line: Line) => void }) {
  const { t } = useTranslation('condition')
  return (
    <Select
      aria-label={t('notLabel')}
      size="xs"
      w={112}
      value={each.not ? 'not' : 'yes'}
      onChange={(value) => onChange({ ...each, not: value === 'not' })}
      data={[
        { value: 'yes', label: t('yes') },
        { value: 'not', label: t('not') },
      ]}
    />
  )
}

function Add({ depth, onAdd }: { depth: number; onAdd: (of: Condition) => void }) {
  const { t } = useTranslation('condition')
  return (
    <Group mt="xs">
      <Menu position="bottom-start">
        <Menu.Target>
          <Button variant="default" leftSection={<IconPlus size={14} />}>
            {t('add')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {KINDS.filter((kind) => kind !== 'any' || depth < DEPTH_MAX).map((kind) => (
            <Menu.Item key={kind} onClick={() => onAdd(FRESH[kind]())}>
              {t(`kind.${kind}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  )
}
