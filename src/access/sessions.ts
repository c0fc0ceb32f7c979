import type { FastifyReply, FastifyRequest } from 'fastify'
import { asAgency, type Database } from '../database/connection.ts'
import { openDataKey, openJson } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import type { Clock } from '../words/clock.ts'
import type { SessionId } from '../words/ids.ts'
import { type Cookies, comesFromUs, cookiesFor } from './browser.ts'
import type { Claims } from './identity-provider.ts'
import { hashOfKey } from './keys-store.ts'
import type { Client } from './scopes.ts'
import { OPERATOR } from './scopes.ts'
import { endSessions, findSession, type ListedSession, listSessions, type StoredSession } from './session-store.ts'
import { hashOfProviderSession, type Identity, personOf, placeOfIdentity, type Started, startSession } from './start-session.ts'

/** Nobody sits here any more. */
export const IDLE_MS = 30 * 60_000
/** A living session, as whoever holds its cookie. */
export interface SignedIn {
  client: Client
  session: StoredSession
  /** When it was last seen: now. */
  at: Temporal.Instant
}

/** Whether a call with a session's cookie may go on. */
export type Recognised = SignedIn | 'no session' | 'ended' | 'from elsewhere'

export interface Sessions {
  cookies: Cookies
  /** Whether a request has a session's cookie at all, living or not. */
  isPresent: (request: FastifyRequest) => boolean
  start: (claims: Claims, wanted: string | null, request: FastifyRequest, reply: FastifyReply) => Promise<Started>
  /** Asked of every request that has a cookie; nothing is remembered, so that a session ended a moment ago is refused now. */
  recognise: (request: FastifyRequest) => Promise<Recognised>
  signOut: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  list: (client: Client) => Promise<ListedSession[]>
  /** @returns whether there was such a living session that this client may end */
  revoke: (client: Client, id: SessionId) => Promise<boolean>
  /** The provider says that a session of its own has ended, or all of a person's. @returns how many of ours did */
  endedAtProvider: (about: { issuer: string; subject: string | null; providerSession: string | null }) => Promise<number>
  /** As the provider gave it; null also where it cannot be opened. */
  nameOf: (session: StoredSession) => string | null
}

/** Sessions of people, kept in Postgres. @param publicUrl where their browsers find us */
export function openSessions(database: Database, keys: Keys, now: Clock, publicUrl: URL): Sessions {
  const cookies = cookiesFor(publicUrl)
  const { access: key } = keys.service
  const cookieHashOf = (request: FastifyRequest) => {
    const cookie = cookies.read(request, cookies.session)
    return cookie === null ? null : hashOfKey(cookie)
  }

  return {
    cookies,
    isPresent: (request) => cookies.read(request, cookies.session) !== null,
    start: async (claims, wanted, request, reply) => {
      const { started, cookie } = await startSession({ database, keys, now }, { claims, wanted, before: cookieHashOf(request) })
      if (cookie !== null) cookies.set(reply, cookies.session, cookie)
      return started
    },
    recognise: async (request) => {
      const hash = cookieHashOf(request)
      if (!hash) return 'no session'
      if (!comesFromUs(request, publicUrl)) return 'from elsewhere'
      const at = now()
      const session = await findSession(database.kysely, hash, at, at.subtract({ milliseconds: IDLE_MS }))
      if (!session) return 'ended'
      const { person: id, agency, scopes, desks } = session
      return { client: { id, agency, scopes, desks }, session, at }
    },
    signOut: async (request, reply) => {
      const hash = cookieHashOf(request)
      cookies.clear(reply, cookies.session)
      if (!hash) return
      const at = now()
      const session = await findSession(database.kysely, hash, at, at.subtract({ milliseconds: IDLE_MS }))
      if (!session) return
      await asAgency(database, session.agency, (trx) =>
        endSessions(trx, { kind: 'one', id: session.id }, { at, by: session.person, why: 'signed out' }),
      )
    },
    list: ({ agency }) => {
      const at = now()
      return asAgency(database, agency, (trx) => listSessions(trx, at, at.subtract({ milliseconds: IDLE_MS })))
    },
    revoke: async ({ agency, id: by }, id) =>
      (await asAgency(database, agency, (trx) => endSessions(trx, { kind: 'one', id }, { at: now(), by, why: 'revoked' }))) > 0,
    endedAtProvider: ({ issuer, subject, providerSession }) => {
      const person = subject === null ? null : personOf(key, { issuer, subject })
      const which =
        providerSession !== null
          ? ({
              kind: 'by provider session',
              providerHash: hashOfProviderSession(key, issuer, providerSession),
              person,
            } as const)
          : ({ kind: 'of a person', person: person ?? '' } as const)
      return asAgency(database, OPERATOR, (trx) =>
        endSessions(trx, which, { at: now(), by: 'system', why: 'signed out at the provider' }),
      )
    },
    nameOf: ({ id, sealed }) => {
      try {
        return openJson<Identity>(openDataKey(keys.ring, id, sealed), placeOfIdentity(id), sealed.sealed).name
      } catch {
        // A session that cannot be opened can still be ended: it must not hide the others.
        return null
      }
    },
  }
}
