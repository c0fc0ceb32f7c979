import type { Notification } from '../../src/words/notification.ts'

/** Where the clock of a service that is to be broken starts: a Wednesday evening, so that every school opens the next morning. */
export const CLOCK = '2026-11-04T20:30:00Z'
export const AUTHORITY = 'E06000015'
/** The schools of all the families. Each is a recipient of its own; all have one pretend server. */
export const URNS = ['900201', '900202', '900203', '900204', '900205']

const FAMILY_NAMES = ['Zedwing', 'Quorrel', 'Vintrapp', 'Marrowby', 'Thistlecot', 'Oxenfrith', 'Plumbago', 'Ketterlan']

/**
 * A high-risk notification about the family with this number, whose people are nobody else's: a birth, an address and
 * identifiers of their own. Social care is told in its queue, the child's school by webhook, and the force's desk is asked.
 */
export function aFamilyOfItsOwn(number: number): Notification {
  const familyName = FAMILY_NAMES[number % FAMILY_NAMES.length] ?? 'Zedwing'
  const born = (first: string) => Temporal.PlainDate.from(first).add({ days: number }).toString()
  return {
    policeReference: referenceOf(number),
    version: 1,
    incident: {
      occurredAt: '2026-11-04T19:25:00Z',
      reportedAt: '2026-11-04T20:10:00Z',
      policeAttended: true,
      callMadeByChild: false,
      localAuthority: AUTHORITY,
      address: { lines: [`${number} ${familyName} Close`], postcode: 'ZZ1 1ZZ', uprn: String(100_000_000 + number) },
      summary: 'Raised voices were heard.',
      features: ['coercive_control'],
    },
    riskAssessments: [
      { personRef: 'v1', tool: 'DASH', grade: 'high', yesCount: 15, itemCount: 27, assessedAt: '2026-11-04T20:10:00Z' },
    ],
    people: [
      { ref: 'v1', role: 'victim', givenNames: 'Vesper', familyName, dateOfBirth: born('1985-01-01'), pregnant: false },
      { ref: 's1', role: 'suspect', givenNames: 'Sorrel', familyName, dateOfBirth: born('1981-01-01'), pregnant: false },
      {
        ref: 'c1',
        role: 'child',
        givenNames: 'Cedar',
        familyName,
        dateOfBirth: born('2014-01-01'),
        household: 'resident',
        present: true,
        education: { status: 'on_roll', urns: [URNS[number % URNS.length] ?? ''] },
      },
    ],
    parentsInformed: 'yes',
    officer: { id: 'PC-1' },
  }
}

export const referenceOf = (number: number) => `ZZ-2026-${String(number).padStart(7, '0')}`
