import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** A customer's name; opens their story beside the page. */
export function PersonLink({ id, children }: { id: string; children: ReactNode }) {
  return (
    <Link to="." search={(now) => ({ ...now, peek: id, why: undefined })} className="plain">
      {children}
    </Link>
  )
}

/** Opens the decision behind a message beside the page. */
export function WhyLink({ id, children }: { id: string; children: ReactNode }) {
  return (
    <Link to="." search={(now) => ({ ...now, why: id, peek: undefined })}>
      {children}
    </Link>
  )
}
