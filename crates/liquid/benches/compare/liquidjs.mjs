// What LiquidJS reaches on the same messages: renders in a second, parses in a second. Prints JSON.
import { readFileSync } from 'node:fs'
import { Liquid } from 'liquidjs'

const data = JSON.parse(readFileSync('templates/data.json', 'utf8'))
const engine = new Liquid()
const rates = {}

// Processor time of this process in milliseconds, whatever else the machine does.
function processorTime() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function rate(work) {
  let best = 0
  for (let round = 0; round < 5; round++) {
    const start = processorTime()
    let done = 0
    while (processorTime() - start < 200) {
      for (let turn = 0; turn < 64; turn++) work()
      done += 64
    }
    best = Math.max(best, (done * 1000) / (processorTime() - start))
  }
  return best
}

for (const name of ['push', 'email', 'newsletter']) {
  const source = readFileSync(`templates/${name}.liquid`, 'utf8')
  const template = engine.parse(source)
  rates[name] = rate(() => engine.renderSync(template, data))
  rates[`parse ${name}`] = rate(() => engine.parse(source))
}
console.log(JSON.stringify(rates))
