import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import sentences from './ja/said.json'
import { keyOf, translated } from './said'

test.each([
  ['not a number', '数値ではありません'],
  ['there is no such audience. audience=`vip`', 'このオーディエンスはありません（audience=vip）'],
  ['write "purchase" if that is its name', '名前の場合は "purchase" のように引用符で囲んでください'],
  [
    'write `not` or an event name in quotes there',
    'ここに 「not」、引用符で囲んだイベント名 を入力してください',
  ],
  ['not a number\ndid x\n    ^', '数値ではありません'],
  ['this is not well-formed (3:4)', '書式が正しくありません（3:4）'],
  [
    'found `leats`: expected `least` or `most`; did you mean `least`?',
    '「leats」は使えません。ここには 「least」、「most」 が入ります。「least」ではありませんか？',
  ],
  [
    'unknown filter, did you mean `upcase`?. filter=`upcas`',
    'フィルターがありません。「upcase」ではありませんか？（filter=upcas）',
  ],
  [
    'give it a fallback, as in `{{ customer.name | default: "…" }}`',
    '{{ customer.name | default: "…" }} のように、代わりの値を指定してください',
  ],
])('%s', (said, expected) => {
  expect(translated(said, sentences)).toBe(expected)
})

test('a sentence without a text stays as it came', () => {
  expect(translated('the moon is full', sentences)).toBeUndefined()
})

test('a datum is no part of the sentence', () => {
  expect(keyOf('a name has 1 to 100 characters. value=`x`').key).toBe('a name has _ to _ characters. value=_')
})

/** Everything the server may say, as one text. */
function sources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return entry.name === 'target' ? '' : sources(path)
      return entry.name.endsWith('.rs') ? readFileSync(path, 'utf8') : ''
    })
    .join('\n')
}

test('every sentence that has a text is one that the server says', () => {
  const said = sources(new URL('../../../crates', import.meta.url).pathname).replaceAll('\\"', '"')
  const strange = Object.keys(sentences).filter((key) =>
    key
      .split('_')
      .some((piece) => piece.trim().length > 5 && !said.includes(piece.replace(/^["`]|["`]$/g, ''))),
  )
  expect(strange).toEqual([])
})
