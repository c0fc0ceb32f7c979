import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Database } from '../database/connection.ts'
import { openJson, sealJson } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import type { Clock } from '../words/clock.ts'
import { type GuardedFetch, guardedFetch } from './guarded-fetch.ts'
import { type Carried, type Finished, type IdentityProvider, openIdentityProvider } from './identity-provider.ts'
import type { Outgoing } from './outgoing.ts'
import { openSessions, type Sessions } from './sessions.ts'
import type { SignInSettings } from './sign-in-settings.ts'
import { openVerify } from './signed-tokens.ts'

/** How people come in: an identity provider to ask, and sessions to keep. */
export interface SignIn {
  publicUrl: URL
  sessions: Sessions
  /** Sends a browser to the provider with what it must bring back. @throws CannotBeReached */
  begin: (reply: FastifyReply, to: string, agency: string | null) => Promise<URL>
  /** Takes what the browser brought back, once. */
  finish: (request: FastifyRequest, reply: FastifyReply) => Promise<{ finished: Finished; carried: Carried } | 'not begun'>
  /** Reads a provider's word that a session of its own has ended (OpenID Connect Back-Channel Logout 1.0). */
  readLogout: (token: string) => Promise<Logout | 'away' | null>
  /** Whether the provider answered when it was last asked. */
  answers: () => boolean
}

/** Whose session has ended at the provider: that one, or all of a person's. */
export interface Logout {
  issuer: string
  subject: string | null
  providerSession: string | null
}

/** How long a person may be at the provider: a second factor is looked for, a password reset. */
const UNDER_WAY_S = 15 * 60
const PLACE = 'signing in'
const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout'

/** Opens the way in for people. Nothing is asked of the provider until somebody comes. */
export function openSignIn(
  settings: SignInSettings,
  room: { database: Database; keys: Keys; now: Clock; outgoing: Outgoing },
): SignIn {
  const { database, keys, now, outgoing } = room
  const fetch: GuardedFetch = guardedFetch(outgoing)
  const provider: IdentityProvider = openIdentityProvider(settings, fetch, now)
  const sessions = openSessions(database, keys, now, settings.publicUrl)
  const verify = openVerify(provider.published, fetch, now)
  const { cookies } = sessions
  const { access: key } = keys.service

  function carriedBy(request: FastifyRequest): Carried | null {
    const cookie = cookies.read(request, cookies.signingIn)
    if (cookie === null) return null
    try {
      const { until, ...carried } = openJson<Carried & { until: number }>(key, PLACE, Buffer.from(cookie, 'base64url'))
      return now().epochMilliseconds < until ? carried : null
    } catch {
      // Not sealed by us: as good as none.
      return null
    }
  }

  return {
    publicUrl: settings.publicUrl,
    sessions,
    begin: async (reply, to, agency) => {
      const { url, carried } = await provider.begin(to, agency)
      const until = now().epochMilliseconds + UNDER_WAY_S * 1000
      const sealed = sealJson(key, PLACE, { ...carried, until }).toString('base64url')
      cookies.set(reply, cookies.signingIn, sealed, UNDER_WAY_S)
      return url
    },
    finish: async (request, reply) => {
      const carried = carriedBy(request)
      cookies.clear(reply, cookies.signingIn)
      if (!carried) return 'not begun'
      const query = new URLSearchParams(request.raw.url?.split('?').slice(1).join('?') ?? '')
      return { finished: await provider.finish(query, carried), carried }
    },
    readLogout: async (token) => {
      const verified = await verify(token, settings.clientId)
      if (verified.kind !== 'verified') return verified.kind === 'away' ? 'away' : null
      const { iss, sub, sid, events, nonce } = verified.claims
      const isLogout = typeof events === 'object' && events !== null && LOGOUT in events && nonce === undefined
      const subject = typeof sub === 'string' ? sub : null
      const providerSession = typeof sid === 'string' ? sid : null
      if (!isLogout || iss === undefined || (subject === null && providerSession === null)) return null
      return { issuer: iss, subject, providerSession }
    },
    answers: provider.published.answers,
  }
}
