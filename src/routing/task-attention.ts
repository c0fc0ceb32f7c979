/** What decides when somebody must look at a task that nobody has decided. */
export interface TaskMoments {
  dueBy: Temporal.Instant
  overdue: boolean
  /** Until when somebody has it to themselves; null where nobody has. */
  claimedUntil: Temporal.Instant | null
  /** When the duty contact is rung next; null where nobody is to be rung any more. */
  ringAt: Temporal.Instant | null
  now: Temporal.Instant
}

/** An overdue task that nobody is rung for any more is looked at this often, for as long as it is open. */
const OVERDUE_AGAIN_HOURS = 24

/** How long after the one before somebody is rung again, by the victim's risk. After the last, nobody is: they all know. */
const RING_AGAIN_HOURS = { urgent: [1, 2, 4, 8, 16, 24, 24], other: [4, 8, 24, 24, 48] }

/** The next moment of a task: its deadline, the end of a claim, or the next ring. Pure; a decided task has none. */
export function taskAttention({ dueBy, overdue, claimedUntil, ringAt, now }: TaskMoments): Temporal.Instant {
  const clock = overdue ? (ringAt ?? now.add({ hours: OVERDUE_AGAIN_HOURS })) : dueBy
  const next = claimedUntil !== null && Temporal.Instant.compare(claimedUntil, clock) < 0 ? claimedUntil : clock
  return Temporal.Instant.compare(next, now) < 0 ? now : next
}

/**
 * When the duty contact is rung again for a task that stays overdue: sooner where the risk is high or nobody graded it.
 * @param rings how often they were rung, this time included
 */
export function ringAgainAt(rings: number, victimRisk: string | null, now: Temporal.Instant): Temporal.Instant | null {
  const urgent = victimRisk === 'high' || victimRisk === 'not_graded'
  const hours = RING_AGAIN_HOURS[urgent ? 'urgent' : 'other'][rings - 1]
  return hours === undefined ? null : now.add({ hours })
}
