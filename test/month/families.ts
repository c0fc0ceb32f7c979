import type { Chance } from './chance.ts'

/** What the month's families are told apart by; none of these names is anybody's. */
const SYLLABLES = ['lo', 'ma', 'ne', 'ri', 'su', 'to', 'fi', 'ke']

function familyName(index: number): string {
  const name = [...index.toString(SYLLABLES.length).padStart(5, '0')].map((digit) => SYLLABLES[Number(digit)]).join('')
  return name.charAt(0).toUpperCase() + name.slice(1)
}

/** A household as the police know it. The same one may be met again within the month. */
export interface Family {
  index: number
  authority: string
  victim: Record<string, unknown>
  suspect: Record<string, unknown>
  children: Record<string, unknown>[]
}

export const AUTHORITIES = ['E06000015', 'E10000007'] as const

/** Half of all incidents are in a home with children, 1.8 of them on average (the field's own figures). */
export function aFamily(index: number, chance: Chance, urns: readonly string[]): Family {
  const name = familyName(index)
  const born = (from: number, years: number) => `${from + chance.below(years)}-0${1 + chance.below(9)}-${10 + chance.below(18)}`
  const count = chance.often(0.5) ? chance.pick([1, 1, 2, 2, 3]) : 0
  return {
    index,
    authority: chance.pick(AUTHORITIES),
    victim: {
      ref: 'v1',
      role: 'victim',
      givenNames: `Tamsin ${name}`,
      familyName: name,
      dateOfBirth: born(1975, 30),
      policePersonId: `MONTH-${index}-V`,
      ...(chance.often(0.04) ? { pregnant: true } : {}),
    },
    suspect: {
      ref: 's1',
      role: 'suspect',
      givenNames: `Corwin ${name}`,
      familyName: name,
      dateOfBirth: born(1975, 30),
      policePersonId: `MONTH-${index}-S`,
    },
    children: Array.from({ length: count }, (_, nth) => ({
      ref: `c${nth + 1}`,
      role: 'child',
      givenNames: `${['Merrin', 'Jory', 'Odette'][nth]} ${name}`,
      familyName: name,
      dateOfBirth: born(2008, 17),
      household: chance.often(0.9) ? 'resident' : 'unknown',
      ...educationOf(chance, urns),
    })),
  }
}

function educationOf(chance: Chance, urns: readonly string[]): Record<string, unknown> {
  if (chance.often(0.04)) return { education: { status: 'electively_home_educated', urns: [] } }
  if (chance.often(0.06)) return {}
  // One in a hundred stands on the form with a number nobody knows.
  const urn = chance.often(0.01) ? '999999' : chance.pick(urns)
  return { education: { status: 'on_roll', urns: [urn] } }
}

/** One notification about a family, reported at that moment. */
export function aReport(
  family: Family,
  reference: string,
  reportedAt: Temporal.Instant,
  chance: Chance,
): Record<string, unknown> {
  const grade = chance.often(0.12) ? 'high' : chance.often(0.3) ? 'medium' : chance.often(0.04) ? 'not_graded' : 'standard'
  return {
    policeReference: reference,
    version: 1,
    incident: {
      occurredAt: reportedAt.subtract({ minutes: 40 }).toString(),
      reportedAt: reportedAt.toString(),
      policeAttended: chance.often(0.8),
      localAuthority: family.authority,
      address: { lines: [`${family.index} Nowhere Row`], postcode: 'ZZ1 1ZZ' },
      summary: 'Called by a neighbour. Shouting was heard.',
      features: [],
    },
    riskAssessments: [
      { personRef: 'v1', tool: 'DASH', grade, yesCount: chance.below(15), itemCount: 27, assessedAt: reportedAt.toString() },
    ],
    people: [family.victim, family.suspect, ...family.children],
    parentsInformed: chance.pick(['yes', 'no', 'unsafe', 'unknown']),
    officer: { id: 'PC-00001' },
  }
}
