/** What to begin with on a page that nobody has told anything yet: names that shops commonly use. */
import type { FunnelStep } from '~/api/types'
import type { Names } from './use-question'

/** The way to a purchase, as shops name its stages in whichever order of words. */
const STAGES: readonly RegExp[] = [
  /^(product|item)s?[ _-]?(detail[ _-]?)?view(ed)?$|^view(ed)?[ _-](product|item)$/i,
  /^(product|item)?[ _-]?add(ed)?([ _-]to[ _-](cart|bag|basket))?$|^cart[ _-]add(ed)?$|^add(ed)?[ _-](to[ _-])?(cart|bag|basket)$/i,
  /^(begin[ _-]|start[ _-])?checkout([ _-](started|begun|viewed))?$/i,
]

/** The stages that this shop has, then its purchase. Nothing, unless something leads to the purchase: the reader chooses. */
export function journey({ purchase, others }: Names): FunnelStep[] {
  const before = STAGES.flatMap((stage) => others.find((name) => stage.test(name)) ?? [])
  return purchase && before.length > 0 ? [...before, purchase].map((event) => ({ event })) : []
}

/** The event by which people leave, when the shop has one. */
export function leaving({ others }: Names): string | undefined {
  const uninstalled = others.find((name) => /uninstall/i.test(name))
  return (
    uninstalled ?? others.find((name) => /unsubscribe|cancel|churn|account[ _-]?(deleted|closed)/i.test(name))
  )
}
