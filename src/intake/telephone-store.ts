import { CompiledQuery, sql } from 'kysely'
import type { Trx } from '../database/connection.ts'
import type { DispatchId, NotificationId } from '../words/ids.ts'
import type { Service } from '../words/recipient.ts'

/** A referral made by telephone, as triage reads it: nobody's name. */
export interface TelephoneReferral {
  notification_id: NotificationId
  service: Service
  at: Temporal.Instant
}

const LOG = `
  insert into telephone_referral (id, notification_id, service, spoken_to, at, logged_at, logged_by)
  values ($1, $2, $3, $4, $5, $6, $7) on conflict (notification_id, service, at) do nothing`

/** Logs a call once. @returns false when the same call was logged before */
export async function logTelephoneReferral(
  trx: Trx,
  call: TelephoneReferral & { id: string; spokenTo: Buffer; loggedAt: Temporal.Instant; loggedBy: string },
): Promise<boolean> {
  const { id, notification_id, service, spokenTo, at, loggedAt, loggedBy } = call
  const { numAffectedRows } = await trx.executeQuery(
    CompiledQuery.raw(LOG, [id, notification_id, service, spokenTo, at, loggedAt, loggedBy]),
  )
  if (numAffectedRows !== 1n) return false
  await sql`select note_telephone_referral(${notification_id}, ${loggedAt.toString()}::timestamptz)`.execute(trx)
  return true
}

/** The calls logged about these notifications, earliest first. */
export async function telephoneReferralsOf(trx: Trx, ids: readonly NotificationId[]): Promise<TelephoneReferral[]> {
  if (ids.length === 0) return []
  const text = `select notification_id, service, at from telephone_referral where notification_id = any($1) order by at, id limit 1000`
  return (await trx.executeQuery<TelephoneReferral>(CompiledQuery.raw(text, [ids]))).rows
}

const SOONER = `
  update dispatch d set due_by = x.due_by, next_at = least(d.next_at, x.due_by)
  from unnest($1::text[], $2::text[], $3::timestamptz[]) as x (notification_id, service, due_by)
  where d.notification_id = x.notification_id and d.service = x.service and d.kind = 'referral' and d.due_by > x.due_by and not d.overdue
    and d.state not in ('acknowledged', 'withdrawn')
  returning d.id, d.notification_id, d.due_by`

/** The written message confirms the call, and so is due no later than the confirmation. */
export async function bringForward(
  trx: Trx,
  confirmations: readonly { notification: NotificationId; service: Service; dueBy: Temporal.Instant }[],
): Promise<{ id: DispatchId; notification_id: NotificationId; due_by: Temporal.Instant }[]> {
  if (confirmations.length === 0) return []
  const values = [
    confirmations.map(({ notification }) => notification),
    confirmations.map(({ service }) => service),
    confirmations.map(({ dueBy }) => dueBy),
  ]
  return (
    await trx.executeQuery<{ id: DispatchId; notification_id: NotificationId; due_by: Temporal.Instant }>(
      CompiledQuery.raw(SOONER, values),
    )
  ).rows
}
