import type { FiredRule, Recorded, RecordedValues } from '../triage/recorded.ts'
import type { Deadline, DispatchKind } from '../words/dispatch.ts'
import type { PersonRef } from '../words/ids.ts'
import type { TimeLimit } from '../words/outcome.ts'
import type { Service } from '../words/recipient.ts'
import { calendarWhereUnknown, nextOpening } from './calendar.ts'
import { type Clock, clockFrom, dueBy, earlier } from './deadlines.ts'
import { aboutOne, kindApart } from './tellings.ts'

/** How a service would be told otherwise. One telling can change in kind and in time. */
export type Change = 'now told' | 'no longer told' | 'told sooner' | 'told later' | 'told as another kind'

export interface Difference {
  change: Change
  service: Service
  /** What it would be told as; for one no longer told, what it was told as. */
  kind: DispatchKind
  /** What it was told as, where that would change. */
  was: DispatchKind | null
  /** The child or patient, where a service is told about each apart. */
  about: PersonRef | null
}

/** What the record says of one notification, as far as telling goes. */
export interface RecordedNotification extends Pick<Recorded, 'facts' | 'victimRisk'> {
  reportedAt: Temporal.Instant
}

/**
 * Who would be told otherwise if `after` had fired in place of `before`. It goes by service, as procedures do, and not by
 * recipient: where the people live stands in the notification, which is not opened. A school's opening is taken from the
 * calendar that holds where nothing is known of the school, on both sides.
 */
export function differencesBetween(
  before: readonly FiredRule[],
  after: readonly FiredRule[],
  recorded: RecordedNotification,
): Difference[] {
  const due = dueFor(recorded)
  const old = tellingsOf(before, recorded.facts)
  const differences: Difference[] = []
  for (const [key, telling] of tellingsOf(after, recorded.facts)) {
    const known = old.get(key)
    old.delete(key)
    if (known === undefined) differences.push(difference('now told', telling))
    else differences.push(...changesOf(known, telling, due))
  }
  for (const telling of old.values()) differences.push(difference('no longer told', telling))
  return differences
}

interface Told {
  service: Service
  kind: DispatchKind
  about: PersonRef | null
  limits: TimeLimit[]
}

type DueOf = (told: Told) => Deadline

function changesOf(old: Told, telling: Told, due: DueOf): Difference[] {
  const differences: Difference[] = []
  if (old.kind !== telling.kind) differences.push({ ...difference('told as another kind', telling), was: old.kind })
  // Most tellings stand as they were, and a school's next opening is dear to work out.
  if (sameLimits(old.limits, telling.limits)) return differences
  const later = Temporal.Instant.compare(due(telling), due(old))
  if (later !== 0) differences.push(difference(later < 0 ? 'told sooner' : 'told later', telling))
  return differences
}

function sameLimits(some: readonly TimeLimit[], others: readonly TimeLimit[]): boolean {
  return some.length === others.length && some.every((limit, at) => sameLimit(limit, others[at]))
}

function sameLimit(one: TimeLimit, other: TimeLimit | undefined): boolean {
  if (one.kind !== 'hours' || other?.kind !== 'hours') return one.kind === other?.kind
  return one.high === other.high && one.otherwise === other.otherwise
}

function difference(change: Change, { service, kind, about }: Told): Difference {
  return { change, service, kind, was: null, about }
}

/** Gathered as `gatherTellings` does: once a notification, or once a child or patient; the strongest kind; the earliest limit. */
function tellingsOf(fired: readonly FiredRule[], facts: readonly RecordedValues[]): Map<string, Told> {
  const tellings = new Map<string, Told>()
  for (const rule of fired) {
    for (const tell of rule.tell) {
      for (const about of aboutOne(tell.service) ? peopleOf(rule, facts) : [null]) {
        const key = `${tell.service} ${kindApart(tell.kind)} ${about ?? ''}`
        const told: Told = { service: tell.service, kind: tell.kind, about, limits: [tell.within] }
        const known = tellings.get(key)
        tellings.set(key, known === undefined ? told : both(known, told))
      }
    }
  }
  return tellings
}

function both(one: Told, other: Told): Told {
  return {
    ...one,
    kind: one.kind === 'referral' ? 'referral' : other.kind,
    limits: [...one.limits, ...other.limits],
  }
}

/** A rule about the notification tells a school about every child on it. */
function peopleOf({ about }: FiredRule, facts: readonly RecordedValues[]): (PersonRef | null)[] {
  if (about !== null) return [about]
  const refs = facts.flatMap(({ about: kind, ref }) => (kind === 'each child' || kind === 'each unborn child' ? [ref] : []))
  return refs.length > 0 ? [...new Set(refs)] : [null]
}

function dueFor({ reportedAt, victimRisk, facts }: RecordedNotification): DueOf {
  const clock: Clock = clockFrom(reportedAt, victimRisk, facts.some(injuredChild))
  let opening: Deadline | null = null
  const opens = () => {
    opening ??= nextOpening(calendarWhereUnknown, reportedAt)
    return opening
  }
  return ({ limits, service }) => limits.map((limit) => dueBy(limit, service, clock, opens)).reduce(earlier)
}

const injuredChild = ({ about, values }: RecordedValues) => about === 'each child' && values.injured === 'yes'
