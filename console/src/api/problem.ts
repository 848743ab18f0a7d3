/** What went wrong, in a form that a page can show: what failed, where, and what to do. */

/** RFC 9457, as the server speaks it. */
export interface ProblemBody {
  title?: string
  detail?: string
  field?: string | null
  value?: string | null
  fix?: string | null
  request_id?: string | null
}

export type ProblemKind =
  'invalid' | 'signed_out' | 'forbidden' | 'missing' | 'conflict' | 'busy' | 'offline' | 'broken'

export class Problem extends Error {
  override readonly name = 'Problem'

  constructor(
    readonly kind: ProblemKind,
    /** The server's own words; precise, for the curious. */
    readonly said: ProblemBody,
  ) {
    super([said.detail ?? said.title, said.fix].filter(Boolean).join(' · '))
  }

  /** Whether trying the same again may help. */
  get passing(): boolean {
    return this.kind === 'busy' || this.kind === 'offline' || this.kind === 'broken'
  }
}

function kindOf(status: number): ProblemKind {
  switch (status) {
    case 401:
      return 'signed_out'
    case 403:
      return 'forbidden'
    case 404:
    case 410:
      return 'missing'
    case 409:
    case 412:
      return 'conflict'
    case 429:
    case 502:
    case 503:
    case 504:
      return 'busy'
    default:
      return status < 500 ? 'invalid' : 'broken'
  }
}

/** The problem that an answer which is no success tells of. */
export function problemOf(status: number, body: unknown): Problem {
  const said: ProblemBody = typeof body === 'object' && body !== null ? body : {}
  return new Problem(kindOf(status), { title: `HTTP ${String(status)}`, ...said })
}

/** The problem behind anything that was thrown. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  const detail = thrown instanceof Error ? thrown.message : String(thrown)
  return new Problem(thrown instanceof TypeError ? 'offline' : 'broken', { detail })
}
