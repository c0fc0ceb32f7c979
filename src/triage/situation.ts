import type { Reading } from '../policy/conditions.ts'
import type { Background } from '../words/background.ts'
import type { DateText } from '../words/clock.ts'
import type { Notification, Person } from '../words/notification.ts'
import type { About } from '../words/outcome.ts'
import type { Day } from './days.ts'
import { dateText, dayOf, londonDay, yearsOn } from './days.ts'

/** Everything facts are read from: one notification, what is already known of its people, and the days that matter. */
export interface Situation {
  notification: Notification
  background: Background
  areaHasProcedure: boolean
  /** The date of the report in Europe/London: ages and editions follow it. */
  reportedOn: Day
  reportedOnText: DateText
  reportedAtMs: number
  /** The date of the incident in Europe/London. */
  occurredOn: Day
  /** What has been read of the notification as a whole, shared by every subject. */
  whole: (Reading | undefined)[]
}

/** Whom rules are judged about: one child, one unborn child (by the person who carries it), one party, or the notification. */
export interface Subject {
  about: About
  person: Person | null
  /** Born on, where police gave a date. */
  born: Day | null
  situation: Situation
  /** What has been read of this subject, each fact once. */
  readings: (Reading | undefined)[]
}

/** Sets the days of a notification; `areaHasProcedure` is filled in when its edition has been looked up. */
export function situationOf(notification: Notification, background: Background): Situation {
  const reportedAt = Temporal.Instant.from(notification.incident.reportedAt)
  const reportedOn = londonDay(reportedAt)
  const { occurredAt } = notification.incident
  return {
    notification,
    background,
    areaHasProcedure: false,
    reportedOn,
    reportedOnText: dateText(reportedOn),
    reportedAtMs: reportedAt.epochMilliseconds,
    occurredOn: occurredAt === notification.incident.reportedAt ? reportedOn : londonDay(Temporal.Instant.from(occurredAt)),
    whole: [],
  }
}

/** Every subject of a notification, by kind and then in the order of its people. */
export function subjectsOf(situation: Situation): Record<About, Subject[]> {
  const subjects: Record<About, Subject[]> = {
    'each child': [],
    'each unborn child': [],
    'each party': [],
    'the notification': [{ about: 'the notification', person: null, born: null, situation, readings: situation.whole }],
  }
  for (const person of situation.notification.people) {
    const born = person.dateOfBirth === undefined ? null : dayOf(person.dateOfBirth)
    const add = (about: About) => subjects[about].push({ about, person, born, situation, readings: [] })
    if (countsAsChild(person, born, situation.reportedOn)) add('each child')
    if (mayCarryAChild(person)) add('each unborn child')
    if (isParty(person)) add('each party')
  }
  return subjects
}

/** A victim or a suspect. */
export function isParty({ role }: Person): boolean {
  return role === 'victim' || role === 'suspect'
}

/**
 * Someone given as a child always counts. Anyone else under 18 does too, but not a victim or suspect under 16: they have a
 * separate process (design, "Settled ambiguities").
 */
function countsAsChild(person: Person, born: Day | null, on: Day): boolean {
  if (person.role === 'child') return true
  const years = born === null ? person.approximateAge : yearsOn(born, on)
  if (years === undefined || years >= 18) return false
  return person.role === 'other_adult' || years >= 16
}

/** Anyone known to be pregnant, and a victim of whom police do not say: a person must then ask. */
function mayCarryAChild(person: Person): boolean {
  if (person.pregnant === true || person.expectedDeliveryDate !== undefined || person.unborn !== undefined) return true
  return person.role === 'victim' && person.pregnant === undefined && !isMale(person.sex)
}

function isMale(sex: string | undefined): boolean {
  return sex !== undefined && /^(m|male|man|boy)$/i.test(sex)
}
