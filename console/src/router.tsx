import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { queries } from './api/client'
import { meQuery } from './api/session'
import { SEARCHES } from './lib/question'
import { besideIn, oneOf, optional, textIn } from './lib/search'
import { Layout } from './shell/layout'
import { Lost, RouteFailed } from './shell/lost'
import { Loading } from './ui/state'

const root = createRootRoute({ component: Outlet, notFoundComponent: Lost, errorComponent: RouteFailed })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/signin',
  validateSearch: optional((search) => ({ then: textIn(search, 'then') })),
  component: lazyRouteComponent(() => import('./pages/sign-in'), 'SignIn'),
})

const setUp = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  validateSearch: optional((search) => ({ token: textIn(search, 'token') })),
  component: lazyRouteComponent(() => import('./pages/set-up'), 'SetUp'),
})

const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset',
  validateSearch: optional((search) => ({ token: textIn(search, 'token') })),
  component: lazyRouteComponent(() => import('./pages/reset'), 'Reset'),
})

/** Everything that needs somebody who is signed in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Layout,
  validateSearch: besideIn,
  beforeLoad: async ({ location }) => {
    const me = await queries.ensureQueryData(meQuery)
    if (me === null) throw redirect({ to: '/signin', search: { then: location.href } })
  },
})

const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/home'), 'Home'),
})

const customers = createRoute({
  getParentRoute: () => inside,
  path: '/customers',
  validateSearch: optional((search) => ({ query: textIn(search, 'query') })),
  component: lazyRouteComponent(() => import('./pages/customers'), 'Customers'),
})

export const CUSTOMER_TABS = ['timeline', 'messages', 'consents', 'traits'] as const

const customer = createRoute({
  getParentRoute: () => inside,
  path: '/customers/$id',
  validateSearch: optional((search) => ({ tab: oneOf(search, 'tab', CUSTOMER_TABS) })),
  component: lazyRouteComponent(() => import('./pages/customer'), 'CustomerPage'),
})

const audiences = createRoute({
  getParentRoute: () => inside,
  path: '/audiences',
  component: lazyRouteComponent(() => import('./pages/audiences'), 'Audiences'),
})

const audienceNew = createRoute({
  getParentRoute: () => inside,
  path: '/audiences/new',
  validateSearch: optional((search) => ({ name: textIn(search, 'name'), text: textIn(search, 'text') })),
  component: lazyRouteComponent(() => import('./pages/audience-new'), 'AudienceNew'),
})

export const SIZE_DAYS = ['7', '30', '90', '365'] as const
export const DIRECTIONS = ['entered', 'left'] as const

const audience = createRoute({
  getParentRoute: () => inside,
  path: '/audiences/$name',
  validateSearch: optional((search) => ({
    days: oneOf(search, 'days', SIZE_DAYS),
    as: oneOf(search, 'as', ['table']),
    passages: oneOf(search, 'passages', DIRECTIONS),
  })),
  component: lazyRouteComponent(() => import('./pages/audience'), 'AudiencePage'),
})

const saved = createRoute({
  getParentRoute: () => inside,
  path: '/questions',
  component: lazyRouteComponent(() => import('./pages/questions'), 'SavedQuestions'),
})

const trend = createRoute({
  getParentRoute: () => inside,
  path: '/explore/trend',
  validateSearch: optional(SEARCHES.trend),
  component: lazyRouteComponent(() => import('./pages/trend'), 'Trend'),
})

const funnel = createRoute({
  getParentRoute: () => inside,
  path: '/explore/funnel',
  validateSearch: optional(SEARCHES.funnel),
  component: lazyRouteComponent(() => import('./pages/funnel'), 'Funnel'),
})

const retention = createRoute({
  getParentRoute: () => inside,
  path: '/explore/retention',
  validateSearch: optional(SEARCHES.retention),
  component: lazyRouteComponent(() => import('./pages/retention'), 'Retention'),
})

const paths = createRoute({
  getParentRoute: () => inside,
  path: '/explore/paths',
  validateSearch: optional(SEARCHES.paths),
  component: lazyRouteComponent(() => import('./pages/paths'), 'Paths'),
})

const rfm = createRoute({
  getParentRoute: () => inside,
  path: '/explore/rfm',
  validateSearch: optional(SEARCHES.rfm),
  component: lazyRouteComponent(() => import('./pages/rfm'), 'Rfm'),
})

const campaigns = createRoute({
  getParentRoute: () => inside,
  path: '/campaigns',
  component: lazyRouteComponent(() => import('./pages/campaigns'), 'Campaigns'),
})

const campaignNew = createRoute({
  getParentRoute: () => inside,
  path: '/campaigns/new',
  validateSearch: optional((search) => ({ audience: textIn(search, 'audience') })),
  component: lazyRouteComponent(() => import('./pages/campaign-new'), 'CampaignNew'),
})

export const CAMPAIGN_TABS = ['content', 'checks', 'report', 'people'] as const

const campaign = createRoute({
  getParentRoute: () => inside,
  path: '/campaigns/$id',
  validateSearch: optional((search) => ({
    tab: oneOf(search, 'tab', CAMPAIGN_TABS),
    outcome: textIn(search, 'outcome'),
    reason: textIn(search, 'reason'),
  })),
  component: lazyRouteComponent(() => import('./pages/campaign'), 'CampaignPage'),
})

const live = createRoute({
  getParentRoute: () => inside,
  path: '/data/live',
  validateSearch: optional((search) => ({ event: textIn(search, 'event') })),
  component: lazyRouteComponent(() => import('./pages/live'), 'LivePage'),
})

const dictionary = createRoute({
  getParentRoute: () => inside,
  path: '/data/dictionary',
  component: lazyRouteComponent(() => import('./pages/dictionary'), 'Dictionary'),
})

const entry = createRoute({
  getParentRoute: () => inside,
  path: '/data/dictionary/$name',
  component: lazyRouteComponent(() => import('./pages/dictionary-entry'), 'DictionaryEntry'),
})

const rejects = createRoute({
  getParentRoute: () => inside,
  path: '/data/rejects',
  component: lazyRouteComponent(() => import('./pages/rejects'), 'Rejects'),
})

const keys = createRoute({
  getParentRoute: () => inside,
  path: '/data/keys',
  component: lazyRouteComponent(() => import('./pages/keys'), 'Keys'),
})

const imports = createRoute({
  getParentRoute: () => inside,
  path: '/data/imports',
  component: lazyRouteComponent(() => import('./pages/imports'), 'Imports'),
})

const sandbox = createRoute({
  getParentRoute: () => inside,
  path: '/sandbox',
  validateSearch: optional((search) => ({ mail: textIn(search, 'mail') })),
  component: lazyRouteComponent(() => import('./pages/sandbox'), 'SandboxPage'),
})

const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings'), 'SettingsPage'),
})

const people = [customers, customer, audiences, audienceNew, audience]
const explore = [saved, trend, funnel, retention, paths, rfm]
const engage = [campaigns, campaignNew, campaign]
const data = [live, dictionary, entry, rejects, keys, imports]

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    setUp,
    reset,
    inside.addChildren([home, ...people, ...explore, ...engage, ...data, sandbox, settings]),
  ]),
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
