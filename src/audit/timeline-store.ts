import { sql } from 'kysely'
import type { Db } from '../database/connection.ts'
import type { EventId } from '../words/ids.ts'

/** One recorded fact, as it is read. */
export interface AuditEvent {
  id: EventId
  stream: string
  seq: number
  at: Temporal.Instant
  kind: string
  actor: string
  dispatch: string | null
  task: string | null
  detail: Record<string, unknown>
  body: string
  hash: Buffer
}

const PAGE_MAX = 1000

/** The timeline of the given streams, oldest first. Row-level security decides which of their events the caller sees. */
export async function readTimeline(db: Db, streams: readonly string[]): Promise<AuditEvent[]> {
  const rows = await events(db)
    .where('stream', '=', sql<string>`any(${streams})`)
    .orderBy('at')
    .orderBy('stream')
    .orderBy('seq')
    .limit(PAGE_MAX * 10)
    .execute()
  return rows.map(toEvent)
}

/** Where a reader of the whole record has got to: the last event read, by the transaction that recorded it. */
export interface RecordedAt {
  xid: string
  stream: string
  seq: number
}

/** One page of events, and where the next begins; null where there is no more to be read on from yet. */
export interface RecordedPage {
  events: AuditEvent[]
  next: RecordedAt | null
}

/**
 * Events in the order they were recorded, from just after a cursor; the operator's whole record or an agency's own.
 *
 * Not by time: a moment is taken before its transaction writes, and who commits late would lie behind every cursor that has
 * gone past it. Transactions are numbered as they begin to write, and below the oldest one that is under way nothing can come
 * any more. So a cursor never goes past that; what lies beyond is shown on the last page, and again from the same cursor. A
 * number that this cluster has not reached yet was restored from another, and is settled.
 */
export async function readEvents(
  db: Db,
  page: { after: RecordedAt | null; from?: Temporal.Instant; to?: Temporal.Instant; limit: number },
): Promise<RecordedPage> {
  const limit = Math.min(page.limit, PAGE_MAX)
  let query = events(db).select([
    sql<string>`xid::text`.as('xid'),
    sql<boolean>`xid < pg_snapshot_xmin(pg_current_snapshot()) or xid >= pg_snapshot_xmax(pg_current_snapshot())`.as('settled'),
  ])
  if (page.from) query = query.where('at', '>=', page.from)
  if (page.to) query = query.where('at', '<', page.to)
  if (page.after) {
    const { xid, stream, seq } = page.after
    query = query.where(sql<boolean>`(xid, stream, seq) > (${xid}::xid8, ${stream}, ${seq}::bigint)`)
  }
  const rows = await query.orderBy('xid').orderBy('stream').orderBy('seq').limit(limit).execute()
  const settled = rows.filter((row) => row.settled)
  const last = settled.at(-1)
  if (rows.length < limit || last === undefined) return { events: rows.map(withoutPlace), next: null }
  return { events: settled.map(withoutPlace), next: { xid: last.xid, stream: last.stream, seq: last.seq } }
}

function withoutPlace({ xid: _, settled: __, ...row }: Row & { xid: string; settled: boolean }): AuditEvent {
  return toEvent(row)
}

function events(db: Db) {
  return db.selectFrom('audit_event').select(['id', 'stream', 'seq', 'at', 'kind', 'actor', 'dispatch', 'task', 'body', 'hash'])
}

type Row = Omit<AuditEvent, 'detail'>

function toEvent(row: Row): AuditEvent {
  const { detail }: { detail?: Record<string, unknown> } = JSON.parse(row.body)
  return { ...row, detail: detail ?? {} }
}
