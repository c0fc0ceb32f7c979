import { CompiledQuery } from 'kysely'
import type { Trx } from '../database/connection.ts'
import type { DispatchKind, DispatchState } from '../words/dispatch.ts'
import type { DispatchId, NotificationId } from '../words/ids.ts'
import type { Service } from '../words/recipient.ts'

type Instant = Temporal.Instant

/** A dispatch as its recipient's agency may see it, without what it says. */
export interface QueuedDispatch {
  id: DispatchId
  notification_id: NotificationId
  recipient_id: string
  service: Service
  kind: DispatchKind
  about: string[]
  asks: string | null
  restricted: boolean
  victim_risk: string
  state: DispatchState
  overdue: boolean
  late_on_arrival: boolean
  /** Its number in the queue; null until it has one. */
  sequence: number | null
  release_at: Instant
  due_by: Instant
  lease_token: string | null
  lease_until: Instant | null
  collected_at: Instant | null
  delivered_at: Instant | null
  acknowledged_at: Instant | null
}

/** The same with its content, still sealed. */
export interface SealedDispatch extends QueuedDispatch {
  content: Buffer | null
  acknowledged_by: Buffer | null
  outcome: string | null
  outcome_note: Buffer | null
  /** Why its own recipient gave it back; null where nobody did. */
  return_reason: string | null
  /** A later dispatch says it as it is now, or recalls it: this one is shown no more. */
  replaced_by: DispatchId | null
  /** A newer version came, and what is told instead is not settled yet. */
  changing: boolean
  /** Somebody there has seen what it says. */
  shown: boolean
  /** Until then nothing is handed out by its recipient's route; null where nobody suspended it. */
  suspended_until: Instant | null
  wrapped: Buffer
  wrapped_by: string
}

const COLUMNS = [
  'id',
  'notification_id',
  'recipient_id',
  'service',
  'kind',
  'about',
  'asks',
  'restricted',
  'victim_risk',
  'state',
  'overdue',
  'late_on_arrival',
  'sequence',
  'release_at',
  'due_by',
  'lease_token',
  'lease_until',
  'collected_at',
  'delivered_at',
  'acknowledged_at',
]
const columnsOf = (table: string) => COLUMNS.map((name) => `${table}.${name}`).join(', ')

const QUEUES = `
  select r.id, r.name, r.service,
    count(*) filter (where d.state = 'released') as waiting,
    count(*) filter (where d.state = 'collected') as collected,
    count(*) filter (where d.overdue) as overdue,
    min(d.release_at) filter (where d.state = 'released' and d.victim_risk = 'high') as high,
    min(d.release_at) filter (where d.state = 'released' and d.victim_risk = 'not_graded') as not_graded,
    min(d.release_at) filter (where d.state = 'released' and d.victim_risk = 'medium') as medium,
    min(d.release_at) filter (where d.state = 'released' and d.victim_risk = 'standard') as standard
  from recipient r left join dispatch d on d.recipient_id = r.id and d.agency = $1 and d.state in ('released', 'collected')
  where r.agency = $1 and r.channel = 'pull_queue'
  group by r.id order by r.id limit 200`

/** One pull queue and how full it is; the four moments say when the oldest waiting dispatch of that risk was released. */
export interface QueueCounts {
  id: string
  name: string
  service: Service
  waiting: number
  collected: number
  overdue: number
  high: Instant | null
  not_graded: Instant | null
  medium: Instant | null
  standard: Instant | null
}

/** The pull queues of an agency. */
export async function queuesOf(trx: Trx, agency: string): Promise<QueueCounts[]> {
  return (await trx.executeQuery<QueueCounts>(CompiledQuery.raw(QUEUES, [agency]))).rows
}

/** Whether an agency has this pull queue. */
export async function ownsQueue(trx: Trx, agency: string, queueId: string): Promise<boolean> {
  const text = `select 1 from recipient where id = $1 and agency = $2 and channel = 'pull_queue'`
  return (await trx.executeQuery(CompiledQuery.raw(text, [queueId, agency]))).rows.length > 0
}

const PAGE = `
  select ${columnsOf('d')} from dispatch d
  where d.recipient_id = $1 and d.agency = $2 and d.state <> 'planned' and d.hold_reason is null and ($3::text is null or d.state = $3)
    and ($4::timestamptz is null or (d.due_by, d.id) > ($4, $5))
  order by d.due_by, d.id limit $6`

