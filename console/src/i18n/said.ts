/**
 * What the server says, in the reader's language.
 *
 * The server speaks English sentences in which data stands in backticks, in quotes, or is a number: the sentence without
 * its data is the key, the data fills the gaps. Long sentences are put together from pieces (what is wrong; what was
 * expected; a hint), and each piece is said by itself. A sentence of which any piece has no text stays as it came.
 */
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'

export type Sentences = Readonly<Record<string, string>>

/** What stands behind a sentence: `limit=`7`, value=`x``, or the place as (line:column). */
const DETAILS = /(?:\. (\w+=`[^`]*`(?:,? \w+=`[^`]*`)*)| \((\d+:\d+)\))$/
const DATA = /`([^`]*)`|"([^"]*)"|\d[\d,]*/g
const GAP = '_'

/** A sentence without its data, and the data. */
export function keyOf(text: string): { key: string; data: string[] } {
  const data: string[] = []
  const key = text.replace(DATA, (whole, ticked?: string, quoted?: string) => {
    data.push(ticked ?? quoted ?? whole)
    return GAP
  })
  return { key, data }
}

/** The sentence in the language of `sentences`; undefined when it has no text there. */
export function translated(text: string, sentences: Sentences): string | undefined {
  // Below the first line the server draws the place; pages draw it themselves.
  const drawn = text.indexOf('\n')
  if (drawn >= 0) return translated(text.slice(0, drawn), sentences)
  const write = /^write (.+) there$/.exec(text)
  if (write) {
    const what = translated(write[1] ?? '', sentences)
    return what === undefined ? undefined : `ここに ${what} を入力してください`
  }
  const details = DETAILS.exec(text)
  if (details) {
    const said = translated(text.slice(0, details.index), sentences)
    return said === undefined
      ? undefined
      : `${said}（${(details[1] ?? details[2] ?? '').replaceAll('`', '')}）`
  }
  const { key, data } = keyOf(text)
  const whole = sentences[key]
  if (whole !== undefined)
    return whole.replace(/\{\{(\d)\}\}/g, (_, gap: string) => data[Number(gap) - 1] ?? '')
  return key === GAP ? `「${data[0] ?? ''}」` : inPieces(text, sentences)
}

/** Where sentences are put together, the loosest joint first, and how the pieces are joined again. */
const JOINTS: readonly (readonly [string, (head: string, tail: string) => string])[] = [
  ['; ', (head, tail) => `${head}。${tail}`],
  [': expected ', (head, tail) => `${head}。ここには ${tail} が入ります`],
  [', expected ', (head, tail) => `${head}。ここには ${tail} が入ります`],
  [', did you mean ', (head, tail) => `${head}。${tail}`],
  [': ', (head, tail) => `${head}：${tail}`],
  [', ', (head, tail) => `${head}、${tail}`],
  [' or ', (head, tail) => `${head}、${tail}`],
]

function inPieces(text: string, sentences: Sentences): string | undefined {
  for (const [joint, join] of JOINTS) {
    const at = outsideData(text, joint)
    if (at < 0) continue
    const rest = text.slice(at + joint.length)
    const head = translated(text.slice(0, at), sentences)
    const tail = translated(joint === ', did you mean ' ? `did you mean ${rest}` : rest, sentences)
    if (head !== undefined && tail !== undefined) return join(head, tail)
  }
  return undefined
}

/** Where `joint` stands first outside of backticks; -1: nowhere. */
function outsideData(text: string, joint: string): number {
  let at = text.indexOf(joint)
  while (at >= 0 && (text.slice(0, at).split('`').length - 1) % 2 === 1) at = text.indexOf(joint, at + 1)
  return at
}

export interface Said {
  text: string
  /** The language it is in, when it is not the reader's. */
  lang?: 'en' | undefined
}

/** Says what the server said; several sentences one after another. */
export function useSaid(): (...said: (string | null | undefined)[]) => Said {
  const { i18n } = useTranslation()
  const { language } = i18n
  return useCallback(
    (...said) => {
      const all = said.filter((each) => each !== null && each !== undefined && each !== '')
      const sentences = i18n.getResourceBundle(language, 'said') as Sentences | undefined
      if (sentences === undefined) return { text: all.join('. ') }
      const texts = all.map((each) => translated(each ?? '', sentences))
      return texts.every((each) => each !== undefined)
        ? { text: texts.map((each) => (/[。？]$/.test(each) ? each : `${each}。`)).join('') }
        : { text: all.join('. '), lang: 'en' }
    },
    [i18n, language],
  )
}
