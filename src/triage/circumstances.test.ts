import { describe, expect, test } from 'vitest'
import { aBackground, aChild, aNotification, aSuspect, aVictim } from '../../test/support/builders.ts'
import type { Background } from '../words/background.ts'
import type { Person } from '../words/notification.ts'
import type { About } from '../words/outcome.ts'
import { inTheHousehold, onlyASuspect, openToSocialCare, pregnant, role, stated } from './circumstances.ts'
import { type Subject, situationOf, subjectsOf } from './situation.ts'

function one(about: About, person: Person, background: Partial<Background> = {}): Subject {
  const situation = situationOf(aNotification({ people: [person] }), aBackground(background))
  const [subject] = subjectsOf(situation)[about]
  if (subject === undefined) throw new Error('There is nobody')
  return subject
}

test('what police state is what they say, and what they leave out is unknown', () => {
  expect([true, false, undefined].map(stated)).toEqual([
    { kind: 'text', text: 'yes', found: 'yes' },
    { kind: 'text', text: 'no', found: 'no' },
    { kind: 'unknown', found: 'not stated' },
  ])
})

describe('in the household', () => {
  test('a victim or suspect of whom nobody says where they live counts in, and is named as what they are', () => {
    const young = { dateOfBirth: '2009-03-03' }
    const found = 'is one of the parties, counted in'
    expect(inTheHousehold(one('each child', aVictim(young)))).toEqual({ kind: 'text', text: 'yes', found })
    expect(inTheHousehold(one('each child', aSuspect(young)))).toMatchObject({ found })
    expect(inTheHousehold(one('each child', aChild({ household: undefined })))).toMatchObject({ found: 'not stated, counted in' })
  })
})

describe('pregnant', () => {
  const read = (given: Partial<Person>) => {
    const { pregnant: _, ...unsaid } = aVictim()
    return pregnant(one('each party', { ...unsaid, ...given }))
  }

  test('is what police say, and unknown where they say nothing', () => {
    expect(read({ pregnant: true })).toEqual({ kind: 'text', text: 'yes', found: 'yes' })
    expect(read({ pregnant: false })).toEqual({ kind: 'text', text: 'no', found: 'no' })
    expect(read({})).toEqual({ kind: 'unknown', found: 'not stated' })
  })

  test('is yes where a birth is expected, or an unborn child is described', () => {
    const expected = { kind: 'text', text: 'yes', found: 'an unborn child is described' }
    expect(read({ expectedDeliveryDate: '2027-02-01' })).toEqual(expected)
    expect(read({ unborn: {} })).toEqual(expected)
  })

  test('is never a no against an unborn child that is described', () => {
    const contradicted = { kind: 'unknown', found: 'given as not pregnant, but an unborn child is described' }
    expect(read({ pregnant: false, unborn: {} })).toEqual(contradicted)
    expect(read({ pregnant: false, expectedDeliveryDate: '2027-02-01' })).toEqual(contradicted)
  })
})

describe('open to social care', () => {
  const openCases = (fresh: boolean, ref = 'c1') => ({
    openCases: [{ ref, authority: 'E99000001', caseReference: 'Z-1', fresh }],
  })
  const found = (open: 'yes' | 'no' | 'unknown', background: Partial<Background> = {}) =>
    openToSocialCare(one('each child', aChild({ socialCare: { open } }), background)).found

  test('says on whose word: a fresh register’s, police’s, or nobody’s', () => {
    expect(found('unknown', openCases(true))).toBe('the register shows an open case')
    expect(found('yes')).toBe('police say so')
    expect(found('no')).toBe('police say not, and no register shows a case')
    expect(found('unknown')).toBe('not stated')
    expect(found('no', openCases(false))).toBe('a register older than 48 hours showed an open case')
  })

  test('is not read from somebody else’s case', () => {
    expect(found('no', openCases(true, 'c2'))).toBe('police say not, and no register shows a case')
  })

  test('of an unborn child is the unborn child’s own case, and not the mother’s', () => {
    const mother = aVictim({ pregnant: true, socialCare: { open: 'yes' }, unborn: { socialCare: { open: 'no' } } })
    expect(openToSocialCare(one('each unborn child', mother))).toMatchObject({ text: 'no' })
    expect(openToSocialCare(one('each party', mother))).toMatchObject({ text: 'yes' })
  })

  test('of the notification as a whole is nobody’s', () => {
    expect(openToSocialCare(one('the notification', aVictim()))).toMatchObject({ kind: 'unknown' })
  })
})

test('a young person who is only a suspect is known as one, and a party’s role is read as given', () => {
  const young = { dateOfBirth: '2009-03-03' }
  expect(onlyASuspect(one('each child', aSuspect(young)))).toMatchObject({ text: 'yes', found: 'yes' })
  expect(onlyASuspect(one('each child', aVictim(young)))).toMatchObject({ text: 'no', found: 'no' })
  expect(role(one('each party', aVictim()))).toEqual({ kind: 'text', text: 'victim', found: 'victim' })
  expect(role(one('each party', aSuspect()))).toEqual({ kind: 'text', text: 'suspect', found: 'suspect' })
})

test('of the notification as a whole nothing is read that is one person’s', () => {
  const whole = one('the notification', aVictim({ pregnant: true, household: 'elsewhere' }))
  expect(pregnant(whole)).toEqual({ kind: 'unknown', found: 'not stated' })
  expect(inTheHousehold(whole)).toMatchObject({ found: 'not stated, counted in' })
  expect(onlyASuspect(whole)).toMatchObject({ text: 'no' })
  expect(role(whole)).toMatchObject({ kind: 'text' })
})

test('a child of whom police say nothing about social care is not known to it, nor known not to be', () => {
  expect(openToSocialCare(one('each child', aChild({ socialCare: undefined })))).toEqual({ kind: 'unknown', found: 'not stated' })
})
