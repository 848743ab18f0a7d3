/** The pages there are, each in the states worth a look. */

/** Every page for those who are signed in, by a name for files and tests. */
export const PAGES: readonly (readonly [string, string])[] = [
  ['home', '/'],
  ['customers', '/customers'],
  ['customer', '/customers/c11'],
  ['customer-messages', '/customers/c11?tab=messages'],
  ['customer-consents', '/customers/c11?tab=consents'],
  ['peek', '/customers?peek=c22'],
  ['why', '/customers?why=m3-c33-0'],
  ['audiences', '/audiences'],
  ['audience', '/audiences/Silent%20for%2060%20days'],
  ['audience-new', '/audiences/new?text=did%20%22purchase%22'],
  ['questions', '/questions'],
  ['rfm', '/explore/rfm'],
  ['trend', '/explore/trend'],
  ['trend-table', '/explore/trend?as=table&range=7d'],
  ['trend-people', '/explore/trend?pick=%7B%22type%22%3A%22point%22%2C%22line%22%3A0%2C%22bucket%22%3A3%7D'],
  ['funnel', '/explore/funnel'],
  ['funnel-table', '/explore/funnel?as=table&breakdown=category'],
  ['retention', '/explore/retention'],
  ['paths', '/explore/paths'],
  ['paths-after', '/explore/paths?direction=after&anchor=push_open'],
  ['campaigns', '/campaigns'],
  ['campaign-new', '/campaigns/new'],
  ['campaign-content', '/campaigns/6'],
  ['campaign-checks', '/campaigns/6?tab=checks'],
  ['campaign-running', '/campaigns/4'],
  ['campaign-report', '/campaigns/3'],
  ['campaign-people', '/campaigns/3?tab=people&outcome=suppress'],
  ['live', '/data/live'],
  ['dictionary', '/data/dictionary'],
  ['dictionary-entry', '/data/dictionary/purchase'],
  ['rejects', '/data/rejects'],
  ['keys', '/data/keys'],
  ['imports', '/data/imports'],
  ['sandbox', '/sandbox'],
  ['settings', '/settings'],
  ['lost', '/nowhere'],
  ['missing', '/customers/cfffffff'],
]

/** Every page before the door. */
export const DOORS: readonly (readonly [string, string])[] = [
  ['sign-in', '/signin'],
  ['set-up', '/setup?token=st_1'],
  ['reset', '/reset?token=pr_1'],
]
