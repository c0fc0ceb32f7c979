import { ringAgainAt, taskAttention } from '../routing/task-attention.ts'
import type { DueTask } from './task-due-store.ts'

/** What is found about a task when its moment has come. */
export type TaskFound = 'claim lapsed' | 'overdue' | 'rung again'

export interface AttendedTask {
  before: DueTask
  after: DueTask & { next_at: Temporal.Instant }
  found: TaskFound[]
}

/**
 * What is due about a task. Pure. A claim that has ended puts it back; at its deadline it is overdue and the duty contact is rung,
 * and rung again at growing intervals until somebody decides, and only so often. The directory's own upkeep rings nobody; a silence
 * rings as a high risk does, because nobody knows who was not told.
 */
export function attendTask(before: DueTask, at: Temporal.Instant): AttendedTask {
  const past = (moment: Temporal.Instant | null) => moment !== null && Temporal.Instant.compare(moment, at) <= 0
  const found: TaskFound[] = []
  let after = before
  if (before.state === 'claimed' && past(before.claimed_until)) {
    found.push('claim lapsed')
    after = { ...after, state: 'open', claimed_by: null, claimed_until: null }
  }
  const rings = before.notification_id !== null || before.alarm_id !== null
  const risk = before.alarm_id === null ? before.victim_risk : 'not_graded'
  if (!before.overdue && past(before.due_by)) {
    found.push('overdue')
    after = { ...after, overdue: true, ...(rings ? { rings: 1, ring_at: ringAgainAt(1, risk, at) } : {}) }
  } else if (before.overdue && past(before.ring_at)) {
    found.push('rung again')
    after = { ...after, rings: before.rings + 1, ring_at: ringAgainAt(before.rings + 1, risk, at) }
  }
  const { due_by: dueBy, overdue, claimed_until: claimedUntil, ring_at: ringAt } = after
  return { before, after: { ...after, next_at: taskAttention({ dueBy, overdue, claimedUntil, ringAt, now: at }) }, found }
}
