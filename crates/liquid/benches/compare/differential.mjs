// Runs the golden suite through LiquidJS and sorts every difference from Shopify's Liquid (which ours agrees with in
// every case) under its explanation in docs/liquid.md. Fails when one has none.
//
// It does the same for generated templates and what ours renders. `scripts/differential.sh` writes both into a folder
// and calls this with it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Liquid } from 'liquidjs'

// The first explanation that fits is the one; names are those of the rows in docs/liquid.md.
const EXPLANATIONS = [
  ['arguments and types', (name, invalid) => invalid],
  ['missing tags', (name) => /^tags, (doc|ifchanged)/.test(name)],
  ['white space in blank blocks', (name) => /whitespace.only|only whitespace|blank empty loops|capture block|whitespace and comments/.test(name)],
  ['rows of a table', (name) => /^tags, tablerow/.test(name)],
  ['branches', (name) => /^tags, (case|if, e(lse|xtra)|unless, e(lse|xtra))/.test(name)],
  ['loops inside loops', (name) => /parentloop/.test(name)],
  ['ranges', (name) => /range|float start/.test(name)],
  ['arguments of partials', (name) => /^tags, (include|render)/.test(name)],
  ['groups of cycles', (name) => /^tags, cycle/.test(name)],
  ['comments inside comments', (name) => /^tags, comment/.test(name)],
  ['white space in raw and in paths', (name) => /raw tags|whitespace between/.test(name)],
  ['base 64 of URLs', (name) => /^filters, base64 url safe/.test(name)],
  ['items by property', (name) => /^filters, (find|find index|has|reject|where|map|concat|sum|uniq|compact|sort natural, argument)/.test(name)],
  ['maps as text and lists', (name) => /object|hash|array of things|incompatible types/.test(name)],
  ['numbers', (name) => /^filters, (divided by|minus|plus|modulo|round|times|default, 0\.0)/.test(name)],
  ['arguments that are nothing', (name) => /undefined|keyword argument before/.test(name)],
  ['blank, nil and false', (name) => /^blank and empty|contains (nil|false)/.test(name)],
  ['splitting and encoding', (name) => /^filters, (split|url encode)/.test(name)],
]

// The same for generated templates, which have no names: by what they hold and how the outcomes differ.
const GENERATED = [
  ['arguments and types', ({ out }) => out === null],
  ['additions of ours', ({ template }) => /\$\{|\| (money|number|width|truncate_width|local_date|t:)/.test(template)],
  ['missing tags', ({ template }) => /ifchanged/.test(template)],
  ['rows of a table', ({ template }) => /tablerow/.test(template)],
  ['maps as text and lists', ({ out }, theirs) => /=>/.test(out) || /\[object/.test(theirs)],
  ['arguments of partials', ({ template }) => /include 'part' for/.test(template)],
  ['white space in blank blocks', ({ out }, theirs) => theirs !== undefined && squeeze(out) === squeeze(theirs)],
  ['numbers', ({ template }) => /times|divided_by|plus|round|abs|sum/.test(template)],
  ['items by property', ({ template }) => /\| (where|map|has|find|concat|compact|uniq|sort)/.test(template)],
  ['branches', ({ template }) => /{% case/.test(template)],
  ['white space in raw and in paths', ({ template }) => /{% raw|{%-? #/.test(template)],
  ['groups of cycles', ({ template }) => /{% cycle/.test(template)],
  ['ranges', ({ template }) => /\(\S+\.\.\S+\)/.test(template)],
  ['blank, nil and false', ({ template }) => /blank|empty|nil|nothing|contains|[<>]/.test(template)],
  ['splitting and encoding', ({ template }) => /\| (split|slice|truncate|date|replace|url_|strip_html|escape)/.test(template)],
]

const squeeze = (text) => text.replace(/\s/g, '')

let counts = new Map()
let same = 0

function render(template, data, templates) {
  try {
    return new Liquid({ templates, timezoneOffset: 0 }).parseAndRenderSync(template, data)
  } catch {
    return undefined
  }
}

function explain(explanation, what) {
  if (!explanation) console.log(`unexplained: ${what}`)
  const name = explanation ? explanation[0] : 'unexplained'
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function report(what, total) {
  console.log(`${what}: LiquidJS says the same in ${same} of ${total}; explained differences:`)
  for (const [name, count] of counts) console.log(`  ${name}: ${count}`)
  if (counts.has('unexplained')) process.exitCode = 1
  counts = new Map()
  same = 0
}

function golden(path) {
  const suite = JSON.parse(readFileSync(path, 'utf8'))
  for (const test of suite.tests) {
    const theirs = render(test.template, test.data ?? {}, test.templates ?? {})
    const wanted = test.results ?? [test.result]
    if (test.invalid ? theirs === undefined : wanted.includes(theirs)) same++
    else explain(EXPLANATIONS.find(([, fits]) => fits(test.name, test.invalid === true)), test.name)
  }
  report('golden suite', suite.tests.length)
}

function generated(path) {
  const cases = readFileSync(path, 'utf8').trim().split('\n').map((line) => JSON.parse(line))
  for (const test of cases) {
    const theirs = render(test.template, test.data, { part: '[{{ x }}{% assign z = x %}]' })
    if (theirs === (test.out ?? undefined)) same++
    else explain(GENERATED.find(([, fits]) => fits(test, theirs)), JSON.stringify([test.template, test.out, theirs]))
  }
  report('generated templates', cases.length)
}

const folder = process.argv[2]
if (existsSync(join(folder, 'golden.json'))) golden(join(folder, 'golden.json'))
else console.log('skipped: the golden suite is not here; say where with OMOTENASHI_DATASETS')
generated(join(folder, 'generated.ndjson'))
