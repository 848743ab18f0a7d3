/** How much script a page costs, compressed; the manifest of the build says what a page needs. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

const DIST = fileURLToPath(new URL('../dist', import.meta.url))
const FIRST_MAX = 350_000
const PAGE_MAX = 100_000
/** Charts draw after the page stands; their engine is one chunk that all of them share. */
const ENGINE = 'src/ui/chart-engine.ts'
const ENGINE_MAX = 185_000

interface Chunk {
  file: string
  imports?: string[]
  isDynamicEntry?: boolean
}

const manifest = JSON.parse(readFileSync(`${DIST}/.vite/manifest.json`, 'utf8')) as Record<string, Chunk>

function needs(entry: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[entry]
  if (chunk === undefined || seen.has(entry)) return seen
  seen.add(entry)
  for (const each of chunk.imports ?? []) needs(each, seen)
  return seen
}

function bytes(chunks: Iterable<string>): number {
  const files = new Set(
    [...chunks].flatMap((each) => manifest[each]?.file ?? []).filter((file) => file.endsWith('.js')),
  )
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(`${DIST}/${file}`)).length, 0)
}

const language = 'src/i18n/ja/index.ts'
const home = 'src/pages/home.tsx'
const first = new Set([...needs('index.html'), ...needs(language), ...needs(home)])
const pages = Object.keys(manifest).filter((name) => name.startsWith('src/pages/'))

test('the first load, with its language and Home, stays small', () => {
  expect(bytes(first)).toBeLessThan(FIRST_MAX)
})

test('every further page adds little', () => {
  const large = pages
    .map((page) => [page, bytes([...needs(page)].filter((each) => !first.has(each)))] as const)
    .filter(([, size]) => size >= PAGE_MAX)
  expect(pages.length).toBeGreaterThan(15)
  expect(large).toEqual([])
})

test('the engine of the charts is loaded only where there is a chart, and does not grow unseen', () => {
  for (const page of pages) expect([...needs(page)]).not.toContain(ENGINE)
  expect(bytes([ENGINE])).toBeLessThan(ENGINE_MAX)
})
