// Runs the golden suite through LiquidJS and sorts every difference from Shopify's Liquid (which ours agrees with in
// every case) under its explanation in docs/liquid.md. Fails when one has none.
//
// zstd -dc golden_liquid.json.zst > suite.json && node differential.mjs suite.json
import { readFileSync } from 'node:fs'
import { Liquid } from 'liquidjs'

// The first explanation that fits is the one; names are those of the rows in docs/liquid.md.
const EXPLANATIONS = [
  ['arguments and types', (name, invalid) => invalid],
  ['missing tags', (name) => /^tags, (doc|ifchanged)/.test(name)],
  ['white space in blank blocks', (name) => /whitespace.only|only whitespace|blank empty loops|capture block|whitespace and comments/.test(name)],
  ['rows of a table', (name) => /^tags, tablerow/.test(name)],
  ['branches', (name) => /^tags, (case|if, e(lse|xtra)|unless, e(lse|xtra))/.test(name)],
  ['loops inside loops', (name) => /parentloop/.test(name)],
  ['ranges of floats', (name) => /range|float start/.test(name)],
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

const suite = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const counts = new Map()
let same = 0
for (const test of suite.tests) {
  const engine = new Liquid({ templates: test.templates ?? {}, timezoneOffset: 0 })
  let out
  try {
    out = engine.parseAndRenderSync(test.template, test.data ?? {})
  } catch {
    out = undefined
  }
  const wanted = test.results ?? [test.result]
  if (test.invalid ? out === undefined : wanted.includes(out)) {
    same++
    continue
  }
  const explanation = EXPLANATIONS.find(([, fits]) => fits(test.name, test.invalid === true))
  if (!explanation) console.log(`unexplained: ${test.name}`)
  const name = explanation ? explanation[0] : 'unexplained'
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
console.log(`the same: ${same} of ${suite.tests.length}`)
for (const [name, count] of counts) console.log(`${name}: ${count}`)
process.exitCode = counts.has('unexplained') ? 1 : 0
