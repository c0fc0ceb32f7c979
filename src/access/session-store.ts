import { sql } from 'kysely'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import type { Db, Trx } from '../database/connection.ts'
import type { SessionEnd } from '../database/session-tables.ts'
import type { Desk } from '../words/dispatch.ts'
import type { SessionId } from '../words/ids.ts'
import type { Service } from '../words/recipient.ts'
import type { AgencyStanding, Granted } from './roles.ts'
import { type Scope, scopes } from './scopes.ts'

/** A session as it is stored. */
export interface StoredSession extends Granted {
  id: SessionId
  /** The person's keyed hash, `person:…`. */
  person: string
  startedAt: Temporal.Instant
  endsAt: Temporal.Instant
  sealed: { wrapped: Buffer; wrappedBy: string; sealed: Buffer }
}

/** A session that starts. */
export interface NewSession extends StoredSession {
  cookieHash: Buffer
  providerHash: Buffer | null
}

/** A session as a list shows it. */
export interface ListedSession extends StoredSession {
  seenAt: Temporal.Instant
}

const LIST_MAX = 500
const DESKS: readonly Desk[] = ['domestic_abuse_review', 'pitstop', 'mash', 'directory']

const readScopes = (stored: readonly string[]): Scope[] => scopes.filter((scope) => stored.includes(scope))
const readDesks = (stored: readonly string[]): Desk[] => DESKS.filter((desk) => stored.includes(desk))

/** What is known of an agency that a role claim names, before anybody acts for it. */
export async function standingOf(db: Db, agency: string): Promise<AgencyStanding> {
  const { rows } = await sql<{ known: boolean; is_force: boolean; services: Service[] }>`
    select known, is_force, services from agency_standing(${agency})`.execute(db)
  const [row] = rows
  return row
    ? { known: row.known, isForce: row.is_force, services: row.services }
    : { known: false, isForce: false, services: [] }
}

/** Keeps a session that starts, and records it. */
export async function insertSession(trx: Trx, session: NewSession): Promise<void> {
  const { id, person, agency, startedAt: at } = session
  await trx
    .insertInto('person_session')
    .values({
      id,
      cookie_hash: session.cookieHash,
      person,
      provider_hash: session.providerHash,
      agency,
      scopes: [...session.scopes],
      desks: [...session.desks],
      data_key: session.sealed.wrapped,
      wrapped_by: session.sealed.wrappedBy,
      sealed: session.sealed.sealed,
      started_at: at,
      seen_at: at,
      ends_at: session.endsAt,
    })
    .execute()
  const detail = { session: id, agency, scopes: [...session.scopes], desks: [...session.desks] }
  await appendAuditEvents(trx, at, [{ stream: 'service', kind: 'person signed in', actor: person, detail }])
}

/** Finds a living session by the hash of its cookie, and notes at most once a minute that it was seen. */
export async function findSession(
  db: Db,
  cookieHash: Buffer,
  at: Temporal.Instant,
  idleSince: Temporal.Instant,
): Promise<StoredSession | null> {
  const { rows } = await sql<{
    id: SessionId
    person: string
    agency: string
    scopes: string[]
    desks: string[]
    started_at: Temporal.Instant
    ends_at: Temporal.Instant
    data_key: Buffer
    wrapped_by: string
    sealed: Buffer
  }>`
    select id, person, agency, scopes, desks, started_at, ends_at, data_key, wrapped_by, sealed
    from session_of(${cookieHash}, ${at}, ${idleSince})`.execute(db)
  const [row] = rows
  return row ? toStored(row) : null
}

/** The living sessions this transaction's agency may see, newest first. */
export async function listSessions(trx: Trx, at: Temporal.Instant, idleSince: Temporal.Instant): Promise<ListedSession[]> {
  const rows = await trx
    .selectFrom('person_session')
    .select(['id', 'person', 'agency', 'scopes', 'desks', 'started_at', 'seen_at', 'ends_at', 'data_key', 'wrapped_by', 'sealed'])
    .where('ended_at', 'is', null)
    .where('ends_at', '>', at)
    .where('seen_at', '>', idleSince)
    .orderBy('started_at', 'desc')
    .limit(LIST_MAX)
    .execute()
  return rows.map((row) => ({ ...toStored(row), seenAt: row.seen_at }))
}

/** Which sessions end. */
export type Ending =
  | { kind: 'one'; id: SessionId }
  | { kind: 'by cookie'; cookieHash: Buffer }
  /** That one, and those of the same person of which the provider never said which of its own they belong to. */
  | { kind: 'by provider session'; providerHash: Buffer; person: string | null }
  | { kind: 'of a person'; person: string }
  /** Of a person, in other agencies than these, or with other rights than they have now in the one granted. */
  | { kind: 'outlived'; person: string; agencies: readonly string[]; granted: Granted | null }
  /** Of a person, all but the newest `keep`. */
  | { kind: 'beyond'; person: string; keep: number }

/**
 * Ends the living sessions that `which` names and this transaction's agency may end, each with its event.
 * @returns how many ended
 */
export async function endSessions(
  trx: Trx,
  which: Ending,
  how: { at: Temporal.Instant; by: string; why: SessionEnd },
): Promise<number> {
  const { at, by, why } = how
  const { rows } = await sql<{ id: SessionId; person: string; agency: string }>`
    update person_session s set ended_at = ${at}, ended_by = ${by}, ended_why = ${why}
    where s.ended_at is null and ${matching(which)} returning s.id, s.person, s.agency`.execute(trx)
  const events = rows.map(({ id, person, agency }) => ({
    stream: 'service',
    kind: why === 'signed out' ? 'person signed out' : 'session ended',
    actor: by,
    detail: { session: id, person, agency, why },
  }))
  await appendAuditEvents(trx, at, events)
  return rows.length
}

function matching(which: Ending) {
  switch (which.kind) {
    case 'one':
      return sql`s.id = ${which.id}`
    case 'by cookie':
      return sql`s.cookie_hash = ${which.cookieHash}`
    case 'by provider session':
      return sql`(s.provider_hash = ${which.providerHash} or s.provider_hash is null and s.person = ${which.person})`
    case 'of a person':
      return sql`s.person = ${which.person}`
    case 'outlived': {
      const { agency = null, scopes: now = [], desks = [] } = which.granted ?? {}
      return sql`s.person = ${which.person} and (not s.agency = any(${[...which.agencies]}::text[])
        or s.agency = ${agency} and (s.scopes <> ${[...now]}::text[] or s.desks <> ${[...desks]}::text[]))`
    }
    case 'beyond':
      return sql`s.person = ${which.person} and s.id not in (
        select n.id from person_session n where n.person = ${which.person} and n.ended_at is null
        order by n.started_at desc, n.id desc limit ${which.keep})`
  }
}

function toStored(row: {
  id: SessionId
  person: string
  agency: string
  scopes: string[]
  desks: string[]
  started_at: Temporal.Instant
  ends_at: Temporal.Instant
  data_key: Buffer
  wrapped_by: string
  sealed: Buffer
}): StoredSession {
  return {
    id: row.id,
    person: row.person,
    agency: row.agency,
    scopes: readScopes(row.scopes),
    desks: readDesks(row.desks),
    startedAt: row.started_at,
    endsAt: row.ends_at,
    sealed: { wrapped: row.data_key, wrappedBy: row.wrapped_by, sealed: row.sealed },
  }
}
