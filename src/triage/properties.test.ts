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
    earlierComplete: one.earlierComplete,
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

/** Each fact left out, beside the same fact answered “no”. */
const leftOut: { fact: string; no: Partial<Case>; unknown: Partial<Case> }[] = [
  { fact: 'injured', no: { injured: false }, unknown: { injured: null } },
  { fact: 'used as a shield', no: { usedAsShield: false }, unknown: { usedAsShield: null } },
  { fact: 'pregnant', no: { pregnant: false }, unknown: { pregnant: null } },
  { fact: 'the household', no: { household: 'elsewhere' }, unknown: { household: null } },
  { fact: 'open to social care', no: { open: 'no' }, unknown: { open: 'unknown' } },
  { fact: 'a child protection concern', no: { concern: false }, unknown: { concern: null } },
  { fact: 'the features', no: { features: [] }, unknown: { features: null } },
  { fact: 'being related', no: { related: false }, unknown: { related: null } },
  { fact: 'the grade', no: { grade: 'standard' }, unknown: { grade: null } },
  { fact: 'the history', no: { earlierComplete: true }, unknown: { earlierComplete: false } },
  { fact: 'the education', no: { status: 'not_school_age' }, unknown: { status: 'unknown' } },
]

test.each(leftOut)('with $fact unknown nobody is left out who would hear if it were “no”', ({ no, unknown }) => {
  fc.assert(
    fc.property(cases, (one) => {
      expect(without(mayTell(triage({ ...one, ...unknown })), tells(triage({ ...one, ...no })))).toEqual([])
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
