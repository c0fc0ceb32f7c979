import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  aBackground,
  aChild,
  aNotification,
  anEarlierIncident,
  aRiskAssessment,
  aSuspect,
  aVictim,
} from '../../test/support/builders.ts'
import { loadPacks } from '../policy/load.ts'
import type { Background } from '../words/background.ts'
import type { Feature, Grade, Notification, Person } from '../words/notification.ts'
import type { Outcome } from '../words/outcome.ts'
import { outcomeOf } from './rulings.ts'

const packs = await loadPacks(fileURLToPath(new URL('../../policies/', import.meta.url)))

/** The parts of a case that vary; everything else is the builders'. Null stands for “left out”. */
interface Case {
  grade: Grade | null
  household: Person['household'] | null
  injured: boolean | null
  usedAsShield: boolean | null
  pregnant: boolean | null
  open: 'yes' | 'no' | 'unknown'
  concern: boolean | null
  features: Feature[] | null
  born: string | null
  status: NonNullable<Person['education']>['status']
  related: boolean | null
  earlier: number
  earlierComplete: boolean
}

const maybe = fc.constantFrom(true, false, null)
const cases: fc.Arbitrary<Case> = fc.record({
  grade: fc.constantFrom('standard', 'medium', 'high', 'not_graded', null),
  household: fc.constantFrom('resident', 'regularly_staying', 'elsewhere', 'unknown', null),
  injured: maybe,
  usedAsShield: maybe,
  pregnant: maybe,
  open: fc.constantFrom('yes', 'no', 'unknown'),
  concern: maybe,
  features: fc.option(fc.subarray<Feature>(['weapon', 'strangulation', 'substance_misuse', 'mental_ill_health', 'stalking'])),
  born: fc.constantFrom('2026-02-01', '2025-11-05', '2023-01-02', '2022-04-04', '2016-01-02', '2010-11-04', '2008-11-05', null),
  status: fc.constantFrom('on_roll', 'electively_home_educated', 'neet', 'training_or_work', 'not_school_age', 'unknown'),
  related: maybe,
  earlier: fc.nat({ max: 5 }),
  earlierComplete: fc.boolean(),
})

function triage(one: Case): Outcome {
  const child = aChild({
    dateOfBirth: one.born ?? undefined,
    household: one.household ?? undefined,
    injured: one.injured ?? undefined,
    usedAsShield: one.usedAsShield ?? undefined,
    socialCare: { open: one.open },
    education: { status: one.status, urns: one.status === 'on_roll' ? ['900101'] : [] },
    relatedTo: one.related === null ? undefined : one.related ? [{ ref: 'v1', kind: 'child' }] : [],
  })
  const notification: Notification = aNotification({
    people: [aVictim({ pregnant: one.pregnant ?? undefined }), aSuspect(), child],
    riskAssessments: one.grade === null ? [] : [aRiskAssessment({ grade: one.grade })],
    childProtectionConcern: one.concern ?? undefined,
    incident: { features: one.features ?? undefined },
  })
  const background: Background = aBackground({
    earlier: Array.from({ length: one.earlier }, (_, index) => anEarlierIncident({ policeReference: `ZZ-${index}` })),
    earlierWholeFrom: one.earlierComplete ? Temporal.Instant.from('2000-01-01T00:00:00Z') : null,
  })
  return outcomeOf({ notification, background, packs })
}

/** Who is told what about whom. */
function tells({ rulings }: Outcome): Set<string> {
  const fired = rulings.filter(({ result }) => result === 'fired')
  return new Set(fired.flatMap(({ about, tell }) => tell.map(({ service, kind }) => `${service} ${kind} ${about}`)))
}

/** Who may be told: by a rule that fired, or by a person whom one that cannot tell has asked. */
function mayTell({ rulings }: Outcome): Set<string> {
  const open = rulings.filter(({ result }) => result !== 'did_not_fire')
  return new Set(open.flatMap(({ about, tell }) => tell.map(({ service, kind }) => `${service} ${kind} ${about}`)))
}

const without = (more: Set<string>, less: Set<string>) => [...less].filter((one) => !more.has(one))

/** The rules that fired, or, with doubts, also those that nobody can tell; each with whom it is about. */
function rulesOf({ rulings }: Outcome, doubts: 'with doubts' | 'without doubts'): Set<string> {
  const open = rulings.filter(({ result }) => result === 'fired' || (doubts === 'with doubts' && result === 'cannot_tell'))
  return new Set(open.map(({ rule, about }) => `${rule} ${about}`))
}

