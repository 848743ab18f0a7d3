/** The living shop of `dev/shop.ts` behind Vite's own server: for development and tests, never shipped. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Plugin } from 'vite'
import { Shop } from './shop'

/** What the real server sends with every page of the console. */
export const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; font-src 'self'; connect-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'"

async function read(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  return text === '' ? undefined : JSON.parse(text)
}

/** What a session reads, if somebody is signed in with it. */
const SESSION = /(?:^|;\s*)session=(dev[\w-]*)/

type Answers = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>

function answers(): Answers {
  // Each session has a shop of its own, so that one test does not see what another did.
  const shops = new Map<string, Shop>()
  const shopOf = (session: string): Shop => {
    const shop = shops.get(session) ?? new Shop()
    shops.set(session, shop)
    return shop
  }
  return async (request, response, url) => {
    const session = SESSION.exec(request.headers.cookie ?? '')?.[1]
    const answer = shopOf(session ?? 'dev').answer({
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      body: await read(request),
      signedIn: session !== undefined,
    })
    if (answer.session !== undefined) {
      response.setHeader('set-cookie', `session=${answer.session}; Path=/; HttpOnly; SameSite=Lax`)
    }
    response.statusCode = answer.status
    if (answer.body === undefined) {
      response.end()
      return
    }
    response.setHeader('content-type', answer.status < 400 ? 'application/json' : 'application/problem+json')
    response.end(JSON.stringify(answer.body))
  }
}

function middleware() {
  const answer = answers()
  return (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (url.pathname.startsWith('/api/')) {
      // What a page took back, or the shop does not know, is that request's failure alone.
      answer(request, response, url).catch(next)
      return
    }
    response.setHeader('content-security-policy', POLICY)
    // As the server does: these names carry a hash of what is in them.
    if (url.pathname.startsWith('/assets/')) {
      response.setHeader('cache-control', 'public, max-age=31536000, immutable')
    }
    next()
  }
}

export function shop(): Plugin {
  return {
    name: 'shop',
    configureServer(server) {
      const handle = middleware()
      // Vite's development client is an inline script, so no policy here; the built console gets it.
      server.middlewares.use((request, response, next) => {
        if (request.url?.startsWith('/api/')) handle(request, response, next)
        else next()
      })
    },
    configurePreviewServer(server) {
      server.middlewares.use(middleware())
    },
  }
}
