import shell from './shell.json'
import door from './door.json'
import home from './home.json'
import customers from './customers.json'
import audiences from './audiences.json'
import condition from './condition.json'
import rfm from './rfm.json'
import trend from './trend.json'
import explore from './explore.json'
import funnel from './funnel.json'
import retention from './retention.json'
import paths from './paths.json'
import campaigns from './campaigns.json'
import data from './data.json'
import sandbox from './sandbox.json'
import settings from './settings.json'
import words from './words.json'
import said from './said.json'

/** What the server says: see `said.ts`. */
export { said }

export default {
  shell,
  door,
  home,
  customers,
  audiences,
  condition,
  rfm,
  trend,
  explore,
  funnel,
  retention,
  paths,
  campaigns,
  data,
  sandbox,
  settings,
  words,
}
