import { CompiledQuery } from 'kysely'
import type { Trx } from '../database/connection.ts'
import type { DecisionKind, Grade } from '../words/decision.ts'
import type { Desk } from '../words/dispatch.ts'
import type { NotificationId, TaskId } from '../words/ids.ts'
import type { Service } from '../words/recipient.ts'

type Instant = Temporal.Instant

/** At whose desks somebody sits: an agency's, all of them or those named. */
export interface Seat {
  agency: string
  desks: readonly Desk[] | null
}

/** A task as a list tells of it: references alone. */
export interface ListedTask {
  id: TaskId
  notification_id: NotificationId | null
  recipient_id: string | null
  /** Of something that fell silent. */
  alarm_id: string | null
  /** Null where the notification is another agency's. */
  police_reference: string | null
  desk: Desk
  about: string[]
  victim_risk: string | null
  due_by: Instant
  overdue: boolean
  state: 'open' | 'claimed' | 'decided'
  opened_at: Instant
  claimed_by: string | null
  claimed_until: Instant | null
  proposed_by: string | null
  proposed_at: Instant | null
  proposed_decision: DecisionKind | null
  decided_by: string | null
  decided_at: Instant | null
  decision: DecisionKind | null
  /** By risk: 0 for high and for a victim nobody has graded, 3 for upkeep. */
  urgency: number
}

/** A task with all that deciding it needs, locked or not. */
export interface SealedTask extends ListedTask {
  agency: string
  questions: Buffer
  fence: number
  proposed_rationale: Buffer | null
  proposed_saw: Buffer | null
  rationale: Buffer | null
  decision_hmac: Buffer | null
  services: Service[]
  grade: Grade | null
  chosen_recipient: string | null
  rings: number
  ring_at: Instant | null
}

/** The index `task_waiting` has the same expression. */
const URGENCY = `(case t.victim_risk when 'high' then 0 when 'not_graded' then 0 when 'medium' then 1 when 'standard' then 2 else 3 end)`

const LISTED = `t.id, t.notification_id, t.recipient_id, t.alarm_id, n.police_reference, t.desk, t.about, t.victim_risk, t.due_by, t.overdue, t.state, t.opened_at,
  t.claimed_by, t.claimed_until, t.proposed_by, t.proposed_at, t.proposed_decision, t.decided_by, t.decided_at, t.decision, ${URGENCY} as urgency`

const AT_DESK = `t.agency = $1 and ($2::text[] is null or t.desk = any($2))`

// A claim that has ended is nobody's, whether or not the due loop has come by.
const PAGE = `
  select ${LISTED} from task t left join notification n on n.id = t.notification_id
  where ${AT_DESK} and ($3::text is null or t.desk = $3)
    and case $4 when 'open' then t.state = 'open' or (t.state = 'claimed' and t.claimed_until <= $5)
                when 'claimed' then t.state = 'claimed' and t.claimed_until > $5
                when 'decided' then t.state = 'decided' else t.state <> 'decided' end
    and ($6::int is null or (${URGENCY}, t.due_by, t.id) > ($6, $7::timestamptz, $8))
  order by ${URGENCY}, t.due_by, t.id limit $9`

/** Where a page of tasks begins: after this one. */
export interface After {
  urgency: number
  dueBy: Instant
  id: string
}

/** A page of an agency's tasks: highest victim risk first, then soonest due, then oldest. */
export async function pageOfTasks(
  trx: Trx,
  { agency, desks }: Seat,
  wanted: { desk: Desk | null; state: ListedTask['state'] | null; at: Instant },
  { after, limit }: { after: After | null; limit: number },
): Promise<ListedTask[]> {
  const from = [after?.urgency ?? null, after?.dueBy ?? null, after?.id ?? '']
  const values = [agency, desks, wanted.desk, wanted.state, wanted.at, ...from, limit]
  return (await trx.executeQuery<ListedTask>(CompiledQuery.raw(PAGE, values))).rows
}

/** What waits on one desk about victims of one risk. */
export interface Waiting {
  desk: Desk
  victim_risk: string | null
  waiting: number
  overdue: number
  oldest: Instant
}

