import type { Gap } from '../triage/gaps.ts'
import { schoolFound } from '../triage/school.ts'
import type { Background } from '../words/background.ts'
import type { DateText } from '../words/clock.ts'
import type { PersonRef } from '../words/ids.ts'
import type { Notification, Person } from '../words/notification.ts'
import type { Outcome } from '../words/outcome.ts'
import type { Recipient } from '../words/recipient.ts'
import type { KnownRestriction, KnownRestrictions } from '../words/restriction.ts'
import type { Subject } from './authorities.ts'
import { calendarWhereUnknown, londonDate, nextOpening } from './calendar.ts'
import { carriersOf, childInjured, childrenOf } from './children.ts'
import type { PossibleReader } from './conflicts.ts'
import { possibleReaders } from './conflicts.ts'
import type { Clock } from './deadlines.ts'
import { clockFrom, earlier } from './deadlines.ts'
import type { StandInsAre } from './out-of-hours.ts'
import type { Directory } from './recipients.ts'
import { directoryOf, schoolNow } from './recipients.ts'
import { statedHere } from './restrictions.ts'

/** All that planning one notification reads, worked out once. */
export interface Circumstances {
  notification: Notification
  background: Background
  directory: Directory
  clock: Clock
  /** The date of the report in Europe/London, on which ages are taken. */
  reportedOn: DateText
  releaseAt: Temporal.Instant
  receivedAt: Temporal.Instant
  children: Person[]
  carriers: Person[]
  people: ReadonlyMap<PersonRef, Person>
  /** What binds the people, whichever notification stated it. */
  restrictions: readonly KnownRestriction[]
  /** Why `restrictions` may be short. */
  restrictionDoubts: readonly string[]
  /** Those who must not read what they are told about, wherever they work. */
  possibleReaders: PossibleReader[]
  /** For which risk and moment somebody is told in place of a service that has closed for the night. */
  standIns: StandInsAre
  /** Who was told before is not known here: `changes.ts` asks for whoever is told late. */
  newerVersion: boolean
  /** First openings already worked out, by recipient id. */
  openings: Map<string, Temporal.Instant>
}

/** What `planRouting` is given. */
export interface PlanInput {
  notification: Notification
  outcome: Outcome
  background: Background
  /** What the notification leaves open; each becomes a question. */
  gaps: readonly Gap[]
  recipients: readonly Recipient[]
  /** What binds these people; where nobody looked, what the notification itself states. */
  restrictions?: KnownRestrictions
  /** When the dispatches may be seen or sent. */
  releaseAt: Temporal.Instant
  /** When the notification came, where that was before `releaseAt`. */
  receivedAt?: Temporal.Instant
  /**
   * Of a newer version: when police were first told, in any version, so that no limit runs anew. `changes.ts` then says who is
   * sent what, and asks for whoever is sent it late.
   */
  newerVersion?: { clockStartsAt: Temporal.Instant }
  /** When the hours of services are looked at, where that is not `releaseAt`; `any time` plans every stand-in. */
  hoursAt?: Temporal.Instant | 'any time'
}

export function circumstancesOf(input: PlanInput): Circumstances {
  const { outcome } = input
  const notification = withoutLifted(input.notification, input.restrictions?.lifted ?? [])
  const reportedAt = Temporal.Instant.from(notification.incident.reportedAt)
  const reportedOn = londonDate(reportedAt)
  return {
    notification,
    background: input.background,
    directory: directoryOf(input.recipients),
    clock: clockFrom(input.newerVersion?.clockStartsAt ?? reportedAt, outcome.victimRisk, childInjured(notification, reportedOn)),
    reportedOn,
    releaseAt: input.releaseAt,
    receivedAt: input.receivedAt ?? input.releaseAt,
    children: childrenOf(notification, reportedOn),
    carriers: carriersOf(notification),
    people: new Map(notification.people.map((person) => [person.ref, person])),
    restrictions: input.restrictions?.living ?? statedHere(notification),
    restrictionDoubts: input.restrictions?.doubts ?? [],
    possibleReaders: possibleReaders(notification, reportedOn),
    standIns: input.hoursAt === 'any time' ? 'all' : { victimRisk: outcome.victimRisk, at: input.hoursAt ?? input.releaseAt },
    newerVersion: input.newerVersion !== undefined,
    openings: new Map(),
  }
}

/** What a supervisor has lifted is told to nobody any more, nor why it was there. */
function withoutLifted(notification: Notification, lifted: readonly number[]): Notification {
  const { restrictions, ...rest } = notification
  if (restrictions === undefined || lifted.length === 0) return notification
  return { ...rest, restrictions: restrictions.filter((_, number) => !lifted.includes(number)) }
}

/** Everyone a rule about the whole notification is about: each child and each unborn child. */
export function everyChild(about: Circumstances): Subject[] {
  return [
    ...about.children.map((person) => ({ person, unborn: false })),
    ...about.carriers.map((person) => ({ person, unborn: true })),
  ]
}

/** When that school first opens after the report. */
export function openingOf(school: Recipient, about: Circumstances): Temporal.Instant {
  const known = about.openings.get(school.id)
  if (known !== undefined) return known
  const opening = nextOpening(school.calendar, about.clock.reportedAt)
  about.openings.set(school.id, opening)
  return opening
}

/** The school's clock for someone whose school may not be known: the earliest opening of theirs, else of any school. */
export function schoolClockOf(person: Person | undefined, about: Circumstances): Temporal.Instant {
  let first: Temporal.Instant | null = null
  for (const urn of person === undefined ? [] : schoolFound(person, about.background).urns) {
    const school = schoolNow(about.directory, urn)
    if (school === null) continue
    const opening = openingOf(school, about)
    first = first === null ? opening : earlier(first, opening)
  }
  if (first !== null) return first
  const known = about.openings.get('')
  if (known !== undefined) return known
  const opening = nextOpening(calendarWhereUnknown, about.clock.reportedAt)
  about.openings.set('', opening)
  return opening
}
