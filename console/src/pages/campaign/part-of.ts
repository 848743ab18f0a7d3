const PARTS = ['subject', 'preheader', 'body', 'text'] as const

/** The part of a message that the server names. */
export function partOf(part: string): (typeof PARTS)[number] {
  return PARTS.find((each) => each === part) ?? 'body'
}
