import type { ChainedEvent } from '../audit/chain.ts'
import type { Database } from '../database/connection.ts'
import type { WrappedKey } from '../database/sealing.ts'
import type { PersonKey } from '../history/person-keys.ts'
import type { NotificationId } from '../words/ids.ts'
import type { Person } from '../words/notification.ts'

/** A notification ready to be stored: sealed, keyed and chained. */
export interface Accepted {
  id: NotificationId
  agency: string
  policeReference: string
  version: number
  authority: string
  occurredAt: string
  reportedAt: string
  receivedAt: Temporal.Instant
  receivedBy: string
  bodyHmac: Buffer
  body: Buffer
  dataKey: WrappedKey
  personKeys: (PersonKey & { ref: string; role: Person['role'] })[]
  indexKey: string
  event: ChainedEvent
  idempotencyKey: string | null
}

/**
 * One statement, one round trip, one commit: it beat begin–insert–insert–commit by 1.6 when measured. It has no
 * `on conflict` and returns nothing, so the role needs no right to read; a reference that is already there fails on its
 * unique key, and nothing of the statement stands. For the first second the doorbell alone calls for triage; then the due
 * loop does.
 */
export const ACCEPT = `
  with n as (
    insert into notification (id, agency, police_reference, version, authority, occurred_at, reported_at, received_at, received_by, state, body_hmac, body, next_at, hinted_until)
    select id, agency, reference, version, authority, occurred, reported, received, client, 'received', mac, body, received, received + interval '1 second'
    from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[], $9::text[], $10::bytea[], $11::bytea[])
      as x(id, agency, reference, version, authority, occurred, reported, received, client, mac, body)),
  k as (
    insert into data_key (notification_id, wrapped, wrapped_by) select * from unnest($1::text[], $12::bytea[], $13::text[])),
  p as (
    insert into person_key (key, kind, index_key, notification_id, ref, role, occurred_at)
    select * from unnest($14::bytea[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::timestamptz[])),
  s as (
    insert into audit_stream (id, seq, hash) select id, 1, hash from unnest($1::text[], $21::bytea[]) as x(id, hash)),
  i as (
    insert into idempotency_key (agency, key, body_hmac, notification_id) select * from unnest($22::text[], $23::text[], $24::bytea[], $25::text[]))
  insert into audit_event (id, stream, seq, at, kind, actor, body, hash)
  select evt, ntf, 1, at, 'notification received', actor, body, hash
  from unnest($26::text[], $1::text[], $8::timestamptz[], $9::text[], $27::text[], $21::bytea[]) as x(evt, ntf, at, actor, body, hash)`

/** The parameters of ACCEPT for one notification or a batch of them. */
export function acceptParameters(batch: readonly Accepted[]): unknown[] {
  const keys = batch.flatMap((one) => one.personKeys.map((key) => ({ ...key, one })))
  const keyed = batch.filter((one) => one.idempotencyKey !== null)
  return [
    batch.map((one) => one.id),
    batch.map((one) => one.agency),
    batch.map((one) => one.policeReference),
    batch.map((one) => one.version),
    batch.map((one) => one.authority),
    batch.map((one) => one.occurredAt),
    batch.map((one) => one.reportedAt),
    batch.map((one) => one.receivedAt),
    batch.map((one) => one.receivedBy),
    batch.map((one) => one.bodyHmac),
    batch.map((one) => one.body),
    batch.map((one) => one.dataKey.wrapped),
    batch.map((one) => one.dataKey.wrappedBy),
    keys.map(({ key }) => key),
    keys.map(({ kind }) => kind),
    keys.map(({ one }) => one.indexKey),
    keys.map(({ one }) => one.id),
    keys.map(({ ref }) => ref),
    keys.map(({ role }) => role),
    keys.map(({ one }) => one.occurredAt),
    batch.map((one) => one.event.hash),
    keyed.map((one) => one.agency),
    keyed.map((one) => one.idempotencyKey),
    keyed.map((one) => one.bodyHmac),
    keyed.map((one) => one.id),
    batch.map((one) => one.event.id),
    batch.map((one) => one.event.body),
  ]
}

const UNIQUE_VIOLATION = '23505'

/**
 * Stores the batch whole or not at all.
 * @returns false when one of them was there already
 */
export async function accept(intake: Database, batch: readonly Accepted[]): Promise<boolean> {
  try {
    await intake.query(ACCEPT, acceptParameters(batch))
    return true
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === UNIQUE_VIOLATION) return false
    throw fault
  }
}
