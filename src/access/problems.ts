import { z } from 'zod'

/** One fault in what was sent: where (RFC 6901), a stable code, and what to do about it. */
export interface Fault {
  pointer: string
  code: string
  detail: string
}

/**
 * An answer that refuses (RFC 9457). Routes throw it, `web.ts` turns it into problem+json. It never holds a value that
 * was sent, because a value may be personal data.
 */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly errors: readonly Fault[]
  readonly headers: Readonly<Record<string, string>>

  constructor(about: {
    status: number
    code: string
    title: string
    detail?: string
    errors?: readonly Fault[]
    headers?: Record<string, string>
  }) {
    super(about.detail ?? about.title)
    this.status = about.status
    this.code = about.code
    this.title = about.title
    this.errors = about.errors ?? []
    this.headers = about.headers ?? {}
  }
}

/** Every fault of a body at once. */
export const badRequest = (errors: readonly Fault[]) =>
  new Problem({
    status: 400,
    code: 'bad-request',
    title: 'The request has faults',
    detail: `${errors.length === 1 ? 'One fault' : `${errors.length} faults`}, each named in errors`,
    errors,
  })

export const notAuthenticated = (detail: string) =>
  new Problem({
    status: 401,
    code: 'not-authenticated',
    title: 'Who is calling is not known',
    detail,
    headers: { 'www-authenticate': 'Bearer realm="daymark"' },
  })

export const missingScope = (scope: string) =>
  new Problem({ status: 403, code: 'missing-scope', title: 'The key may not do this', detail: `It lacks the scope ${scope}` })

/** A page of somebody else's had a browser call us, and the browser brought its cookie along (CSRF). */
export const fromElsewhere = () =>
  new Problem({
    status: 403,
    code: 'from-elsewhere',
    title: 'That did not come from a page of this service',
    detail: 'A change made with a session must come from our own pages: by Sec-Fetch-Site: same-origin, or by our Origin',
  })

/** The identity provider, or the server that makes tokens, cannot be asked. Holders of API keys notice nothing. */
export const providerAway = (detail: string) =>
  new Problem({
    status: 503,
    code: 'identity-provider-away',
    title: 'Who is calling cannot be asked just now',
    detail,
    headers: { 'retry-after': '5' },
  })

/** Absent and not-yours are the same answer: a different one would say that the thing exists. */
export const notFound = (what: string) =>
  new Problem({
    status: 404,
    code: 'not-found',
    title: `No such ${what}`,
    detail: `There is no such ${what}, or it is not your agency's`,
  })

export const tooManyRequests = () =>
  new Problem({
    status: 429,
    code: 'too-many-requests',
    title: 'Too many requests',
    detail: 'Wait as Retry-After says, then send the same again',
    headers: { 'retry-after': '1' },
  })

export const conflict = (code: string, detail: string) =>
  new Problem({ status: 409, code, title: 'That cannot be done now', detail })

/** The body of every refusal, for OpenAPI. */
export const problemBody = z
  .object({
    type: z.string().describe('A stable address that names the kind of problem'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional().describe('The path that was called'),
    requestId: z.string(),
    errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem' })

/** What every documented route may answer when it refuses. */
export const refusals = {
  '4xx': { description: 'A problem (RFC 9457)', content: { 'application/problem+json': { schema: problemBody } } },
} as const
