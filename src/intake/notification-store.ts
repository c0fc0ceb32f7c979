import { sql } from 'kysely'
import type { Trx } from '../database/connection.ts'
import type { WrappedKey } from '../database/sealing.ts'
import type { Tables } from '../database/tables.ts'
import type { NotificationId } from '../words/ids.ts'

/** What a client is told of a notification that is safe. */
export interface Receipt {
  id: NotificationId
  policeReference: string
  version: number
  receivedAt: Temporal.Instant
}

interface KnownReceipt extends Receipt {
  bodyHmac: Buffer
}

/** What stands under a reference, and under an idempotency key, of one force. */
export async function findReceived(
  trx: Trx,
  wanted: { agency: string; policeReference: string; version: number; idempotencyKey: string | null },
): Promise<{ byReference: KnownReceipt | null; byIdempotencyKey: KnownReceipt | null }> {
  const receipts = trx
    .selectFrom('notification')
    .select(['notification.id', 'police_reference', 'version', 'received_at', 'notification.body_hmac'])
    .where('notification.agency', '=', wanted.agency)
  const byReference = await receipts
    .where('police_reference', '=', wanted.policeReference)
    .where('version', '=', wanted.version)
    .executeTakeFirst()
  const byIdempotencyKey =
    wanted.idempotencyKey === null
      ? undefined
      : await receipts
          .innerJoin('idempotency_key', 'idempotency_key.notification_id', 'notification.id')
          .where('idempotency_key.agency', '=', wanted.agency)
          .where('idempotency_key.key', '=', wanted.idempotencyKey)
          .executeTakeFirst()
  return { byReference: toReceipt(byReference), byIdempotencyKey: toReceipt(byIdempotencyKey) }
}

function toReceipt(
  row:
    | { id: Receipt['id']; police_reference: string; version: number; received_at: Temporal.Instant; body_hmac: Buffer }
    | undefined,
): KnownReceipt | null {
  if (!row) return null
  return {
    id: row.id,
    policeReference: row.police_reference,
    version: row.version,
    receivedAt: row.received_at,
    bodyHmac: row.body_hmac,
  }
}

/** A notification with its key, as its own force may see it. */
export interface StoredNotification {
  id: NotificationId
  agency: string
  policeReference: string
  version: number
  state: Tables['notification']['state']
  receivedAt: Temporal.Instant
  record: Buffer | null
  policy: { area: string; inForceFrom: string; sha256: string } | null
  key: WrappedKey | null
}

/** One notification, or null where it is absent or another force's. */
export async function readStored(trx: Trx, id: string): Promise<StoredNotification | null> {
  const row = await trx
    .selectFrom('notification')
    .leftJoin('data_key', 'data_key.notification_id', 'notification.id')
    .select([
      'id',
      'agency',
      'police_reference',
      'version',
      'state',
      'received_at',
      'record',
      'policy_area',
      'policy_from',
      'policy_sha256',
    ])
    .select(['wrapped', 'wrapped_by'])
    .where(sql<string>`notification.id`, '=', id)
    .executeTakeFirst()
  if (!row) return null
  const { policy_area, policy_from, policy_sha256 } = row
  return {
    id: row.id,
    agency: row.agency,
    policeReference: row.police_reference,
    version: row.version,
    state: row.state,
    receivedAt: row.received_at,
    record: row.record,
    policy:
      policy_area && policy_from && policy_sha256 ? { area: policy_area, inForceFrom: policy_from, sha256: policy_sha256 } : null,
    key: row.wrapped && row.wrapped_by ? { wrapped: row.wrapped, wrappedBy: row.wrapped_by } : null,
  }
}

/** Every version of one police reference, oldest version first. */
export async function versionsOf(trx: Trx, agency: string, policeReference: string) {
  return trx
    .selectFrom('notification')
    .select(['id', 'police_reference', 'version', 'state', 'received_at'])
    .where('agency', '=', agency)
    .where('police_reference', '=', policeReference)
    .orderBy('version')
    .limit(200)
    .execute()
}

/** The versions just before and just after one, of the same police reference. */
export async function neighboursOf(
  trx: Trx,
  { agency, policeReference, version }: Pick<StoredNotification, 'agency' | 'policeReference' | 'version'>,
): Promise<{ previous: NotificationId | null; next: NotificationId | null }> {
  const others = trx
    .selectFrom('notification')
    .select('id')
    .where('agency', '=', agency)
    .where('police_reference', '=', policeReference)
  const previous = await others.where('version', '<', version).orderBy('version', 'desc').limit(1).executeTakeFirst()
  const next = await others.where('version', '>', version).orderBy('version').limit(1).executeTakeFirst()
  return { previous: previous?.id ?? null, next: next?.id ?? null }
}

/** The dispatches of one notification with their recipients' names, in the order they were planned. */
export async function dispatchesOf(trx: Trx, id: NotificationId) {
  return trx
    .selectFrom('dispatch')
    .innerJoin('recipient', 'recipient.id', 'dispatch.recipient_id')
    .select(['dispatch.id', 'kind', 'dispatch.service', 'recipient_id', 'recipient.name', 'about', 'rules', 'asks', 'restricted'])
    .select(['release_at', 'due_by', 'state', 'overdue', 'late_on_arrival', 'outcome', 'outcome_note', 'outcome_at'])
    .where('notification_id', '=', id)
    .orderBy('dispatch.id')
    .limit(1000)
    .execute()
}

/** The tasks of one notification; questions are still sealed. */
export async function tasksOf(trx: Trx, id: NotificationId) {
  return trx
    .selectFrom('task')
    .select(['id', 'desk', 'agency', 'about', 'questions', 'due_by', 'state'])
    .where('notification_id', '=', id)
    .orderBy('id')
    .limit(200)
    .execute()
}
