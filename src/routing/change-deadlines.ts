import type { PlannedDispatch } from '../words/dispatch.ts'
import type { RecipientId } from '../words/ids.ts'
import type { Outcome } from '../words/outcome.ts'
import type { Service } from '../words/recipient.ts'
import { calendarWhereUnknown, nextOpening } from './calendar.ts'
import type { PlanInput } from './circumstances.ts'
import { clockFrom, dueBy, earlier, pastOnArrival } from './deadlines.ts'
import type { EarlierDispatch } from './earlier-dispatches.ts'

/** When what a change sends is due. */
export interface ChangeClock {
  now: Temporal.Instant
  receivedAt: Temporal.Instant
  /** The victim's risk is graded higher than before: the limit from the first report holds, or now. */
  riskRose: boolean
  /** The settled limit where no procedure names one, from now on. */
  fresh: (service: Service, recipientId: RecipientId) => Temporal.Instant
  /** The same, as for a victim at high risk: what should never have been told does not wait three days. */
  urgent: (service: Service, recipientId: RecipientId) => Temporal.Instant
}

export function changeClock(
  input: Pick<PlanInput, 'releaseAt' | 'receivedAt' | 'recipients'> & { outcome?: Outcome },
  riskRose: boolean,
): ChangeClock {
  const now = input.releaseAt
  const limit = (risk: Outcome['victimRisk']) => (service: Service, recipientId: RecipientId) =>
    dueBy({ kind: 'where silent' }, service, clockFrom(now, risk, false), () => {
      const recipient = input.recipients.find(({ id }) => id === recipientId)
      return nextOpening(recipient?.calendar ?? calendarWhereUnknown, now)
    })
  return {
    now,
    receivedAt: input.receivedAt ?? now,
    riskRose,
    fresh: limit(input.outcome?.victimRisk ?? 'not_graded'),
    urgent: limit('high'),
  }
}

/**
 * A deadline never moves back, and one that a regrade makes stricter runs from the first report, or is now where that is
 * past (domain A10). A correction that comes after the limit has a fresh one, because nobody could have met the old.
 */
export function dueAfterChange(
  sent: 'replaced' | 'asks for more' | 'corrected',
  planned: PlannedDispatch,
  before: readonly EarlierDispatch[],
  clock: ChangeClock,
): Pick<PlannedDispatch, 'dueBy' | 'lateOnArrival'> {
  const open = before.filter(({ state }) => state !== 'acknowledged' && state !== 'withdrawn')
  const [first] = open.toSorted((one, other) => Temporal.Instant.compare(one.dueBy, other.dueBy))
  const wanted = first === undefined ? planned.dueBy : earlier(planned.dueBy, first.dueBy)
  if (!past(wanted, clock)) return { dueBy: wanted, lateOnArrival: false }
  // Ours to answer for: it was due before the change came.
  if (sent === 'replaced' && first !== undefined && past(first.dueBy, clock)) {
    return { dueBy: first.dueBy, lateOnArrival: first.lateOnArrival }
  }
  if (sent !== 'corrected' || clock.riskRose) {
    return { dueBy: clock.now, lateOnArrival: pastOnArrival(wanted, clock.receivedAt) }
  }
  return { dueBy: clock.fresh(planned.service, planned.recipientId), lateOnArrival: false }
}

const past = (deadline: Temporal.Instant, { now }: ChangeClock) => Temporal.Instant.compare(deadline, now) <= 0
