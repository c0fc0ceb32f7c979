import { CompiledQuery, sql } from 'kysely'
import type { Database, Trx } from '../database/connection.ts'
import type { NotificationId } from '../words/ids.ts'
import { type Accepted, acceptStatement } from './accept-store.ts'

/** Why a force changed a notification, sealed with that notification's key. */
export interface SealedReason {
  notification: NotificationId
  change: 'version' | 'withdrawal'
  reason: Buffer
  at: Temporal.Instant
  by: string
}

const REASON = `insert into change_reason (notification_id, change, reason, said_at, said_by) values ($1, $2, $3, $4, $5)`

/** Keeps the reason of a change, once. */
export async function keepReason(trx: Trx, { notification, change, reason, at, by }: SealedReason): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw(REASON, [notification, change, reason, at, by]))
}

const UNIQUE_VIOLATION = '23505'

/**
 * Stores a newer version with its reason, both or neither.
 * @returns false when that version was there already
 */
export async function acceptVersion(intake: Database, accepted: Accepted, reason: SealedReason): Promise<boolean> {
  try {
    await intake.kysely.transaction().execute(async (trx) => {
      const { text, values } = acceptStatement([accepted])
      await trx.executeQuery(CompiledQuery.raw(text, values))
      await keepReason(trx, reason)
    })
    return true
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === UNIQUE_VIOLATION) return false
    throw fault
  }
}

/** @returns false where it is another force's, is not the newest version, or was withdrawn before */
export async function withdrawNotification(trx: Trx, id: string, at: Temporal.Instant): Promise<boolean> {
  const { rows } = await sql<{
    done: boolean
  }>`select withdraw_notification(${id}, ${at.toString()}::timestamptz) as done`.execute(trx)
  return rows[0]?.done === true
}