/** Each fact left out, beside every answer police could have given. */
const leftOut: { fact: string; unknown: Partial<Case>; answers: Partial<Case>[] }[] = [
  { fact: 'injured', unknown: { injured: null }, answers: [{ injured: true }, { injured: false }] },
  { fact: 'used as a shield', unknown: { usedAsShield: null }, answers: [{ usedAsShield: true }, { usedAsShield: false }] },
  { fact: 'pregnant', unknown: { pregnant: null }, answers: [{ pregnant: true }, { pregnant: false }] },
  { fact: 'open to social care', unknown: { open: 'unknown' }, answers: [{ open: 'yes' }, { open: 'no' }] },
  { fact: 'child protection concern', unknown: { concern: null }, answers: [{ concern: true }, { concern: false }] },
  {
    fact: 'features',
    unknown: { features: null },
    answers: [{ features: ['weapon'] }, { features: ['mental_ill_health', 'substance_misuse'] }, { features: [] }],
  },
  { fact: 'victim risk', unknown: { grade: null }, answers: [{ grade: 'standard' }, { grade: 'medium' }, { grade: 'high' }] },
]

test.each(leftOut)('a rule that “$fact” could make fire is never settled as “no” while it is unknown', ({ unknown, answers }) => {
  fc.assert(
    fc.property(cases, fc.constantFrom(...answers), (one, answer) => {
      const known = rulesOf(triage({ ...one, ...answer }), 'without doubts')
      expect(without(rulesOf(triage({ ...one, ...unknown }), 'with doubts'), known)).toEqual([])
    }),
  )
})

test('a history that may be short never settles a count as too low', () => {
  fc.assert(
    fc.property(cases, fc.nat({ max: 5 }), (one, unseen) => {
      const whole = rulesOf(triage({ ...one, earlier: one.earlier + unseen, earlierComplete: true }), 'without doubts')
      expect(without(rulesOf(triage({ ...one, earlierComplete: false }), 'with doubts'), whole)).toEqual([])
    }),
  )
})

/** Facts that are settled when left out: they count in, so that telling, and not asking, is the rule. */
const countedIn: { fact: string; unknown: Partial<Case>; answers: Partial<Case>[] }[] = [
  { fact: 'the household', unknown: { household: null }, answers: [{ household: 'elsewhere' }, { household: 'resident' }] },
  { fact: 'being related', unknown: { related: null }, answers: [{ related: true }, { related: false }] },
  {
    fact: 'the education',
    unknown: { status: 'unknown' },
    answers: [
      { status: 'electively_home_educated' },
      { status: 'neet' },
      { status: 'training_or_work' },
      { status: 'not_school_age' },
    ],
  },
]

test.each(countedIn)('with $fact unknown nobody is left out who would hear whatever the answer', ({ unknown, answers }) => {
  fc.assert(
    fc.property(cases, fc.constantFrom(...answers), (one, answer) => {
      expect(without(mayTell(triage({ ...one, ...unknown })), tells(triage({ ...one, ...answer })))).toEqual([])
    }),
  )
})

/** Each fact of risk, added to any case. */
const worse: { risk: string; add: (one: Case) => Partial<Case> }[] = [
  { risk: 'an injury', add: () => ({ injured: true }) },
  { risk: 'use as a shield', add: () => ({ usedAsShield: true }) },
  { risk: 'a pregnancy', add: () => ({ pregnant: true }) },
  { risk: 'an open case', add: () => ({ open: 'yes' }) },
  { risk: 'a child protection concern', add: () => ({ concern: true }) },
  { risk: 'a child who lives there', add: () => ({ household: 'resident' }) },
  { risk: 'a high grade', add: () => ({ grade: 'high' }) },
  { risk: 'one more earlier incident', add: ({ earlier }) => ({ earlier: earlier + 1 }) },
  { risk: 'a weapon', add: ({ features }) => ({ features: [...(features ?? []), 'weapon'] }) },
]

test.each(worse)('$risk never takes away what anybody would have heard', ({ add }) => {
  fc.assert(
    fc.property(cases, (one) => {
      expect(without(tells(triage({ ...one, ...add(one) })), tells(triage(one)))).toEqual([])
    }),
  )
})

test('a child without a date of birth is told of wherever a child of any age would be', () => {
  fc.assert(
    fc.property(cases, (one) => {
      // The school's status may read differently by age, so only a child on a known roll is compared.
      const onRoll: Case = { ...one, status: 'on_roll' }
      expect(without(tells(triage({ ...onRoll, born: null })), tells(triage(onRoll)))).toEqual([])
    }),
  )
})
