import type { Client } from '../access/scopes.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import type { NewEvent } from '../audit/chain.ts'
import { asAgency, type Database, type Trx } from '../database/connection.ts'
import type { Keys } from '../database/service-keys.ts'
import { taskAttention } from '../routing/task-attention.ts'
import type { Clock } from '../words/clock.ts'
import { type TaskLife, weighClaim, weighRelease } from './task-life.ts'
import { lockTask, type SealedTask, saveClaim, saveRelease } from './task-store.ts'

type Instant = Temporal.Instant

/** What the desk stories need. `database` is the role that sees one agency at a time. */
export interface DeskRoom {
  database: Database
  keys: Keys
  now: Clock
}

export type TaskRefusal = { kind: 'no such task' } | { kind: 'somebody else has it'; until: Instant } | { kind: 'decided before' }

export type Claim = { kind: 'claimed'; by: string; until: Instant; fence: number } | TaskRefusal

/** Takes a task to oneself for a while. The same person again has it for longer; the fence rises only for somebody new. */
export function claimTask(room: DeskRoom, client: Client, id: string, minutes: number): Promise<Claim> {
  return withTask(room, client, id, async (trx, task, at): Promise<Claim> => {
    const weighed = weighClaim(lifeOf(task), client.id, at)
    if (weighed.kind === 'decided before' || weighed.kind === 'somebody else has it') return weighed
    const until = at.add({ minutes })
    const renews = weighed.kind === 'renews'
    const fence = renews ? task.fence : task.fence + 1
    const nextAt = attentionOf({ ...task, claimed_until: until }, at)
    await saveClaim(trx, task.id, { by: client.id, until, fence, nextAt })
    const lapsed = weighed.kind === 'claims after a lapse' ? [lapsedEvent(task, weighed.lapsed)] : []
    const detail = { desk: task.desk, until: until.toString() }
    const kind = renews ? 'task claim renewed' : 'task claimed'
    await appendAuditEvents(trx, at, [...lapsed, { stream: streamOf(task), kind, actor: client.id, task: task.id, detail }])
    return { kind: 'claimed', by: client.id, until, fence }
  })
}

export type Release = { kind: 'released' } | TaskRefusal

/** Gives a task back before its claim ends. One that nobody has is answered the same. */
export function releaseTask(room: DeskRoom, client: Client, id: string): Promise<Release> {
  return withTask(room, client, id, async (trx, task, at): Promise<Release> => {
    const weighed = weighRelease(lifeOf(task), client.id, at)
    if (weighed.kind === 'decided before' || weighed.kind === 'somebody else has it') return weighed
    if (weighed.kind === 'is nobody’s already') return { kind: 'released' }
    await saveRelease(trx, task.id, attentionOf({ ...task, claimed_until: null }, at))
    await appendAuditEvents(trx, at, [
      { stream: streamOf(task), kind: 'task released', actor: client.id, task: task.id, detail: { desk: task.desk } },
    ])
    return { kind: 'released' }
  })
}

function withTask<T>(
  { database, now }: DeskRoom,
  client: Client,
  id: string,
  work: (trx: Trx, task: SealedTask, at: Instant) => Promise<T>,
): Promise<T | { kind: 'no such task' }> {
  const at = now().round('millisecond')
  return asAgency(database, client.agency, async (trx) => {
    const task = await lockTask(trx, client, id)
    return task ? work(trx, task, at) : { kind: 'no such task' as const }
  })
}

/** A stored task as its life is weighed. */
export function lifeOf(task: SealedTask): TaskLife {
  const { state, claimed_by: claimedBy, claimed_until: claimedUntil, proposed_by: by, proposed_decision: decision } = task
  const saw = task.proposed_saw?.toString('base64url') ?? ''
  return { state, claimedBy, claimedUntil, proposal: by === null || decision === null ? null : { by, decision, saw } }
}

/** When somebody must look at a task next. */
export function attentionOf(task: Pick<SealedTask, 'due_by' | 'overdue' | 'claimed_until' | 'ring_at'>, now: Instant): Instant {
  const { due_by: dueBy, overdue, claimed_until: claimedUntil, ring_at: ringAt } = task
  return taskAttention({ dueBy, overdue, claimedUntil, ringAt, now })
}

/** Where what happens to a task is written down: with its notification, or with the recipient it asks to mend. */
export function streamOf({
  notification_id,
  recipient_id,
  alarm_id,
}: Pick<SealedTask, 'notification_id' | 'recipient_id' | 'alarm_id'>): string {
  return notification_id ?? (alarm_id === null ? `recipient:${recipient_id}` : 'service')
}

/** Somebody's claim had ended, and nobody had written it down. */
export function lapsedEvent(task: SealedTask, by: string): NewEvent {
  const detail = { desk: task.desk, claimedBy: by, claimedUntil: task.claimed_until?.toString() }
  return { stream: streamOf(task), kind: 'task claim lapsed', actor: 'system', task: task.id, detail }
}
