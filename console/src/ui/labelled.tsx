import type { ReactNode } from 'react'

/** A field that names itself for those who hear it, with its name above it for those who see it. */
export function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <div aria-hidden style={{ fontSize: '0.8125rem', fontWeight: 600, lineHeight: 1.45, marginBottom: 4 }}>
        {label}
      </div>
      {children}
    </div>
  )
}
