import { CompiledQuery } from 'kysely'
import type { Db, Trx } from '../../database/connection.ts'
import type { LinkId } from '../../words/ids.ts'
import type { LinkFor } from './links.ts'

type Instant = Temporal.Instant

/** What somebody at a school answers at a link. */
export type LinkAnswer = 'acknowledged' | 'seen_by_deputy' | 'not_here'

/** What a presented link was made for, and whose it is. */
export interface PresentedLink extends LinkFor {
  /** The recipient's agency, for which whoever has the link acts. */
  agency: string
  force: string
}

const PRESENTED = `select id, dispatch_id, recipient_id, contact, expires_at, agency, force from link_presented($1)`

/** Looks up one link by its id, as anybody may who presents one; whether the token is genuine is then to be asked. */
export async function findLink(db: Db, id: LinkId): Promise<PresentedLink | null> {
  const { rows } = await db.executeQuery<{
    id: LinkId
    dispatch_id: string
    recipient_id: string
    contact: LinkFor['contact']
    expires_at: Instant
    agency: string
    force: string
  }>(CompiledQuery.raw(PRESENTED, [id]))
  const [row] = rows
  if (!row) return null
  const { dispatch_id: dispatchId, recipient_id: recipientId, contact, expires_at: expiresAt, agency, force } = row
  return { id: row.id, dispatchId, recipientId, contact, expiresAt, agency, force }
}

/** How far a link has been used. */
export interface LinkUse {
  openedAt: Instant | null
  openedBy: Buffer | null
  usedFor: LinkAnswer | null
}

const USE = `select opened_at as "openedAt", opened_by as "openedBy", used_for as "usedFor" from link where id = $1 for update`

/** Locks a link of the agency this transaction acts for. */
export async function lockLink(trx: Trx, id: LinkId): Promise<LinkUse | null> {
  return (await trx.executeQuery<LinkUse>(CompiledQuery.raw(USE, [id]))).rows[0] ?? null
}

const OPEN = `update link set opened_at = $3, opened_by = $2 where id = $1 and opened_at is null`

/** Binds a link to the browser that opened it, once. @returns false where another one was first */
export async function bindLink(trx: Trx, id: LinkId, browser: Buffer, at: Instant): Promise<boolean> {
  return (await trx.executeQuery(CompiledQuery.raw(OPEN, [id, browser, at]))).numAffectedRows === 1n
}

const SHOWN = `update dispatch set link_opened_at = $2 where id = $1 and link_opened_at is null`

/** From now on somebody there has seen what it says: it is corrected and recalled, and no longer taken back in silence. */
export async function markShown(trx: Trx, dispatch: string, at: Instant): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw(SHOWN, [dispatch, at]))
}

const ANSWER = `update link set used_at = $3, used_for = $2 where id = $1 and used_at is null and opened_at is not null`

/** Marks that a link has been acted on, once. */
export async function markAnswered(trx: Trx, id: LinkId, answer: LinkAnswer, at: Instant): Promise<boolean> {
  return (await trx.executeQuery(CompiledQuery.raw(ANSWER, [id, answer, at]))).numAffectedRows === 1n
}

const REFUSE = `
  update link set refused_at = $2 where id = $1 and (refused_at is null or refused_at <= $2::timestamptz - interval '1 hour')`

/** Notes that a link was refused. @returns whether it is to be told: a scanner that comes back every minute is one event an hour */
export async function noteRefusal(trx: Trx, id: LinkId, at: Instant): Promise<boolean> {
  return (await trx.executeQuery(CompiledQuery.raw(REFUSE, [id, at]))).numAffectedRows === 1n
}
