import { CompiledQuery } from 'kysely'
import type { Trx } from '../database/connection.ts'
import type { DecisionKind, Grade } from '../words/decision.ts'
import type { DispatchId, NotificationId, TaskId } from '../words/ids.ts'
import type { Service } from '../words/recipient.ts'

type Instant = Temporal.Instant

/** What a person decided about a task, by references alone. */
export interface StoredDecision {
  id: TaskId
  notification_id: NotificationId
  about: string[]
  decision: DecisionKind
  services: Service[]
  grade: Grade | null
  chosen_recipient: string | null
  settled: Buffer[]
  decided_at: Instant
}

/** More decisions about one family of versions than people could have made. */
const DECISIONS_MAX = 5_000

const DECISIONS = `
  select id, notification_id, about, decision, services, grade, chosen_recipient, settled, decided_at
  from task where notification_id = any($1) and decision is not null order by decided_at, id limit ${DECISIONS_MAX}`

/** What people decided about these versions, earliest first. No statement where there are none. */
export async function decisionsOf(trx: Trx, ids: readonly NotificationId[]): Promise<StoredDecision[]> {
  if (ids.length === 0) return []
  return (await trx.executeQuery<StoredDecision>(CompiledQuery.raw(DECISIONS, [ids]))).rows
}

/** By when something told before must be acknowledged, now that the risk is graded higher. */
export interface Sooner {
  service: Service
  recipientId: string
  about: readonly string[]
  dueBy: Instant
}

const SOONER = `
  update dispatch d set due_by = $5, next_at = least(d.next_at, $5), escalate_at = least(d.escalate_at, $5)
  where d.notification_id = any($1) and d.service = $2 and d.recipient_id = $3 and d.about && $4::text[] and d.due_by > $5
    and not d.overdue and d.kind <> 'recall' and d.state not in ('acknowledged', 'withdrawn')
  returning d.id, d.notification_id, d.due_by`

/** A graver risk takes the stricter limit from the report on, or now where that is past; never a later one. @returns those it moved */
export async function dueSooner(
  trx: Trx,
  family: readonly NotificationId[],
  { service, recipientId, about, dueBy }: Sooner,
): Promise<{ id: DispatchId; notification_id: NotificationId; due_by: Instant }[]> {
  const values = [family, service, recipientId, about, dueBy]
  return (
    await trx.executeQuery<{ id: DispatchId; notification_id: NotificationId; due_by: Instant }>(
      CompiledQuery.raw(SOONER, values),
    )
  ).rows
}

const URGENCY = (risk: string) => `case ${risk} when 'high' then 2 when 'not_graded' then 2 when 'medium' then 1 else 0 end`
const GRAVER = (table: string, living: string) =>
  `update ${table} set victim_risk = $2 where notification_id = any($1) and ${living} and ${URGENCY('victim_risk')} < ${URGENCY('$2')}`

/** What waits, waits where its new risk puts it: in queues and on desks. A lower one moves nothing back. */
export async function raiseRisk(trx: Trx, family: readonly NotificationId[], risk: string): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw(GRAVER('dispatch', `state not in ('acknowledged', 'withdrawn')`), [family, risk]))
  await trx.executeQuery(CompiledQuery.raw(GRAVER('task', `state <> 'decided'`), [family, risk]))
}
