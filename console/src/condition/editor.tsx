import { SegmentedControl, Textarea } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { checkQuery, type Checked, type Wish } from '~/api/audiences'
import { queries } from '~/api/client'
import type { ConditionError } from '~/api/types'
import { conditionOf, planOf, type Condition, type Plan } from '~/lib/condition'
import { SaidText } from '~/ui/said'
import { Failed, Loading } from '~/ui/state'
import classes from './builder.module.css'
import { Lines } from './lines'

interface EditorProps {
  /** The text form that is being edited. */
  text: string
  /** Called with the text form whenever it is right, and with nothing while it is wrong. */
  onChange: (text: string | null) => void
}

type Mode = 'build' | 'text'

/** A condition, built from lines or written as text; each form follows the other, and the server reads both. */
export function ConditionEditor({ text, onChange }: EditorProps) {
  const { t } = useTranslation('condition')
  const [mode, setMode] = useState<Mode>('build')
  const [first] = useState(text)
  const built = useRef<Condition | null>(null)
  const turn = async (next: Mode) => {
    // What was built a moment ago may not have been read yet; nothing of it may be lost.
    if (next === 'text' && built.current) {
      const read = await queries.fetchQuery(checkQuery({ json: built.current })).catch(() => null)
      if (read?.text) onChange(read.text)
    }
    built.current = null
    setMode(next)
  }
  const start = useQuery(checkQuery({ text: first === '' ? 'everyone' : first }))
  if (start.error) return <Failed error={start.error} onAgain={() => void start.refetch()} />
  if (start.data === undefined) return <Loading rows={3} />
  return (
    <div>
      <SegmentedControl
        mb="sm"
        aria-label={t('mode')}
        value={mode}
        onChange={(value) => void turn(value as Mode)}
        data={[
          { value: 'build', label: t('build') },
          { value: 'text', label: t('text') },
        ]}
      />
      {mode === 'text' || !start.data.json ? (
        <TextForm text={text === '' ? first : text} onChange={onChange} />
      ) : (
        <BuildForm
          text={text}
          start={start.data}
          onChange={onChange}
          onBuilt={(condition) => (built.current = condition)}
        />
      )}
    </div>
  )
}

function useChecked(wish: Wish): Checked | undefined {
  const [settled] = useDebouncedValue(wish, 250)
  return useQuery({ ...checkQuery(settled), placeholderData: keepPreviousData }).data
}

function TextForm({ text, onChange }: EditorProps) {
  const { t } = useTranslation('condition')
  const [typed, setTyped] = useState(text === 'everyone' ? '' : text)
  const wish = typed.trim() === '' ? 'everyone' : typed
  const checked = useChecked({ text: wish })
  const type = (next: string) => {
    setTyped(next)
    onChange(next.trim() === '' ? 'everyone' : next)
  }
  return (
    <>
      <Textarea
        className={classes['text']}
        aria-label={t('text')}
        autosize
        minRows={3}
        spellCheck={false}
        placeholder={'did "purchase" at least 2 times in last 30 days'}
        value={typed}
        error={checked !== undefined && checked.errors.length > 0}
        onChange={(event) => type(event.currentTarget.value)}
      />
      <Complaints checked={checked} text={wish} />
    </>
  )
}

interface BuildFormProps extends EditorProps {
  start: Checked
  onBuilt: (condition: Condition) => void
}

function BuildForm({ text, start, onChange, onBuilt }: BuildFormProps) {
  // What was written as text meanwhile is read again; what was built here stays as it is.
  const read =
    useQuery({ ...checkQuery({ text: text === '' ? 'everyone' : text }), placeholderData: start }).data ??
    start
  const [plan, setPlan] = useState<Plan | null>(null)
  const shown = plan ?? planOf(read.json ?? { type: 'everyone' })
  const wish = conditionOf(shown)
  return (
    <>
      <Lines
        plan={shown}
        depth={0}
        onChange={(next) => {
          setPlan(next)
          onBuilt(conditionOf(next))
        }}
      />
      {plan ? <Follow wish={{ json: wish }} onChange={onChange} /> : null}
    </>
  )
}

/** Reads what was built and hands its text form on. */
function Follow({ wish, onChange }: { wish: Wish; onChange: EditorProps['onChange'] }) {
  const checked = useChecked(wish)
  const [told, setTold] = useState<Checked | undefined>(undefined)
  if (checked !== undefined && checked !== told) {
    setTold(checked)
    queueMicrotask(() => onChange(checked.errors.length > 0 ? null : (checked.text ?? null)))
  }
  return <Complaints checked={checked} text={checked?.text ?? ''} />
}

function Complaints({ checked, text }: { checked: Checked | undefined; text: string }) {
  if (checked === undefined) return null
  return (
    <div aria-live="polite">
      {checked.errors.map((error) => (
        <Complaint key={`${String(error.line)}:${String(error.column)}`} error={error} text={text} />
      ))}
      {checked.warnings.map((warning) => (
        <Complaint
          key={`w${String(warning.line)}:${String(warning.column)}${warning.message}`}
          error={warning}
          text={text}
          warning
        />
      ))}
    </div>
  )
}

/** What stands before a complaint about what was built: whoever builds has written no JSON, and no line of it. */
const OF_JSON = /^not the JSON of a condition: /

function Complaint({
  error,
  text,
  warning = false,
}: {
  error: ConditionError
  text: string
  warning?: boolean
}) {
  const { t } = useTranslation('condition')
  const line = text.split('\n')[error.line - 1]
  return (
    <div className={`${classes['error'] ?? ''} ${warning ? (classes['warning'] ?? '') : ''}`}>
      {line ? (
        <pre className="mono">
          {line}
          {'\n'}
          {caret(line, error.column)}
        </pre>
      ) : null}
      <SaidText by={[error.message.replace(OF_JSON, '')]} />{' '}
      {line ? (
        <span style={{ opacity: 0.8 }}>{t('place', { line: error.line, column: error.column })}</span>
      ) : null}
    </div>
  )
}

/** A caret below the place; wide letters are two columns wide in a monospaced line. */
function caret(line: string, column: number): string {
  const before = [...line].slice(0, column - 1)
  return before.map((letter) => (/[\u1100-\uffdc]/.test(letter) ? '\u3000' : ' ')).join('') + '^'
}
