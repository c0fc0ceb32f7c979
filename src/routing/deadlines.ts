import type { Deadline } from '../words/dispatch.ts'
import type { Outcome, TimeLimit } from '../words/outcome.ts'
import type { Service } from '../words/recipient.ts'

/** What a clock turns on. Every clock starts when police were told, never when we were. */
export interface Clock {
  reportedAt: Temporal.Instant
  victimRisk: Outcome['victimRisk']
  /** Some child on the notification is known to be injured. */
  childInjured: boolean
  /** Deadlines already worked out, by hours: a plan asks for the same two or three many times. */
  reached: Map<number, Deadline>
}

/** Starts the clock of one notification. */
export function clockFrom(reportedAt: Temporal.Instant, victimRisk: Clock['victimRisk'], childInjured: boolean): Clock {
  return { reportedAt, victimRisk, childInjured, reached: new Map() }
}

/** Hours where a procedure names none (design, "Settled ambiguities"). */
const SILENT_AT_ONCE_HOURS = 1
const SILENT_URGENT_HOURS = 24
const SILENT_OTHERWISE_HOURS = 72

const toldAtOnce: readonly Service[] = ['marac', 'police_child_protection']

/**
 * When a service told under this limit must have acknowledged. Hours are elapsed hours from the report, through weekends and
 * clock changes. `opening` gives the first opening of that child's school and is asked only when it is needed.
 */
export function dueBy(limit: TimeLimit, service: Service, clock: Clock, opening: () => Deadline): Deadline {
  if (limit.kind === 'before school opens') return opening()
  if (limit.kind === 'hours') return hoursAfterReport(clock, riskCountsAsHigh(clock.victimRisk) ? limit.high : limit.otherwise)
  // A procedure that is silent about a school leaves the settled school deadline, whatever the risk.
  if (service === 'education_setting') return opening()
  if (toldAtOnce.includes(service)) return hoursAfterReport(clock, SILENT_AT_ONCE_HOURS)
  return reviewDueBy(clock)
}

/** When a person must have settled what the rules could not: 24 hours for a high, ungraded or injured case, else 72. */
export function reviewDueBy(clock: Clock): Deadline {
  const urgent = riskCountsAsHigh(clock.victimRisk) || clock.childInjured
  return hoursAfterReport(clock, urgent ? SILENT_URGENT_HOURS : SILENT_OTHERWISE_HOURS)
}

/** How soon a person must look where a child may have been left out, or somebody may read what they must not. */
const URGENT_HOURS = 1

/**
 * When a person must have settled what cannot wait. No procedure names a limit, so an hour is assumed; it runs from when the
 * notification reached us, because only then could anybody see it.
 */
export function urgentDueBy(receivedAt: Temporal.Instant): Deadline {
  return receivedAt.add({ hours: URGENT_HOURS })
}

/** The time limit had run out before the notification reached us. Counted apart from our own lateness. */
export function pastOnArrival(deadline: Deadline, receivedAt: Temporal.Instant): boolean {
  return Temporal.Instant.compare(deadline, receivedAt) <= 0
}

/** The stricter of two deadlines. */
export function earlier(one: Deadline, other: Deadline): Deadline {
  return one === other || Temporal.Instant.compare(one, other) <= 0 ? one : other
}

/** A victim nobody has graded may be the one at highest risk (contract §1). */
function riskCountsAsHigh(risk: Clock['victimRisk']): boolean {
  return risk === 'high' || risk === 'not_graded'
}

function hoursAfterReport(clock: Clock, hours: number): Deadline {
  const known = clock.reached.get(hours)
  if (known !== undefined) return known
  const deadline = clock.reportedAt.add({ hours })
  clock.reached.set(hours, deadline)
  return deadline
}
