import type { ReactNode } from 'react'

/** What narrows the page down; one row above what it narrows. All of it stands in the URL. */
export function FilterBar({ children }: { children: ReactNode }) {
  return (
    <div
      role="search"
      style={{ display: 'flex', flexWrap: 'wrap', gap: 12, alignItems: 'flex-end', marginBottom: 16 }}
    >
      {children}
    </div>
  )
}
