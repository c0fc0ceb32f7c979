import { CompiledQuery } from 'kysely'
import type { Db, Trx } from '../database/connection.ts'
import type { Desk } from '../words/dispatch.ts'
import type { NotificationId, TaskId } from '../words/ids.ts'

type Instant = Temporal.Instant

/** A task whose moment has come, locked. Names are the columns'. */
export interface DueTask {
  id: TaskId
  notification_id: NotificationId | null
  recipient_id: string | null
  /** Of something that fell silent. */
  alarm_id: string | null
  /** The authority where it happened. */
  authority: string | null
  desk: Desk
  agency: string
  about: string[]
  victim_risk: string | null
  due_by: Instant
  overdue: boolean
  state: 'open' | 'claimed'
  claimed_by: string | null
  claimed_until: Instant | null
  rings: number
  ring_at: Instant | null
}

// High risk first: where more is due than a page holds, nobody rings about the others before.
const FIRST = `case t.victim_risk when 'high' then 0 when 'not_graded' then 0 when 'medium' then 1 else 2 end, t.next_at`
const due = (only: string) => `
  select t.id, t.notification_id, t.recipient_id, t.alarm_id, n.authority, t.desk, t.agency, t.about, t.victim_risk, t.due_by, t.overdue, t.state,
    t.claimed_by, t.claimed_until, t.rings, t.ring_at
  from task t left join notification n on n.id = t.notification_id
  where t.next_at <= $1 and t.state <> 'decided'${only}
  order by ${FIRST} limit $2 for update of t skip locked`
const DUE = due('')
const DUE_ONE = due(' and t.id = $3')
const DUE_IDS = `select t.id from task t where t.next_at <= $1 and t.state <> 'decided' order by ${FIRST} limit $2`

/** The tasks that want attention and that nobody is turning to. */
export async function lockDueTasks(trx: Trx, at: Instant, limit: number): Promise<DueTask[]> {
  return (await trx.executeQuery<DueTask>(CompiledQuery.raw(DUE, [at, limit]))).rows
}

/** The same of one alone; none where somebody else turns to it. */
export async function lockDueTask(trx: Trx, at: Instant, id: TaskId): Promise<DueTask[]> {
  return (await trx.executeQuery<DueTask>(CompiledQuery.raw(DUE_ONE, [at, 1, id]))).rows
}

/** Which would be on the next page, without a lock. */
export async function dueTaskIds(db: Db, at: Instant, limit: number): Promise<TaskId[]> {
  return (await db.executeQuery<{ id: TaskId }>(CompiledQuery.raw(DUE_IDS, [at, limit]))).rows.map(({ id }) => id)
}

/** Looks at one that cannot be settled again later, so that it does not lead every page until then. */
export async function putOffTask(db: Db, id: TaskId, at: Instant, until: Instant): Promise<void> {
  const text = `update task set next_at = $3 where id = $1 and next_at <= $2 and state <> 'decided'`
  await db.executeQuery(CompiledQuery.raw(text, [id, at, until]))
}

const SAVE = `
  update task t set state = a.state, claimed_by = a.claimed_by, claimed_until = a.claimed_until, overdue = a.overdue, rings = a.rings,
    ring_at = a.ring_at, next_at = a.next_at
  from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::boolean[], $6::int[], $7::timestamptz[], $8::timestamptz[])
    as a (id, state, claimed_by, claimed_until, overdue, rings, ring_at, next_at)
  where t.id = a.id and t.state <> 'decided'`

/** Writes what became of tasks that this transaction has locked. */
export async function saveDueTasks(trx: Trx, rows: readonly (DueTask & { next_at: Instant })[]): Promise<void> {
  if (rows.length === 0) return
  const column = <T>(pick: (row: (typeof rows)[number]) => T) => rows.map(pick)
  await trx.executeQuery(
    CompiledQuery.raw(SAVE, [
      column(({ id }) => id),
      column(({ state }) => state),
      column(({ claimed_by }) => claimed_by),
      column(({ claimed_until }) => claimed_until),
      column(({ overdue }) => overdue),
      column(({ rings }) => rings),
      column(({ ring_at }) => ring_at),
      column(({ next_at }) => next_at),
    ]),
  )
}
