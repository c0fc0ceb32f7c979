import type { FastifyReply, FastifyRequest } from 'fastify'

/** The cookies of ours that a browser holds. */
export interface Cookies {
  session: string
  signingIn: string
  /** HttpOnly, SameSite=Lax, the whole site and no other; Secure but on the loopback. */
  set: (reply: FastifyReply, name: string, value: string, maxAgeSeconds?: number) => void
  clear: (reply: FastifyReply, name: string) => void
  read: (request: FastifyRequest, name: string) => string | null
}

/**
 * Cookies for a site at `publicUrl`. With `__Host-` a browser itself refuses to have them set without TLS or from a neighbouring
 * host; it takes no such cookie over http, so on the loopback, in tests and the demo, the names stand without it.
 */
export function cookiesFor(publicUrl: URL): Cookies {
  const secure = publicUrl.protocol === 'https:'
  const prefix = secure ? '__Host-' : ''
  const put = (reply: FastifyReply, name: string, value: string, maxAge?: number) => {
    reply.setCookie(name, value, {
      path: '/',
      httpOnly: true,
      secure,
      sameSite: 'lax',
      ...(maxAge === undefined ? {} : { maxAge }),
    })
  }
  return {
    session: `${prefix}daymark-session`,
    signingIn: `${prefix}daymark-signing-in`,
    set: put,
    clear: (reply, name) => put(reply, name, '', 0),
    read: (request, name) => {
      const header = request.headers.cookie
      // Most calls are machines' and carry none.
      if (header === undefined) return null
      const parsed = request.server.parseCookie(header)
      return Object.hasOwn(parsed, name) ? (parsed[name] ?? null) : null
    },
  }
}

const SAFE = ['GET', 'HEAD', 'OPTIONS']

/**
 * Whether a call that a browser makes with its cookie comes from a page of ours (CSRF). The browser says so itself, in a header
 * that no page can write: `Sec-Fetch-Site: same-origin`. One too old for that says `Origin`, which must be ours; one that says
 * neither is refused. A form needs no token so, and there is none to leak. `Origin` alone would not do: under our
 * `Referrer-Policy: no-referrer` a form of our own is sent with `Origin: null`.
 */
export function comesFromUs({ method, headers }: Pick<FastifyRequest, 'method' | 'headers'>, publicUrl: URL): boolean {
  if (SAFE.includes(method)) return true
  const site = headers['sec-fetch-site']
  return site === undefined ? headers.origin === publicUrl.origin : site === 'same-origin'
}

/** The furthest a person is sent after signing in; longer paths are nobody's. */
const PATH_MAX = 500

/** The path to go to after signing in, or null where it would lead anywhere but to ourselves. */
export function ownPath(wanted: string, publicUrl: URL): string | null {
  // A browser reads a backslash as a slash, and drops tabs and newlines: what it would make of them is not guessed.
  if (wanted.length > PATH_MAX || !/^\/(?![/\\])[^\s\\]*$/.test(wanted)) return null
  if (!URL.canParse(wanted, publicUrl)) return null
  const { origin, pathname, search, hash } = new URL(wanted, publicUrl)
  return origin === publicUrl.origin && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : null
}
