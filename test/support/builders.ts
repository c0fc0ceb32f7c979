import type { Background, EarlierIncident } from '../../src/words/background.ts'
import type { Incident, Notification, Person } from '../../src/words/notification.ts'

/**
 * Dull, valid defaults: a test states only what matters to it. Every name is invented, every date fixed, so that a test that
 * fails today fails the same way tomorrow. Nothing here would route anybody: standard risk, an empty history, no features.
 */
export function aNotification(
  with_: Partial<Omit<Notification, 'incident'>> & { incident?: Partial<Incident> } = {},
): Notification {
  const { incident, ...rest } = with_
  return {
    policeReference: 'ZZ-2026-0000001',
    version: 1,
    people: [aVictim(), aSuspect()],
    riskAssessments: [aRiskAssessment()],
    childProtectionConcern: false,
    victimAsksForSupport: 'no',
    parentsInformed: 'yes',
    officer: { id: 'PC-1' },
    ...rest,
    incident: {
      occurredAt: '2026-11-04T19:25:00Z',
      reportedAt: '2026-11-04T20:10:00Z',
      policeAttended: true,
      callMadeByChild: false,
      localAuthority: 'E06000015',
      address: { lines: ['1 Zedwing Close'], postcode: 'ZZ1 1ZZ' },
      summary: 'Raised voices were heard.',
      features: [],
      ...incident,
    },
  }
}

/** A DASH of four ticks, graded standard, of the victim `v1`. */
export function aRiskAssessment(
  with_: Partial<NonNullable<Notification['riskAssessments']>[number]> = {},
): NonNullable<Notification['riskAssessments']>[number] {
  return {
    personRef: 'v1',
    tool: 'DASH',
    grade: 'standard',
    yesCount: 4,
    itemCount: 27,
    professionalJudgement: false,
    assessedAt: '2026-11-04T20:10:00Z',
    ...with_,
  }
}

/** A woman of 33, known not to be pregnant. */
export function aVictim(with_: Partial<Person> = {}): Person {
  return {
    ref: 'v1',
    role: 'victim',
    givenNames: 'Vesper',
    familyName: 'Zedwing',
    dateOfBirth: '1993-03-03',
    sex: 'female',
    pregnant: false,
    ...with_,
  }
}

/** A man of 36, the victim's partner. */
export function aSuspect(with_: Partial<Person> = {}): Person {
  return {
    ref: 's1',
    role: 'suspect',
    givenNames: 'Sorrel',
    familyName: 'Zedwing',
    dateOfBirth: '1990-01-09',
    sex: 'male',
    relationshipToVictim: 'partner',
    ...with_,
  }
}

/** A pupil of ten who lives there, was not hurt, and is not known to social care. */
export function aChild(with_: Partial<Person> = {}): Person {
  return {
    ref: 'c1',
    role: 'child',
    givenNames: 'Cedar',
    familyName: 'Zedwing',
    dateOfBirth: '2016-01-02',
    household: 'resident',
    present: true,
    injured: false,
    usedAsShield: false,
    spokenTo: false,
    specialNeeds: false,
    socialCare: { open: 'no' },
    education: { status: 'on_roll', urns: ['900101'] },
    ...with_,
  }
}

/** Nothing is known of these people, and the history is complete. */
export function aBackground(with_: Partial<Background> = {}): Background {
  return {
    earlier: [],
    earlierWholeFrom: Temporal.Instant.from('2000-01-01T00:00:00Z'),
    earlierDoubts: [],
    openCases: [],
    rolls: [],
    rollsKept: [],
    maracs: [],
    possible: [],
    nearSchools: [],
    badIdentifiers: [],
    childrenSeenBefore: [],
    establishments: [{ urn: '900101', name: 'Larkspur Primary School' }],
    ...with_,
  }
}

/** An incident a month before, with the same victim. */
export function anEarlierIncident(with_: Partial<EarlierIncident> = {}): EarlierIncident {
  return {
    policeReference: 'ZZ-2026-0000000',
    occurredAt: Temporal.Instant.from('2026-10-04T19:00:00Z'),
    matches: [{ ref: 'v1', role: 'victim' }],
    ...with_,
  }
}