/** A page of a queue's dispatches, soonest due first, after a given one. */
export async function pageOfQueue(
  trx: Trx,
  queue: { id: string; agency: string; state: string | null },
  after: { dueBy: Instant; id: string } | null,
  limit: number,
): Promise<QueuedDispatch[]> {
  const values = [queue.id, queue.agency, queue.state, after?.dueBy ?? null, after?.id ?? '', limit]
  return (await trx.executeQuery<QueuedDispatch>(CompiledQuery.raw(PAGE, values))).rows
}

const LOCK_ONE = `
  select ${columnsOf('d')}, d.content, d.acknowledged_by, d.outcome, d.outcome_note, d.return_reason, d.replaced_by, d.changing, d.shown, r.suspended_until,
    k.wrapped, k.wrapped_by
  from dispatch d join data_key k on k.notification_id = d.notification_id join recipient r on r.id = d.recipient_id
  where d.id = $1 and d.agency = $2 and d.state <> 'planned' and d.hold_reason is null for update of d`

/** One dispatch of an agency, locked; null where it is absent, another's, not released yet or held from this very agency. */
export async function lockOwnDispatch(trx: Trx, id: string, agency: string): Promise<SealedDispatch | null> {
  return (await trx.executeQuery<SealedDispatch>(CompiledQuery.raw(LOCK_ONE, [id, agency]))).rows[0] ?? null
}

/**
 * Whether its recipient is kept from it at this moment, though it is theirs. Pure. What somebody there has seen is kept from
 * nobody: what nobody has seen may be withdrawn or held instead while it is looked at, and of a suspended route nothing is given.
 */
export function isKeptBack(
  { shown, changing, state, suspended_until: until }: Pick<SealedDispatch, 'shown' | 'changing' | 'state' | 'suspended_until'>,
  at: Instant,
): boolean {
  if (shown) return false
  return changing || state === 'held' || (until !== null && Temporal.Instant.compare(until, at) > 0)
}

const READ = `update dispatch set collected_at = $2 where id = $1 and not shown and state not in ('held', 'withdrawn')`

/** It was read before anybody collected it, and counts as seen: what changes is then corrected, and not taken back in silence. */
export async function markRead(trx: Trx, id: DispatchId, at: Instant): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw(READ, [id, at]))
}

const ACKNOWLEDGE = `
  update dispatch set state = 'acknowledged', acknowledged_at = $2, acknowledged_by = $3, next_at = null, hinted_until = null,
    retry_at = null, escalate_at = null, report_at = null, lease_until = null
  where id = $1 and acknowledged_at is null`

/** The recipient has it. The lease's token stays, so that the same acknowledgement again is known again. */
export async function markAcknowledged(trx: Trx, id: DispatchId, at: Instant, by: Buffer): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw(ACKNOWLEDGE, [id, at, by]))
}

const RENEW = `
  update dispatch d set lease_until = $2, next_at = least($2, d.escalate_at, case when d.overdue then null else d.due_by end)
  where d.id = $1 and d.state = 'collected'`

/** Gives a collector longer. */
export async function extendLease(trx: Trx, id: DispatchId, until: Instant): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw(RENEW, [id, until]))
}

const OUTCOME = `update dispatch set outcome = $2, outcome_note = $3, outcome_at = $4 where id = $1`

/** What the recipient says came of it. A later word replaces an earlier one; the timeline keeps both. */
export async function saveOutcome(
  trx: Trx,
  id: DispatchId,
  said: { code: string; note: Buffer | null; at: Instant },
): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw(OUTCOME, [id, said.code, said.note, said.at]))
}

// Due at once: the due loop asks a person, because the recipient's agency may not open a task of the operator's.
const RETURN = `
  update dispatch set state = 'held', return_reason = $2, return_note = $3, escalate_at = $4, next_at = $4, lease_until = null,
    retry_at = null, hinted_until = null
  where id = $1`

/** The recipient gives it back. Its deadline stands. */
export async function markReturned(
  trx: Trx,
  id: DispatchId,
  given: { reason: string; note: Buffer | null; at: Instant },
): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw(RETURN, [id, given.reason, given.note, given.at]))
}
