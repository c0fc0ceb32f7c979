import { CompiledQuery } from 'kysely'
import type { Db } from '../database/connection.ts'
import type { WrappedKey } from '../database/sealing.ts'
import { LENGTH_BYTES } from '../intake/record.ts'
import type { NotificationId } from '../words/ids.ts'

/** Which notifications a pack is replayed over. What is null does not narrow. */
export interface ReplayWindow {
  /** Where it happened. */
  authorities: readonly string[] | null
  /** Whose procedure it was decided by. */
  area: string | null
  /** When it was reported: `from` is inside, `to` outside. */
  from: Temporal.Instant | null
  to: Temporal.Instant | null
}

/** One notification as it was last decided, still sealed: of its record, the part that a replay reads. */
export interface StoredRecord {
  id: NotificationId
  policeReference: string
  reportedAt: Temporal.Instant
  recorded: Buffer
  key: WrappedKey
}

/** A version that a newer one replaced, and a notification taken back or erased, told nobody in the end. */
const IN_WINDOW = `
  n.state = 'triaged' and n.record is not null
  and ($1::text[] is null or n.authority = any($1)) and ($2::text is null or n.policy_area = $2)
  and ($3::timestamptz is null or n.reported_at >= $3) and ($4::timestamptz is null or n.reported_at < $4)`

const parametersOf = ({ authorities, area, from, to }: ReplayWindow) => [authorities, area, from, to]

/** How many notifications a replay would go over. */
export async function countRecords(db: Db, window: ReplayWindow): Promise<number> {
  const text = `select count(*)::int as count from notification n where ${IN_WINDOW}`
  const { rows } = await db.executeQuery<{ count: number }>(CompiledQuery.raw(text, parametersOf(window)))
  return rows[0]?.count ?? 0
}

/** How long the first part of a record is, as Postgres reads it from the record's first bytes: of the rest it fetches nothing. */
const LENGTH = `('x' || encode(substring(n.record for ${LENGTH_BYTES}), 'hex'))::bit(${LENGTH_BYTES * 8})::int`

const PAGE = `
  select n.id, n.police_reference as "policeReference", n.reported_at as "reportedAt",
         substring(n.record from ${LENGTH_BYTES + 1} for ${LENGTH}) as recorded, k.wrapped, k.wrapped_by as "wrappedBy"
  from notification n join data_key k on k.notification_id = n.id
  where ${IN_WINDOW} and ($5::text is null or n.id < $5)
  order by n.id desc limit $6`

/** The next page, newest first; `before` is the last id of the one that came before. */
export async function readRecords(
  db: Db,
  window: ReplayWindow,
  before: NotificationId | null,
  limit: number,
): Promise<StoredRecord[]> {
  const parameters = [...parametersOf(window), before, limit]
  const { rows } = await db.executeQuery<Omit<StoredRecord, 'key'> & WrappedKey>(CompiledQuery.raw(PAGE, parameters))
  return rows.map(({ wrapped, wrappedBy, ...row }) => ({ ...row, key: { wrapped, wrappedBy } }))
}

/** One record, for explaining it; null where there is none to see. */
export async function readRecord(
  db: Db,
  id: string,
): Promise<{ id: NotificationId; policeReference: string; state: string; record: Buffer | null; key: WrappedKey | null } | null> {
  const text = `
    select n.id, n.police_reference as "policeReference", n.state, n.record, k.wrapped, k.wrapped_by as "wrappedBy"
    from notification n left join data_key k on k.notification_id = n.id where n.id = $1`
  const { rows } = await db.executeQuery<{
    id: NotificationId
    policeReference: string
    state: string
    record: Buffer | null
    wrapped: Buffer | null
    wrappedBy: string | null
  }>(CompiledQuery.raw(text, [id]))
  const [row] = rows
  if (row === undefined) return null
  const { wrapped, wrappedBy, ...rest } = row
  return { ...rest, key: wrapped !== null && wrappedBy !== null ? { wrapped, wrappedBy } : null }
}
