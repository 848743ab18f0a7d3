import { asProblem, type Problem } from '~/api/problem'
import { useSaid, type Said } from '~/i18n/said'

interface SaidProps {
  by: readonly (string | null | undefined)[]
}

/** What the server said, in the reader's language; marked as English where it has no words for it. */
export function SaidText({ by }: SaidProps) {
  const { text, lang } = useSaid()(...by)
  return <span lang={lang}>{text}</span>
}

/** What went wrong and what to do, as the server said it. */
export function useProblemText(): (thrown: unknown) => string {
  const say = useSaid()
  return (thrown) => problemText(asProblem(thrown), say)
}

export function problemText(
  { said, message }: Problem,
  say: (...said: (string | null | undefined)[]) => Said,
) {
  return said.detail ? say(said.detail, said.fix).text : message
}
