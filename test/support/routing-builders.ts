import type { PlanInput } from '../../src/routing/circumstances.ts'
import type { Background } from '../../src/words/background.ts'
import type { Notification, Person } from '../../src/words/notification.ts'
import type { Ask, Outcome, Ruling, Tell, TimeLimit } from '../../src/words/outcome.ts'
import type { Recipient, SchoolCalendar, Service } from '../../src/words/recipient.ts'
import { aBackground as nothingKnown } from './builders.ts'

/** A time in Europe/London as a person would write it, for example `2026-03-06T21:10`. */
export function london(text: string): Temporal.Instant {
  return Temporal.ZonedDateTime.from(`${text}[Europe/London]`).toInstant()
}

export function aCalendar(given: Partial<SchoolCalendar> = {}): SchoolCalendar {
  return { opensAt: '08:45', terms: [], closedDays: [], ...given }
}

export function aChild(given: Partial<Person> = {}): Person {
  return {
    ref: 'c1',
    role: 'child',
    givenNames: 'Merrin',
    familyName: 'Quillfeather',
    dateOfBirth: '2016-05-04',
    household: 'resident',
    education: { status: 'on_roll', urns: ['900101'] },
    ...given,
  }
}

export function aVictim(given: Partial<Person> = {}): Person {
  return { ref: 'v1', role: 'victim', givenNames: 'Tamsin', familyName: 'Quillfeather', dateOfBirth: '1994-02-11', ...given }
}

/** A Wednesday evening in November in the authority `E99000001`, with one victim and one child. */
export function aRoutedNotification(given: Partial<Notification> = {}): Notification {
  return {
    policeReference: 'ZZ-1',
    version: 1,
    incident: {
      occurredAt: '2026-11-04T19:25:00Z',
      reportedAt: '2026-11-04T20:10:00Z',
      localAuthority: 'E99000001',
      summary: 'Shouting was heard.',
    },
    people: [aVictim(), aChild()],
    parentsInformed: 'yes',
    ...given,
  }
}

export function reportedAt(notification: Notification, at: Temporal.Instant): Notification {
  return { ...notification, incident: { ...notification.incident, reportedAt: at.toString(), occurredAt: at.toString() } }
}

export const beforeSchool: TimeLimit = { kind: 'before school opens' }
export const whereSilent: TimeLimit = { kind: 'where silent' }

export function aTell(service: Service, given: Partial<Tell> = {}): Tell {
  const school = service === 'education_setting'
  return { service, kind: school ? 'alert' : 'notification', within: school ? beforeSchool : whereSilent, ...given }
}

export function aRuling(given: Partial<Ruling> & { rule: string; tell?: Tell[]; ask?: Ask[] }): Ruling {
  return {
    edition: 'somewhere/2026-01-01',
    subject: 'each child',
    about: 'c1',
    result: 'fired',
    says: 'The council hears of it.',
    cites: { document: 'Procedure', section: '1' },
    findings: [],
    tell: [],
    ask: [],
    ...given,
  }
}

export function anOutcome(rulings: Ruling[], victimRisk: Outcome['victimRisk'] = 'standard'): Outcome {
  return { policy: null, statutory: { area: 'everywhere', inForceFrom: '2025-11-07', sha256: '' }, victimRisk, rulings }
}

export function aRecipient(given: Partial<Recipient> & { id: string; service: Service }): Recipient {
  return {
    name: `Recipient ${given.id}`,
    agency: given.id,
    authorities: ['E99000001'],
    channel: { kind: 'pull_queue' },
    contacts: [],
    serves: [],
    calendar: aCalendar(),
    disabled: false,
    ...given,
  }
}

export function aSchool(given: Partial<Recipient> = {}): Recipient {
  const urn = given.urn ?? '900101'
  return aRecipient({
    id: `school-${urn}`,
    service: 'education_setting',
    name: 'Larkspur Primary',
    authorities: [],
    urn,
    ...given,
  })
}

export const everyService: readonly Recipient[] = [
  aRecipient({ id: 'csc', service: 'childrens_social_care' }),
  aRecipient({ id: 'csc-2', service: 'childrens_social_care', authorities: ['E99000002'] }),
  aRecipient({ id: 'la-education', service: 'education_authority' }),
  aRecipient({ id: 'health', service: 'health' }),
  aRecipient({ id: 'marac', service: 'marac' }),
  aRecipient({ id: 'idva', service: 'idva' }),
  aRecipient({ id: 'support', service: 'specialist_support' }),
  aRecipient({ id: 'police-cp', service: 'police_child_protection' }),
  aSchool(),
  aSchool({ urn: '900102', name: 'Foxglove Academy' }),
]

export function aBackground(given: Partial<Background> = {}): Background {
  return nothingKnown({ establishments: [], ...given })
}

/** Released the moment it was reported, among all services of `E99000001`. */
export function aPlanInput(given: Partial<PlanInput> & { outcome: Outcome }): PlanInput {
  const notification = given.notification ?? aRoutedNotification()
  return {
    notification,
    background: aBackground(),
    gaps: [],
    recipients: everyService,
    releaseAt: Temporal.Instant.from(notification.incident.reportedAt),
    ...given,
  }
}
