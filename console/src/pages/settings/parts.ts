import type { Settings } from '~/api/types'

/** What each part of the form gets. */
export interface PartProps {
  settings: Settings
  onChange: (settings: Settings) => void
  /** What the server said of a field when it refused it. */
  wrong: (field: string) => string | null
}
