import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { aBackground, aChild, aNotification, aSuspect, aVictim } from '../../test/support/builders.ts'
import { factDefinitions } from '../policy/facts.ts'
import { loadPacks } from '../policy/load.ts'
import { readFact } from './facts.ts'
import { outcomeOf, outcomeWithFacts } from './rulings.ts'
import { situationOf, subjectsOf } from './situation.ts'

const packs = await loadPacks(fileURLToPath(new URL('../../policies/', import.meta.url)))
const notification = aNotification({ people: [aVictim({ pregnant: true }), aSuspect(), aChild()] })
const decided = outcomeWithFacts({ notification, background: aBackground(), packs })

test('the facts of everybody are recorded by kind, and then in the order of the people', () => {
  expect(decided.facts.map(({ about, ref }) => `${about} ${ref ?? ''}`.trim())).toEqual([
    'each child c1',
    'each unborn child v1',
    'each party v1',
    'each party s1',
    'the notification',
  ])
})

test('what is recorded of somebody is every fact there is about such a one, and no other', () => {
  for (const { about, facts } of decided.facts) {
    const known = factDefinitions.filter((fact) => fact.about.some((kind) => kind === about)).map(({ name }) => name)
    expect(facts.map(({ fact }) => fact)).toEqual(known)
  }
})

test('the outcome is the same with the facts or without, and names both editions by area, day and hash', () => {
  expect(outcomeOf({ notification, background: aBackground(), packs })).toEqual(decided.outcome)
  const { policy, statutory } = decided.outcome
  expect(policy).toEqual({ area: 'derby-derbyshire', inForceFrom: '2025-10-24', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
  expect(statutory).toEqual({
    area: expect.any(String),
    inForceFrom: expect.any(String),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
})

test('a fact is read once of each: of the notification for all, of a person for that one', () => {
  const situation = situationOf(notification, aBackground())
  const [whole, child] = [subjectsOf(situation)['the notification'][0], subjectsOf(situation)['each child'][0]]
  if (whole === undefined || child === undefined) throw new Error('There is nobody')
  const slotOf = (name: string) => factDefinitions.findIndex((fact) => fact.name === name)
  expect(readFact(child, slotOf('victim risk'))).toBe(readFact(whole, slotOf('victim risk')))
  expect(readFact(child, slotOf('age'))).toBe(readFact(child, slotOf('age')))
  expect(() => readFact(child, factDefinitions.length)).toThrow(`There is no fact in slot ${factDefinitions.length}`)
})

test('what police state of a child is read as they state it', () => {
  const stated = { present: true, injured: false, usedAsShield: true }
  const [child] = subjectsOf(situationOf(aNotification({ people: [aVictim(), aChild(stated)] }), aBackground()))['each child']
  if (child === undefined) throw new Error('There is no child')
  const found = (name: string) =>
    readFact(
      child,
      factDefinitions.findIndex((fact) => fact.name === name),
    ).found
  expect(['present', 'injured', 'used as a shield', 'child protection concern', 'substance misuse'].map(found)).toEqual([
    'yes',
    'no',
    'yes',
    'no',
    'no',
  ])
})
