import { IconArrowLeft } from '@tabler/icons-react'
import { Link, type LinkProps } from '@tanstack/react-router'
import { useEffect, type ReactNode } from 'react'
import classes from './page.module.css'

interface PageHeadProps {
  title: string
  /** The answer people come for, in a sentence. */
  answer?: ReactNode
  actions?: ReactNode
  back?: { to: LinkProps['to']; label: string }
  /** Stands beside the title: a state. */
  mark?: ReactNode
}

/** The head of every page: where one is, the answer, what one can do. */
export function PageHead({ title, answer, actions, back, mark }: PageHeadProps) {
  useEffect(() => {
    document.title = `${title} · Omotenashi`
  }, [title])
  return (
    <div className={classes['head']}>
      <div className={classes['title']}>
        {back ? (
          <Link to={back.to} className={classes['back']}>
            <IconArrowLeft size={14} aria-hidden />
            {back.label}
          </Link>
        ) : null}
        <div style={{ display: 'flex', alignItems: 'center', gap: 12 }}>
          <h1 style={{ fontSize: '1.375rem', lineHeight: '2rem' }} className="break">
            {title}
          </h1>
          {mark}
        </div>
        {answer ? (
          <p className={classes['answer']} role="status">
            {answer}
          </p>
        ) : null}
      </div>
      {actions ? <div className={classes['actions']}>{actions}</div> : null}
    </div>
  )
}

interface SectionProps {
  title: string
  aside?: ReactNode
  children: ReactNode
}

/** A part of a page; separated by space, not by boxes. */
export function Section({ title, aside, children }: SectionProps) {
  return (
    <section className={classes['section']} aria-label={title}>
      <div className={classes['sectionHead']}>
        <h2 style={{ fontSize: '1rem', lineHeight: '1.5rem' }}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  )
}

interface StatProps {
  label: string
  value: ReactNode
  note?: ReactNode
}

export function Stats({ children }: { children: ReactNode }) {
  return <dl className={classes['stats']}>{children}</dl>
}

/** One number with its name and what it compares with. */
export function Stat({ label, value, note }: StatProps) {
  return (
    <div className={classes['stat']}>
      <dt>{label}</dt>
      <dd>
        {value}
        {note ? <div className={classes['note']}>{note}</div> : null}
      </dd>
    </div>
  )
}
