import type { Deadline } from '../words/dispatch.ts'

/** Of the time there is, how much may pass before somebody is told that nobody has collected: less where the risk is high. */
const SHARE_AT_HIGH_RISK = 1 / 4
const SHARE = 1 / 2

/**
 * When the recipient's duty contact and the force are told that a dispatch lies uncollected: always before its deadline, and
 * before anybody is asked to telephone. Half of its time has passed then, or a quarter where the victim's risk is high or not
 * graded. A deadline that had passed on arrival has its telephone task already; then it is the moment of release.
 */
export function nonCollectionReportAt(dispatch: {
  victimRisk: string
  releaseAt: Temporal.Instant
  dueBy: Deadline
}): Temporal.Instant {
  const { victimRisk, releaseAt, dueBy } = dispatch
  const allowedMs = Math.max(0, dueBy.epochMilliseconds - releaseAt.epochMilliseconds)
  const share = victimRisk === 'high' || victimRisk === 'not_graded' ? SHARE_AT_HIGH_RISK : SHARE
  return releaseAt.add({ milliseconds: Math.floor(allowedMs * share) })
}
