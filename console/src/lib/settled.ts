import type { Campaign } from '~/api/types'

/** How far a campaign is: who was left out and whose message has ended, of everybody in the audience. */
export function settled({ messages, progress }: Pick<Campaign, 'messages' | 'progress'>) {
  if (!progress) return null
  const done = messages.suppressed + messages.sent + messages.failed
  return { done: Math.min(done, progress.of), of: progress.of }
}
