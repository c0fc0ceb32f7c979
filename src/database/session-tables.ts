import type { ColumnType } from 'kysely'
import type { SessionId } from '../words/ids.ts'

type Instant = Temporal.Instant
type Later<T> = ColumnType<T | null, T | null | undefined, T | null>

/** Why a session ended, as `person_session.ended_why` holds it. */
export type SessionEnd = 'signed out' | 'signed in again' | 'revoked' | 'signed out at the provider' | 'roles gone' | 'too many'

/** The tables of people who sign in. */
export interface SessionTables {
  person_session: {
    id: SessionId
    cookie_hash: Buffer
    person: string
    provider_hash: Later<Buffer>
    agency: string
    scopes: string[]
    desks: string[]
    data_key: Buffer
    wrapped_by: string
    sealed: Buffer
    started_at: Instant
    seen_at: Instant
    ends_at: Instant
    ended_at: Later<Instant>
    ended_by: Later<string>
    ended_why: Later<SessionEnd>
  }
}
