import type { Deadline, DispatchState } from '../words/dispatch.ts'
import type { Service } from '../words/recipient.ts'

/**
 * What the due loop knows of a dispatch when it asks when to look again. A time that has been dealt with is cleared by whoever
 * dealt with it: a step of the escalation taken, a lease given back, an attempt made, the overdue flag set.
 */
export interface Attention {
  state: DispatchState
  releaseAt: Temporal.Instant
  dueBy: Deadline
  /** Set at `dueBy`; from then on the deadline asks for nothing more. */
  overdue: boolean
  /** When the next push is due, the first at release. Null for a pull queue, and once a push was accepted. */
  nextRetryAt: Temporal.Instant | null
  /** End of a live lease: a collection, or an attempt under way. */
  leaseUntil: Temporal.Instant | null
  /** When the next step of the escalation is due; null when all were taken. */
  escalateAt: Temporal.Instant | null
  now: Temporal.Instant
}

/** A dispatch on which every clock has run out is still looked at once a day, so that it cannot be forgotten. */
const RECHECK_HOURS = 24

/**
 * When the due loop must look at a dispatch again: the earliest of release, retry, escalation, lease end and deadline. Only an
 * acknowledged or withdrawn dispatch has none. A held or given-up one keeps its deadline and after it a daily look, because
 * it waits for a person and the task it opened may itself lie unread. A moment already past means: look now.
 */
export function nextAttention(row: Attention): Temporal.Instant | null {
  if (row.state === 'acknowledged' || row.state === 'withdrawn') return null
  const moments = [row.escalateAt, row.overdue ? null : row.dueBy, ...momentsOfState(row)]
  let first: Temporal.Instant | null = null
  for (const moment of moments) {
    if (moment !== null && (first === null || Temporal.Instant.compare(moment, first) < 0)) first = moment
  }
  return first ?? row.now.add({ hours: RECHECK_HOURS })
}

function momentsOfState(row: Attention): (Temporal.Instant | null)[] {
  switch (row.state) {
    case 'planned':
      return [row.releaseAt]
    case 'released':
      // An attempt under way is judged by its outcome; only when its lease ends without one is it time to try again.
      return row.leaseUntil === null ? [row.nextRetryAt] : [row.leaseUntil]
    case 'collected':
      return [row.leaseUntil]
    case 'delivered':
    case 'held':
    case 'given_up':
    case 'acknowledged':
    case 'withdrawn':
      return []
    default: {
      const never: never = row.state
      return never
    }
  }
}

/** One step before a deadline: somebody else is written to, then a person is asked to ring. */
export interface EscalationStep {
  step: 'second contact' | 'telephone task'
  at: Temporal.Instant
}

/** Before a school opens. An hour leaves time to reach someone by telephone before the child walks in. */
const SCHOOL_TELEPHONE_MINUTES = 60

/**
 * The steps before a deadline, in order, never before release and never after the deadline. The second contact, at a school the
 * deputy, has half the time there is; the telephone has an hour before a school opens, and of any other service's time the
 * last quarter. In whole milliseconds, so that a moment is the same when it is read back.
 */
export function escalationSteps(dispatch: { service: Service; releaseAt: Temporal.Instant; dueBy: Deadline }): EscalationStep[] {
  const releasedMs = dispatch.releaseAt.epochMilliseconds
  const dueMs = Math.max(releasedMs, dispatch.dueBy.epochMilliseconds)
  const allowedMs = dueMs - releasedMs
  const telephoneMs = dispatch.service === 'education_setting' ? SCHOOL_TELEPHONE_MINUTES * 60_000 : Math.floor(allowedMs / 4)
  const telephone = Math.max(releasedMs, dueMs - telephoneMs)
  const second = Math.min(telephone, dueMs - Math.floor(allowedMs / 2))
  return [
    { step: 'second contact', at: Temporal.Instant.fromEpochMilliseconds(second) },
    { step: 'telephone task', at: Temporal.Instant.fromEpochMilliseconds(telephone) },
  ]
}