const WAITING = `
  select t.desk, t.victim_risk, count(*)::int as waiting, (count(*) filter (where t.overdue))::int as overdue, min(t.opened_at) as oldest
  from task t where ${AT_DESK} and t.state <> 'decided' group by t.desk, t.victim_risk order by t.desk, t.victim_risk`

/** Everything that nobody has decided, counted, so that nothing waits behind the page somebody looks at. */
export async function waitingTasks(trx: Trx, { agency, desks }: Seat): Promise<Waiting[]> {
  return (await trx.executeQuery<Waiting>(CompiledQuery.raw(WAITING, [agency, desks]))).rows
}

const SEALED = `${LISTED}, t.agency, t.questions, t.fence, t.proposed_rationale, t.proposed_saw, t.rationale, t.decision_hmac, t.services, t.grade,
  t.chosen_recipient, t.rings, t.ring_at`
const one = (lock: string) =>
  `select ${SEALED} from task t left join notification n on n.id = t.notification_id where ${AT_DESK} and t.id = $3${lock}`
const READ_ONE = one('')
const LOCK_ONE = one(' for update of t')

/** One task of an agency's desks; null where it is absent, another agency's, or on a desk they do not sit at. */
export async function readTask(trx: Trx, { agency, desks }: Seat, id: string): Promise<SealedTask | null> {
  return (await trx.executeQuery<SealedTask>(CompiledQuery.raw(READ_ONE, [agency, desks, id]))).rows[0] ?? null
}

/** The same, locked: whoever else decides, claims or asks more of it waits. */
export async function lockTask(trx: Trx, { agency, desks }: Seat, id: string): Promise<SealedTask | null> {
  return (await trx.executeQuery<SealedTask>(CompiledQuery.raw(LOCK_ONE, [agency, desks, id]))).rows[0] ?? null
}

const CLAIM = `
  update task set state = 'claimed', claimed_by = $2, claimed_until = $3, fence = $4, next_at = $5
  where id = $1 and state <> 'decided'`

/** Writes who has a locked task, and until when. */
export async function saveClaim(
  trx: Trx,
  id: TaskId,
  claim: { by: string; until: Instant; fence: number; nextAt: Instant },
): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw(CLAIM, [id, claim.by, claim.until, claim.fence, claim.nextAt]))
}

const RELEASE = `
  update task set state = 'open', claimed_by = null, claimed_until = null, next_at = $2 where id = $1 and state = 'claimed'`

/** Writes that nobody has a locked task any more. */
export async function saveRelease(trx: Trx, id: TaskId, nextAt: Instant): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw(RELEASE, [id, nextAt]))
}

/** What a task rests on, still sealed. */
export interface TaskBackground {
  state: string
  police_reference: string
  version: number
  body: Buffer | null
  record: Buffer | null
  wrapped: Buffer | null
  wrapped_by: string | null
}

const BACKGROUND = `select state, police_reference, version, body, record, wrapped, wrapped_by from background_of_task($1)`

/** The notification behind one task of the caller's agency, whosever notification it is. */
export async function backgroundOf(trx: Trx, id: TaskId): Promise<TaskBackground | null> {
  return (await trx.executeQuery<TaskBackground>(CompiledQuery.raw(BACKGROUND, [id]))).rows[0] ?? null
}

const UPKEEP_KEY = `
  select data_key as wrapped, wrapped_by from recipient_sealed($1) where $2::text is null
  union all select data_key, wrapped_by from alarm where id = $2`

/** The key of the recipient or alarm that a task is about where no notification is, for its own agency and for the operator. */
export async function upkeepKeyOf(
  trx: Trx,
  { recipient_id, alarm_id }: Pick<ListedTask, 'recipient_id' | 'alarm_id'>,
): Promise<{ wrapped: Buffer; wrapped_by: string } | null> {
  const { rows } = await trx.executeQuery<{ wrapped: Buffer; wrapped_by: string }>(
    CompiledQuery.raw(UPKEEP_KEY, [recipient_id, alarm_id]),
  )
  return rows[0] ?? null
}
