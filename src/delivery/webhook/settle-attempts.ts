import { appendAuditEvents } from '../../audit/append-audit-events.ts'
import type { NewEvent } from '../../audit/chain.ts'
import { inTransaction } from '../../database/again.ts'
import type { Db } from '../../database/connection.ts'
import type { LeaseToken } from '../../words/ids.ts'
import { endAttempts } from '../attempt-store.ts'
import { attentionOf } from '../attend.ts'
import { directoryTask, givenUpQuestion } from '../dispatch-questions.ts'
import { taskEvents } from '../task-events.ts'
import { openTasks, type TaskToOpen } from '../task-store.ts'
import { type Judged, retryAfter } from './judge.ts'
import { type Claimed, disableRecipients, lockSent, noteLateArrivals, type Sending, settleSent } from './webhook-store.ts'

/** An attempt that has ended, and the key its notification is sealed with; null where that cannot be opened. */
export interface Ended {
  claimed: Claimed
  judged: Judged
  dataKey: Buffer | null
}

interface Settled extends Ended {
  /** The dispatch as it will stand. */
  row: Sending & { next_at: Temporal.Instant | null }
  before: Sending
}

/**
 * Writes how a batch of attempts ended, with their events and tasks, in one transaction. An attempt whose fence no longer
 * holds came too late: its outcome goes into the attempt log, and changes nothing.
 * @returns for each, whether it still counted
 */
export function settleAttempts(
  db: Db,
  ended: readonly Ended[],
  by: { token: LeaseToken; at: Temporal.Instant; jitter: () => number },
): Promise<boolean[]> {
  const { at } = by
  return inTransaction(db, async (trx) => {
    const rows = await lockSent(
      trx,
      ended.map(({ claimed }) => claimed.id),
    )
    const settled = ended.flatMap((one) => {
      const before = rows.get(one.claimed.id)
      return before && stillOurs(before, one.claimed, by.token) ? [settle(one, before, at, by.jitter())] : []
    })
    await settleSent(
      trx,
      settled.map(({ row }) => row),
      at,
    )
    await endAttempts(
      trx,
      ended.map(({ claimed, judged }) => ({ ...judged, id: claimed.attempt_id })),
      at,
    )
    const late = ended.flatMap(({ claimed, judged }) => {
      const before = rows.get(claimed.id)
      // A mail that arrives too late tells nothing: its link says that it was taken back.
      const told = judged.outcome === 'delivered' && claimed.channel === 'webhook'
      return told && before?.state === 'withdrawn' ? [before] : []
    })
    await noteLateArrivals(
      trx,
      late.map(({ id }) => id),
      at,
    )
    const disabled = await disableRecipients(
      trx,
      settled
        .filter(({ judged }) => judged.disable)
        .map(({ claimed }) => ({ recipient: claimed.recipient_id, url: claimed.url })),
      at,
    )
    const opened = await openTasks(trx, settled.flatMap(tasksFor), at)
    await appendAuditEvents(trx, at, [
      ...settled.flatMap(eventsOf),
      ...late.map(arrivedEvent),
      ...disabled.map(disabledEvent),
      ...taskEvents(opened),
    ])
    const counted = new Set(settled.map(({ claimed }) => claimed.attempt_id))
    return ended.map(({ claimed }) => counted.has(claimed.attempt_id))
  })
}

function stillOurs(row: Sending, claimed: Claimed, token: LeaseToken): boolean {
  return row.fence === claimed.fence && row.lease_token === token && row.lease_until !== null && row.state === 'released'
}

function settle(ended: Ended, before: Sending, at: Temporal.Instant, jitter: number): Settled {
  const delivered = ended.judged.outcome === 'delivered'
  const retryAt = delivered ? null : retryAfter(ended.judged, before, at, jitter)
  const state = delivered ? 'delivered' : retryAt === null ? 'given_up' : 'released'
  const row: Sending = { ...before, state, retry_at: retryAt, lease_until: null }
  return { ...ended, before, row: { ...row, next_at: attentionOf(row, at) } }
}

function eventsOf({ before, row, judged }: Settled): NewEvent[] {
  const about = { stream: before.notification_id, actor: 'system', dispatch: before.id }
  const { outcome, status, detail } = judged
  const attempt = { recipient: before.recipient_id, attempt: before.attempts, ...(status === null ? {} : { status }) }
  if (row.state === 'delivered') return [{ ...about, kind: 'dispatch delivered', detail: attempt }]
  const failed: NewEvent = {
    ...about,
    kind: 'attempt failed',
    detail: { ...attempt, outcome, ...(detail === null ? {} : { why: detail }), retryAt: row.retry_at?.toString() ?? null },
  }
  if (row.state !== 'given_up') return [failed]
  return [failed, { ...about, kind: 'dispatch given up', detail: { recipient: before.recipient_id } }]
}

/** It was withdrawn while it was on its way. Triage looks again, and corrects or recalls what they now hold. */
function arrivedEvent({ id, notification_id: stream, recipient_id: recipient }: Sending): NewEvent {
  return { stream, kind: 'withdrawn dispatch arrived', actor: 'system', dispatch: id, detail: { recipient } }
}

function disabledEvent(id: string): NewEvent {
  return { stream: `recipient:${id}`, kind: 'recipient disabled', actor: 'system', detail: { status: 410 } }
}

/** What a person must do. The question is the same on every attempt, so it is asked once. */
function tasksFor({ before, row, judged, dataKey }: Settled): TaskToOpen[] {
  // Without the key no question can be sealed; the attempts say why, the deadline stands, and `doctor` names the key.
  if (dataKey === null) return []
  const name = before.recipient_name
  const questions = [
    ...(judged.mend === null ? [] : [`${name} was not told: ${judged.mend}. Ring it, and mend its entry in the directory.`]),
    ...(row.state === 'given_up' ? [givenUpQuestion(name)] : []),
  ]
  return questions.map((question) => directoryTask(before, dataKey, question))
}
