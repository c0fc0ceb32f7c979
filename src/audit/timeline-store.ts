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

/** Events in the order they happened, from just after a cursor; for the operator's whole record or an agency's own. */
export async function readEvents(
  db: Db,
  page: { after: { at: Temporal.Instant; id: string } | null; from?: Temporal.Instant; to?: Temporal.Instant; limit: number },
): Promise<AuditEvent[]> {
  let query = events(db)
  if (page.from) query = query.where('at', '>=', page.from)
  if (page.to) query = query.where('at', '<', page.to)
  if (page.after) query = query.where(sql<boolean>`(at, id) > (${page.after.at}, ${page.after.id})`)
  return (await query.orderBy('at').orderBy('id').limit(Math.min(page.limit, PAGE_MAX)).execute()).map(toEvent)
}

function events(db: Db) {
  return db.selectFrom('audit_event').select(['id', 'stream', 'seq', 'at', 'kind', 'actor', 'dispatch', 'task', 'body', 'hash'])
}

function toEvent(row: Omit<AuditEvent, 'detail'>): AuditEvent {
  const { detail }: { detail?: Record<string, unknown> } = JSON.parse(row.body)
  return { ...row, detail: detail ?? {} }
}
