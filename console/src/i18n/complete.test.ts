import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import english from './en'
import japanese from './ja'

type Texts = Record<string, Record<string, string>>
const en: Texts = english
const ja: Texts = japanese

/** Japanese has one form for every number, English two (and one for none). */
const PLURAL = /_(zero|one|other)$/

function meanings(texts: Texts): string[] {
  return Object.entries(texts).flatMap(([namespace, keys]) =>
    [...new Set(Object.keys(keys).map((key) => key.replace(PLURAL, '')))].map((key) => `${namespace}:${key}`),
  )
}

test('every text exists in both languages', () => {
  expect(meanings(ja).toSorted()).toEqual(meanings(en).toSorted())
})

test('no text is empty', () => {
  const empty = [en, ja].flatMap((texts) =>
    Object.values(texts).flatMap((keys) => Object.entries(keys).filter(([, text]) => text.trim() === '')),
  )
  expect(empty).toEqual([])
})

test('a text that counts has every form its language needs', () => {
  const missing = (texts: Texts, forms: readonly string[]) =>
    Object.values(texts).flatMap((keys) =>
      Object.keys(keys)
        .filter((key) => PLURAL.test(key))
        .map((key) => key.replace(PLURAL, ''))
        .flatMap((key) =>
          forms.filter((form) => !(`${key}_${form}` in keys)).map((form) => `${key}_${form}`),
        ),
    )
  expect(missing(en, ['one', 'other'])).toEqual([])
  expect(missing(ja, ['other'])).toEqual([])
})

test('both languages fill the same gaps', () => {
  const gaps = (text: string) => [...new Set(text.match(/\{\{\w+\}\}|<\w+>/g))].toSorted()
  for (const [namespace, keys] of Object.entries(ja)) {
    for (const [key, text] of Object.entries(keys)) {
      expect(gaps(text), `${namespace}:${key}`).toEqual(gaps(en[namespace]?.[key] ?? ''))
    }
  }
})

test('Japanese uses full-width punctuation between Japanese letters', () => {
  const halfWidth = /[ぁ-んァ-ヶ一-龠][,.!?:;()](?=$|[ぁ-んァ-ヶ一-龠\s])/
  const wrong = Object.values(ja).flatMap((keys) =>
    Object.values(keys).filter((text) => halfWidth.test(text)),
  )
  expect(wrong).toEqual([])
})

/** Enums of the contract whose words the console says, and the family of words that says them. */
const FAMILIES: Record<string, string> = {
  Role: 'role',
  Channel: 'channel',
  Purpose: 'purpose',
  AddressState: 'address',
  MomentKind: 'moment',
  CampaignState: 'campaign',
  MessageState: 'state',
  GateResult: 'gateResult',
  RfmGroupName: 'group',
  KeyKind: 'key',
  ImportState: 'import',
  ObstacleCode: 'obstacle',
  ProblemCode: 'problem',
}

test('every word of the contract has a text', () => {
  const contract = JSON.parse(readFileSync(new URL('../../../openapi.json', import.meta.url), 'utf8')) as {
    components: { schemas: Record<string, { enum?: string[]; oneOf?: { enum?: string[] }[] }> }
  }
  for (const [name, family] of Object.entries(FAMILIES)) {
    const schema = contract.components.schemas[name]
    const words = schema?.enum ?? schema?.oneOf?.flatMap((each) => each.enum ?? []) ?? []
    expect(words.length, name).toBeGreaterThan(0)
    for (const word of words) expect(en['words'], `${name} ${word}`).toHaveProperty([`${family}.${word}`])
  }
})

test('a namespace is a file', () => {
  const files = readdirSync(new URL('./en', import.meta.url)).filter((name) => name.endsWith('.json'))
  expect(files.map((name) => name.replace('.json', '')).toSorted()).toEqual(Object.keys(en).toSorted())
})
