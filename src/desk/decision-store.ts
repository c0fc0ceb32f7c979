import { CompiledQuery } from 'kysely'
import type { Db, Trx } from '../database/connection.ts'
import type { DecisionKind, Grade } from '../words/decision.ts'
import type { DispatchKind, DispatchState } from '../words/dispatch.ts'
import type { DispatchId, NotificationId, TaskId } from '../words/ids.ts'
import type { Service } from '../words/recipient.ts'
import type { ListedTask, TaskBackground } from './task-store.ts'

type Instant = Temporal.Instant

/** One version of the notification that a task belongs to, locked. For the worker's role, as all of this file. */
export interface FamilyVersion extends TaskBackground {
  id: NotificationId
  agency: string
  received_at: Instant
  victim_risk: string | null
}

const LOCK_FAMILY = `
  select n.id, n.agency, n.police_reference, n.version, n.state, n.body, n.record, n.received_at, n.victim_risk, k.wrapped, k.wrapped_by
  from notification own join notification n on n.agency = own.agency and n.police_reference = own.police_reference
    left join data_key k on k.notification_id = n.id
  where own.id = $1 and (select triage_is_under_way()) order by n.version for update of n`

/**
 * Every version of a notification, oldest first: none is triaged and none replaced while somebody decides. Whoever writes the
 * directory waits for us as for a triage: what is planned by the old entry, nobody overlooks who changes it.
 */
export async function lockFamily(trx: Trx, id: NotificationId): Promise<FamilyVersion[]> {
  return (await trx.executeQuery<FamilyVersion>(CompiledQuery.raw(LOCK_FAMILY, [id]))).rows
}

/** The key that an upkeep task's questions are sealed with. */
export async function recipientKeyOf(
  trx: Trx,
  { recipient_id, alarm_id }: Pick<ListedTask, 'recipient_id' | 'alarm_id'>,
): Promise<{ wrapped: Buffer; wrapped_by: string } | null> {
  const text = `select data_key as wrapped, wrapped_by from recipient where id = $1 and $2::text is null
    union all select data_key, wrapped_by from alarm where id = $2`
  const { rows } = await trx.executeQuery<{ wrapped: Buffer; wrapped_by: string }>(
    CompiledQuery.raw(text, [recipient_id, alarm_id]),
  )
  return rows[0] ?? null
}

/** Which service a recipient is, or null where there is none of that id. */
export async function serviceOf(db: Db, id: string): Promise<Service | null> {
  const { rows } = await db.executeQuery<{ service: Service }>(
    CompiledQuery.raw('select service from recipient where id = $1', [id]),
  )
  return rows[0]?.service ?? null
}

const PROPOSE = `
  update task set state = 'open', claimed_by = null, claimed_until = null, proposed_by = $2, proposed_at = $3, proposed_decision = $4,
    proposed_rationale = $5, proposed_saw = $6, next_at = $7
  where id = $1 and state <> 'decided'`

/** Writes what one person would decide, and leaves the task to a second. */
export async function saveProposal(
  trx: Trx,
  id: TaskId,
  proposal: { by: string; at: Instant; decision: DecisionKind; rationale: Buffer; saw: Buffer; nextAt: Instant },
): Promise<void> {
  const { by, at, decision, rationale, saw, nextAt } = proposal
  await trx.executeQuery(CompiledQuery.raw(PROPOSE, [id, by, at, decision, rationale, saw, nextAt]))
}

/** A decision as it is written. */
export interface NewDecision {
  by: string
  at: Instant
  decision: DecisionKind
  rationale: Buffer
  hmac: Buffer
  services: readonly Service[]
  grade: Grade | null
  recipientId: string | null
  settled: readonly Buffer[]
}

const DECIDE = `
  update task set state = 'decided', claimed_by = null, claimed_until = null, next_at = null, ring_at = null, decided_by = $2, decided_at = $3,
    decision = $4, rationale = $5, decision_hmac = $6, services = $7, grade = $8, chosen_recipient = $9, settled = $10
  where id = $1 and state <> 'decided'`

/** Writes a decision, once and for ever. @throws where it is decided already: whoever calls has it locked */
export async function saveDecision(trx: Trx, id: TaskId, made: NewDecision): Promise<void> {
  const { by, at, decision, rationale, hmac, services, grade, recipientId, settled } = made
  const values = [id, by, at, decision, rationale, hmac, services, grade, recipientId, settled]
  const { numAffectedRows } = await trx.executeQuery(CompiledQuery.raw(DECIDE, values))
  if (numAffectedRows !== 1n) throw new Error(`${id} was decided under its own lock`)
}

const LOOK_AGAIN = `
  update notification set next_at = $2, hinted_until = null
  where id = $1 and state = 'triaged' and (next_at is null or next_at > $2)`

/** Has a notification triaged again, because a person said what was not known or mended what was missing. */
export async function triageAgain(trx: Trx, id: NotificationId, at: Instant): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw(LOOK_AGAIN, [id, at]))
}

/** A dispatch that a decision made. */
export interface DecidedDispatch {
  id: DispatchId
  service: Service
  recipient_id: string
  kind: DispatchKind
  about: string[]
  state: DispatchState
  due_by: Instant
}

const MADE = `
  select id, service, recipient_id, kind, about, state, due_by from dispatch
  where notification_id = any($1) and id = any($2) order by id limit 1000`

export async function dispatchesMade(
  trx: Trx,
  family: readonly NotificationId[],
  ids: readonly string[],
): Promise<DecidedDispatch[]> {
  if (ids.length === 0) return []
  return (await trx.executeQuery<DecidedDispatch>(CompiledQuery.raw(MADE, [family, ids]))).rows
}

/** What the timeline says of a decision, to answer the same decision again the same. */
export async function decidedEvent(trx: Trx, stream: string, task: TaskId): Promise<string | null> {
  const text = `select body from audit_event where stream = $1 and task = $2 and kind = 'task decided' order by seq limit 1`
  return (await trx.executeQuery<{ body: string }>(CompiledQuery.raw(text, [stream, task]))).rows[0]?.body ?? null
}
