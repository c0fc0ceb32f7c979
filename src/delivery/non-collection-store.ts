import { CompiledQuery } from 'kysely'
import type { Db, Trx } from '../database/connection.ts'
import type { DispatchState } from '../words/dispatch.ts'
import type { DispatchId, NotificationId } from '../words/ids.ts'
import type { Service } from '../words/recipient.ts'

type Instant = Temporal.Instant

/** A dispatch whose moment to be reported has come, locked. */
export interface ReportDue {
  id: DispatchId
  notification_id: NotificationId
  force: string
  recipient_id: string
  recipient_name: string
  about: string[]
  rules: string[]
  victim_risk: string
  state: DispatchState
  channel: string
  due_by: Instant
  report_at: Instant
  reported_at: Instant | null
  lease_until: Instant | null
  /** Somebody had it under a lease once, and did not acknowledge. */
  collected: boolean
}

const due = (only: string) => `
  select d.id, d.notification_id, d.force, d.recipient_id, r.name as recipient_name, d.about, d.rules, d.victim_risk, d.state, d.channel, d.due_by,
    d.report_at, d.reported_at, d.lease_until, d.collected_at is not null as collected
  from dispatch d join recipient r on r.id = d.recipient_id
  where d.report_at <= $1${only} order by d.report_at limit $2 for update of d skip locked`
const DUE = due('')
const DUE_ONE = due(' and d.id = $3')

/** The dispatches whose moment has come, longest waiting first. */
export async function lockReportsDue(trx: Trx, at: Instant, limit: number): Promise<ReportDue[]> {
  return (await trx.executeQuery<ReportDue>(CompiledQuery.raw(DUE, [at, limit]))).rows
}

/** The same of one alone; none where somebody else attends to it. */
export async function lockReportDue(trx: Trx, at: Instant, id: DispatchId): Promise<ReportDue[]> {
  return (await trx.executeQuery<ReportDue>(CompiledQuery.raw(DUE_ONE, [at, 1, id]))).rows
}

const DUE_IDS = 'select id from dispatch where report_at <= $1 order by report_at limit $2'

/** Which would be on the next page, without a lock. */
export async function reportDueIds(db: Db, at: Instant, limit: number): Promise<DispatchId[]> {
  return (await db.executeQuery<{ id: DispatchId }>(CompiledQuery.raw(DUE_IDS, [at, limit]))).rows.map(({ id }) => id)
}

/** Looks at one that cannot be reported again later, so that it does not lead every page until then. */
export async function putOffReport(db: Db, id: DispatchId, at: Instant, until: Instant): Promise<void> {
  const text = 'update dispatch set report_at = $3 where id = $1 and report_at <= $2'
  await db.executeQuery(CompiledQuery.raw(text, [id, at, until]))
}

const NEXT = `
  update dispatch d set report_at = n.report_at, reported_at = coalesce(d.reported_at, n.reported_at)
  from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) as n (id, report_at, reported_at) where d.id = n.id`

/** Writes when each is looked at again, and which were reported. */
export async function saveReported(
  trx: Trx,
  rows: readonly { id: DispatchId; reportAt: Instant | null; reportedAt: Instant | null }[],
): Promise<void> {
  if (rows.length === 0) return
  const values = [rows.map(({ id }) => id), rows.map(({ reportAt }) => reportAt), rows.map(({ reportedAt }) => reportedAt)]
  await trx.executeQuery(CompiledQuery.raw(NEXT, values))
}

const LISTED = `
  select id, sequence, service, victim_risk, state, release_at, due_by, overdue, reported_at, collected_at from dispatch
  where recipient_id = $1 and agency = $2 and state = 'released' and reported_at is not null
  order by reported_at, id limit $3`

/** A dispatch on the report of what was not collected. */
export interface Uncollected {
  id: DispatchId
  sequence: number | null
  service: Service
  victim_risk: string
  state: DispatchState
  release_at: Instant
  due_by: Instant
  overdue: boolean
  reported_at: Instant
  collected_at: Instant | null
}

/** What was reported and still lies there, longest reported first. */
export async function uncollectedIn(trx: Trx, queue: { id: string; agency: string }, limit: number): Promise<Uncollected[]> {
  return (await trx.executeQuery<Uncollected>(CompiledQuery.raw(LISTED, [queue.id, queue.agency, limit]))).rows
}
