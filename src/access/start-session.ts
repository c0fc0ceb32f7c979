import { randomBytes } from 'node:crypto'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { asAgency, type Database, type Db } from '../database/connection.ts'
import { newId } from '../database/new-id.ts'
import { hmac, newDataKey, sealJson } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import type { Clock } from '../words/clock.ts'
import type { SessionId } from '../words/ids.ts'
import type { Claims } from './identity-provider.ts'
import { hashOfKey } from './keys-store.ts'
import { chooseAgency, type Granted, grantedBy, readRoleClaim } from './roles.ts'
import { OPERATOR } from './scopes.ts'
import { endSessions, insertSession, type NewSession, type StoredSession, standingOf } from './session-store.ts'
import { keyedName } from './token-clients.ts'

/** A shift; after it a person signs in again whatever they do. */
const LONGEST_MS = 12 * 3_600_000
/** Living sessions of one person; the oldest ends when there would be more. */
const SESSIONS_A_PERSON = 5

/** What is sealed with a session: who it is to the identity provider. */
export interface Identity {
  issuer: string
  subject: string
  name: string | null
}

/** What became of somebody whom the provider knows. `why` stands in the audit event. */
export type Started = { kind: 'started'; session: StoredSession } | { kind: 'refused'; why: Refusal }
export type Refusal = 'no role here' | 'several agencies' | 'agency not known' | 'role not known'

interface SignIn {
  claims: Claims
  /** The agency they asked for; null where their roles say. */
  wanted: string | null
  /** The session this browser had before, by its cookie. */
  before: Buffer | null
}

type Judged = { granted: Granted; agencies: string[] } | { refused: Refusal; agencies: string[] }

/** The actor of all that somebody does here: always the same, and nobody's name. */
export const personOf = (key: Buffer, { issuer, subject }: { issuer: string; subject: string }) =>
  `person:${keyedName(key, 'person', [issuer, subject])}`

/** The provider's own session, as it may be found again. */
export const hashOfProviderSession = (key: Buffer, issuer: string, providerSession: string) =>
  hmac(key, JSON.stringify(['provider session', issuer, providerSession]))

export const placeOfIdentity = (id: SessionId) => `person_session.sealed|${id}`

/**
 * Starts a session for whoever the identity provider says has signed in, or refuses them; both are recorded. Either way their
 * earlier sessions end where they have other rights now, or none. The cookie is a new word each time: one that somebody else put
 * into this browser never becomes a session (fixation).
 */
export async function startSession(
  room: { database: Database; keys: Keys; now: Clock },
  { claims, wanted, before }: SignIn,
): Promise<{ started: Started; cookie: string | null }> {
  const { database, keys } = room
  const judged = await judge(database.kysely, claims, wanted)
  const at = room.now()
  const person = personOf(keys.service.access, claims)
  const cookie = randomBytes(32).toString('base64url')
  return asAgency(database, OPERATOR, async (trx) => {
    const by = { at, by: person }
    const { agencies } = judged
    const granted = 'granted' in judged ? judged.granted : null
    await endSessions(trx, { kind: 'outlived', person, agencies, granted }, { ...by, why: 'roles gone' })
    if ('refused' in judged) {
      const { refused: why } = judged
      await appendAuditEvents(trx, at, [{ stream: 'service', kind: 'sign-in refused', actor: person, detail: { why } }])
      return { started: { kind: 'refused', why }, cookie: null }
    }
    if (before) await endSessions(trx, { kind: 'by cookie', cookieHash: before }, { ...by, why: 'signed in again' })
    const session = newSession(keys, { person, granted: judged.granted, claims, at, cookie })
    await insertSession(trx, session)
    await endSessions(trx, { kind: 'beyond', person, keep: SESSIONS_A_PERSON }, { ...by, why: 'too many' })
    return { started: { kind: 'started', session }, cookie }
  })
}

/** What a person may do by their claim, and in which agencies they still have a role. */
async function judge(db: Db, claims: Claims, wanted: string | null): Promise<Judged> {
  const claim = readRoleClaim(claims.roles)
  const agencies = [...claim.byAgency.keys()]
  // A claim that names an agency nobody knows was not made for this service, or not with care: none of it counts.
  for (const agency of agencies) {
    if (!(await standingOf(db, agency)).known) return { refused: 'agency not known', agencies: [] }
  }
  const chosen = chooseAgency(claim, wanted)
  if (chosen.kind !== 'chosen') return { refused: chosen.kind, agencies }
  const { agency } = chosen
  const granted = grantedBy(claim.byAgency.get(agency) ?? [], agency, await standingOf(db, agency))
  return granted ? { granted, agencies } : { refused: 'role not known', agencies: agencies.filter((one) => one !== agency) }
}

function newSession(
  keys: Keys,
  of: { person: string; granted: Granted; claims: Claims; at: Temporal.Instant; cookie: string },
): NewSession {
  const { person, granted, claims, at, cookie } = of
  const id = newId('ses')
  const dataKey = newDataKey(keys.ring, id)
  const identity: Identity = { issuer: claims.issuer, subject: claims.subject, name: claims.name }
  return {
    id,
    person,
    ...granted,
    cookieHash: hashOfKey(cookie),
    providerHash:
      claims.providerSession === null ? null : hashOfProviderSession(keys.service.access, claims.issuer, claims.providerSession),
    startedAt: at,
    endsAt: at.add({ milliseconds: LONGEST_MS }),
    sealed: {
      wrapped: dataKey.wrapped,
      wrappedBy: dataKey.wrappedBy,
      sealed: sealJson(dataKey.key, placeOfIdentity(id), identity),
    },
  }
}
