import fc from 'fast-check'
import type { Edition } from '../../src/policy/edition.ts'
import type { Feature, Grade, Notification, Person } from '../../src/words/notification.ts'
import type { Recipient } from '../../src/words/recipient.ts'
import { aBackground, aChild, aNotification, aRiskAssessment, aSuspect, aVictim } from './builders.ts'
import { type Decided, decided, earlierIncidents, exampleRecipients } from './decided.ts'

/** The parts of a case that vary; everything else is the builders'. Null stands for “left out”. */
export interface Case {
  /** Hours after the first moment of the edition at which police were told, and how long before that it happened. */
  reportedAfterHours: number
  grade: Grade | null
  yesCount: number | null
  judgement: boolean | null
  judgedFor: ('idva' | 'marac')[] | null
  calledByChild: boolean | null
  asksForSupport: 'yes' | 'no' | 'unsafe' | null
  concern: boolean | null
  features: Feature[] | null
  victimPregnant: boolean | null
  victimAge: number
  suspectAge: number
  children: Child[]
  movedTo: 'there' | 'nowhere named' | null
  earlier: number
  historyWhole: boolean
}

export interface Child {
  months: number | null
  household: Person['household'] | null
  present: boolean | null
  injured: boolean | null
  usedAsShield: boolean | null
  open: 'yes' | 'no' | 'unknown'
  status: NonNullable<Person['education']>['status']
  relation: string | null
}

const maybe = fc.constantFrom(true, false, null)
const children: fc.Arbitrary<Child> = fc.record({
  months: fc.constantFrom(2, 11, 12, 40, 59, 60, 125, 191, 192, 215, 216, null),
  household: fc.constantFrom('resident', 'regularly_staying', 'elsewhere', 'unknown', null),
  present: maybe,
  injured: maybe,
  usedAsShield: maybe,
  open: fc.constantFrom('yes', 'no', 'unknown'),
  status: fc.constantFrom('on_roll', 'electively_home_educated', 'neet', 'training_or_work', 'not_school_age', 'unknown'),
  relation: fc.constantFrom('son', 'niece', 'special guardianship', null),
})
/** Any case a force may send. */
export const cases: fc.Arbitrary<Case> = fc.record({
  reportedAfterHours: fc.nat({ max: 24 * 400 }),
  grade: fc.constantFrom('standard', 'medium', 'high', 'not_graded', null),
  yesCount: fc.constantFrom(0, 9, 10, 13, 14, 24, null),
  judgement: maybe,
  judgedFor: fc.constantFrom(['idva'], ['marac'], ['idva', 'marac'], null),
  calledByChild: maybe,
  asksForSupport: fc.constantFrom('yes', 'no', 'unsafe', null),
  concern: maybe,
  features: fc.option(
    fc.subarray<Feature>(['weapon', 'strangulation', 'substance_misuse', 'mental_ill_health', 'intimidates_practitioners']),
  ),
  victimPregnant: maybe,
  victimAge: fc.constantFrom(14, 15, 16, 17, 18, 33),
  suspectAge: fc.constantFrom(15, 16, 17, 18, 36),
  children: fc.array(children, { maxLength: 3 }),
  movedTo: fc.constantFrom('there', 'nowhere named', null),
  earlier: fc.nat({ max: 4 }),
  historyWhole: fc.boolean(),
})

/** Terms that leave out the summers, and half-term in February, of every year a case may fall in. */
const schoolYears = Array.from({ length: 16 }, (_, index) => index + 2015).flatMap((year): [string, string][] => [
  [`${year}-01-06`, `${year}-02-12`],
  [`${year}-02-22`, `${year}-07-20`],
  [`${year}-09-03`, `${year}-12-18`],
])

/** The example directory, but for one school whose terms are known: it closes for the holidays. */
export const recipients: readonly Recipient[] = exampleRecipients.map((recipient) =>
  recipient.urn === '900101' ? { ...recipient, calendar: { opensAt: '08:30', terms: schoolYears, closedDays: [] } } : recipient,
)

const birth = (on: Temporal.PlainDate, months: number | null) =>
  months === null ? undefined : on.subtract({ months }).toString()

/** Decides a case in the area of an edition, some time in its first year or so. */
export function decide(edition: Edition, one: Case): Decided {
  const authority = edition.authorities === 'every area' ? 'E99000001' : (edition.authorities[0] ?? 'E99000001')
  const reported = Temporal.Instant.from(`${edition.inForceFrom}T12:00:00Z`).add({ hours: one.reportedAfterHours })
  const on = reported.toZonedDateTimeISO('Europe/London').toPlainDate()
  const young: Partial<Person> = { education: { status: 'on_roll', urns: ['900103'] } }
  const people = [
    aVictim({ dateOfBirth: birth(on, one.victimAge * 12), pregnant: one.victimPregnant ?? undefined, ...young }),
    aSuspect({ dateOfBirth: birth(on, one.suspectAge * 12), ...young }),
    ...one.children.map((child, index) => childOf(child, `c${index + 1}`, on)),
  ]
  const notification: Notification = aNotification({
    people,
    riskAssessments: [
      aRiskAssessment({
        grade: one.grade ?? 'not_graded',
        yesCount: one.yesCount ?? undefined,
        professionalJudgement: one.judgement ?? undefined,
        judgedFor: one.judgedFor ?? undefined,
      }),
    ],
    childProtectionConcern: one.concern ?? undefined,
    victimAsksForSupport: one.asksForSupport ?? undefined,
    moved: one.movedTo === null ? undefined : one.movedTo === 'there' ? { toAuthority: 'E06000017' } : { refuge: true },
    incident: {
      localAuthority: authority,
      reportedAt: reported.toString(),
      occurredAt: reported.subtract({ hours: 2 }).toString(),
      callMadeByChild: one.calledByChild ?? undefined,
      features: one.features ?? undefined,
    },
  })
  const background = aBackground({
    earlier: earlierIncidents(one.earlier, notification.incident.reportedAt),
    earlierWholeFrom: one.historyWhole ? Temporal.Instant.from('2000-01-01T00:00:00Z') : null,
  })
  return decided(notification, background, recipients)
}

function childOf(child: Child, ref: string, on: Temporal.PlainDate): Person {
  return aChild({
    ref,
    dateOfBirth: birth(on, child.months),
    household: child.household ?? undefined,
    present: child.present ?? undefined,
    injured: child.injured ?? undefined,
    usedAsShield: child.usedAsShield ?? undefined,
    socialCare: { open: child.open },
    education: { status: child.status, urns: child.status === 'on_roll' ? ['900101'] : [] },
    relatedTo: child.relation === null ? undefined : [{ ref: 'v1', kind: child.relation }],
  })
}
