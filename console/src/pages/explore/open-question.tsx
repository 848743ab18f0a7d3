import { Link } from '@tanstack/react-router'
import { useZone } from '~/api/session'
import type { SavedQuestion } from '~/api/types'
import { savedSearch } from '~/lib/question'

/** A saved question by its name, which opens its page as it was left. */
export function OpenQuestion({ saved }: { saved: SavedQuestion }) {
  const zone = useZone()
  const { name, question } = saved
  const shown = <strong style={{ fontWeight: 550 }}>{name}</strong>
  // How many meet a condition: that page is the condition's own.
  if (question.type === 'count') {
    const text = question.condition?.text ?? undefined
    return (
      <Link to="/audiences/new" search={{ name, text }} className="plain">
        {shown}
      </Link>
    )
  }
  return (
    <Link to={`/explore/${question.type}`} search={savedSearch(saved, zone) as object} className="plain">
      {shown}
    </Link>
  )
}
