import type { Notification, Person } from '../src/words/notification.ts'

/** Every body is this long: the 4 KB. */
export const BODY_BYTES = 4096
/** The authority whose procedure and services every notification of the bench meets. */
export const AUTHORITY = 'E06000015'
/** Pretend schools that stand on the one receiver. */
export const SCHOOLS = 20
/** What each notification must lead to: social care, health for the infant and for the unborn, and the school's webhook. */
export const DISPATCHES_EACH = 4

export const schoolUrn = (index: number) => String(900_100 + (index % SCHOOLS))

/** Eight syllables that sound apart, so that no two families of the bench share a name, spelt or heard. */
const SYLLABLES = ['lo', 'ma', 'ne', 'ri', 'su', 'to', 'fi', 'ke']

function nameOf(index: number): string {
  const digits = [...index.toString(SYLLABLES.length).padStart(6, '0')]
  const name = digits.map((digit) => SYLLABLES[Number(digit)]).join('')
  return name.charAt(0).toUpperCase() + name.slice(1)
}

/**
 * The notification with this number. Its people are nobody else's: names, births, identifiers and addresses follow from the
 * number, because a bench in which everyone is the same person measures the look-up of one family.
 */
export function aNotification(index: number, reportedAt: Temporal.Instant): Notification {
  const today = reportedAt.toZonedDateTimeISO('Europe/London').toPlainDate()
  const family = nameOf(index)
  const born = (years: number) => today.subtract({ years, days: 30 + (index % 300) }).toString()
  return {
    policeReference: `BENCH-${index}`,
    version: 1,
    incident: {
      occurredAt: reportedAt.subtract({ minutes: 20 }).toString(),
      reportedAt: reportedAt.toString(),
      policeAttended: true,
      callMadeByChild: false,
      localAuthority: AUTHORITY,
      address: { lines: [`Flat ${index}`, `${index} ${family} Row`], postcode: 'DE1 9ZZ', uprn: String(100_000_000 + index) },
      summary: 'Called by a neighbour. Shouting heard over two evenings.',
      features: ['coercive_control', 'escalation'],
    },
    riskAssessments: [
      {
        personRef: 'v1',
        tool: 'DASH',
        toolVersion: '2009',
        grade: 'high',
        yesCount: 16,
        itemCount: 27,
        answers: { q1: 'yes', q2: 'yes', q9: 'yes', q10: 'yes' },
        professionalJudgement: false,
        assessedAt: reportedAt.toString(),
      },
    ],
    people: [...parties(index, family, born, today), ...children(index, family, born, today)],
    parentsInformed: 'yes',
    familyAwareOfReferral: 'yes',
    rolesContested: false,
    officer: { id: 'PC-20417', supervisorId: 'PS-00812', authorisedAt: reportedAt.toString() },
  }
}

function parties(index: number, family: string, born: (years: number) => string, today: Temporal.PlainDate): Person[] {
  return [
    {
      ref: 'v1',
      role: 'victim',
      givenNames: `Tamsin ${nameOf(index + 1)}`,
      familyName: family,
      dateOfBirth: born(32),
      sex: 'female',
      policePersonId: `NOM-${index}-1`,
      nhsNumber: String(9_000_000_000 + index),
      pregnant: true,
      expectedDeliveryDate: today.add({ months: 4 }).toString(),
      safeContact: { method: 'phone', value: '01632 960123', notes: 'Weekdays before 3 pm; never text' },
    },
    {
      ref: 's1',
      role: 'suspect',
      givenNames: 'Corin',
      familyName: nameOf(index + 130_000),
      dateOfBirth: born(35),
      sex: 'male',
      policePersonId: `NOM-${index}-2`,
      pncId: `${String(index % 100).padStart(2, '0')}/${index}E`,
      relationshipToVictim: 'partner',
    },
  ]
}

function children(index: number, family: string, born: (years: number) => string, today: Temporal.PlainDate): Person[] {
  const both = {
    role: 'child',
    familyName: family,
    household: 'resident',
    present: true,
    injured: false,
    usedAsShield: false,
  } as const
  return [
    {
      ...both,
      ref: 'c1',
      givenNames: 'Merrin',
      dateOfBirth: born(9),
      upn: `A${String(100_000_000_000 + index)}`,
      spokenTo: true,
      voice: 'Was in her bedroom and heard shouting.',
      education: { status: 'on_roll', urns: [schoolUrn(index)] },
    },
    {
      ...both,
      ref: 'c2',
      givenNames: 'Jory',
      dateOfBirth: today.subtract({ days: 30 + (index % 300) }).toString(),
      nhsNumber: String(8_000_000_000 + index),
      spokenTo: false,
      education: { status: 'not_school_age', urns: [] },
    },
  ]
}

/** The same as it is sent: its account of the evening is lengthened until the body is exactly 4 KB. */
export function aBody(index: number, reportedAt: Temporal.Instant): Buffer {
  const notification = aNotification(index, reportedAt)
  const { incident } = notification
  const missing = BODY_BYTES - Buffer.byteLength(JSON.stringify(notification))
  const summary = (incident.summary ?? '').padEnd(
    (incident.summary ?? '').length + missing,
    ' The victim said that it was not the first time.',
  )
  return Buffer.from(JSON.stringify({ ...notification, incident: { ...incident, summary } }))
}

/** So many bodies, the first with the number `from`. */
export function bodies(from: number, count: number): Buffer[] {
  // As if they had been reported a quarter of an hour ago: nothing is late on arrival.
  const reportedAt = Temporal.Now.instant().subtract({ minutes: 15 }).round('second')
  return Array.from({ length: count }, (_, index) => aBody(from + index, reportedAt))
}
