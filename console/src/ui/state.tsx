import { Button, Skeleton, Stack } from '@mantine/core'
import { IconCloudOff, IconLock, IconMoodEmpty, IconRefresh } from '@tabler/icons-react'
import { useEffect, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem, type ProblemKind } from '~/api/problem'
import classes from './page.module.css'
import { SaidText } from './said'

interface EmptyProps {
  title: string
  /** What this would show, and the next step. */
  text: string
  action?: ReactNode
  /** Something to copy. */
  sample?: string
}

/** Nothing here yet: says what will be here and how it gets here. */
export function Empty({ title, text, action, sample }: EmptyProps) {
  return (
    <div className={classes['state']}>
      <IconMoodEmpty size={28} stroke={1.4} aria-hidden />
      <h2>{title}</h2>
      <p>{text}</p>
      {sample ? <pre tabIndex={0}>{sample}</pre> : null}
      {action}
    </div>
  )
}

/** Kinds of problems of which the title says all there is to say. */
const SAID_BY_TITLE: ReadonlySet<ProblemKind> = new Set(['forbidden', 'offline', 'missing'])

/** It went wrong, or it is not for this person: what failed, and what to do. */
export function Failed({ error, onAgain }: { error: unknown; onAgain?: () => void }) {
  const { t } = useTranslation('shell')
  const problem = asProblem(error)
  const Icon = problem.kind === 'forbidden' ? IconLock : IconCloudOff
  return (
    <div className={classes['state']} role="alert">
      <Icon size={28} stroke={1.4} aria-hidden />
      <h2>{t(`problem.${problem.kind}.title`)}</h2>
      <p>{t(`problem.${problem.kind}.text`)}</p>
      {SAID_BY_TITLE.has(problem.kind) ? null : (
        <p className={`${classes['said'] ?? ''} break`}>
          {problem.said.detail ? <SaidText by={[problem.said.detail, problem.said.fix]} /> : problem.message}
          {problem.said.request_id ? ` (${problem.said.request_id})` : ''}
        </p>
      )}
      {onAgain && problem.kind !== 'forbidden' ? (
        <Button variant="default" leftSection={<IconRefresh size={14} />} onClick={onAgain}>
          {t('again')}
        </Button>
      ) : null}
    </div>
  )
}

const PATIENCE_MS = 300

/** Something is on its way; says so only when it takes longer than an eye notices. */
export function Loading({ rows = 6 }: { rows?: number }) {
  const { t } = useTranslation('shell')
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [])
  if (!late) return <div style={{ minHeight: rows * 36 }} aria-busy />
  return (
    <Stack gap="sm" role="status" aria-label={t('loading')} aria-busy>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={20} width={`${String(92 - ((row * 17) % 40))}%`} />
      ))}
    </Stack>
  )
}

interface Asked<T> {
  data: T | undefined
  error: unknown
  refetch: () => unknown
}

interface AnswerProps<T> {
  of: Asked<T>
  rows?: number
  /** Stands above while there is no answer, on pages whose head is part of the answer. */
  head?: ReactNode
  children: (data: T) => ReactNode
}

/** Shows what was asked for, once it is there; else how it stands. An older answer stays while a newer one comes. */
export function Answer<T>({ of, rows, head, children }: AnswerProps<T>) {
  if (of.data !== undefined) return children(of.data)
  return (
    <>
      {head}
      {of.error ? <Failed error={of.error} onAgain={() => void of.refetch()} /> : <Loading rows={rows} />}
    </>
  )
}
