import { describe, expect, test } from 'vitest'
import { aChild, aRoutedNotification, aVictim } from '../../test/support/routing-builders.ts'
import type { Person } from '../words/notification.ts'
import { carriersOf, childInjured, childrenOf, underAge } from './children.ts'

const ON = '2026-11-04'
const born = (dateOfBirth: string): Person => ({ ref: 'p1', role: 'other_adult', dateOfBirth })
const told = (...people: Person[]) => childrenOf(aRoutedNotification({ people }), ON).map(({ ref }) => ref)

describe('an age', () => {
  test('ends on the birthday itself', () => {
    expect(underAge(born('2008-11-05'), 18, ON)).toBe(true)
    expect(underAge(born('2008-11-04'), 18, ON)).toBe(false)
  })

  test('of someone born on 29 February ends on 1 March of another year', () => {
    expect([underAge(born('2008-02-29'), 18, '2026-02-28'), underAge(born('2008-02-29'), 18, '2026-03-01')]).toEqual([
      true,
      false,
    ])
  })

  test('that is only guessed is taken as it is, and without any nobody knows', () => {
    const guessed = (approximateAge: number): Person => ({ ref: 'p1', role: 'other_adult', approximateAge })
    expect([17, 18].map((age) => underAge(guessed(age), 18, ON))).toEqual([true, false])
    expect(underAge({ ref: 'p1', role: 'other_adult' }, 18, ON)).toBe('unknown')
  })
})

describe('the children a service is told about', () => {
  test('are everyone given as a child, unless the date of birth says otherwise', () => {
    expect(
      told(aChild(), aChild({ ref: 'c2', dateOfBirth: undefined }), aChild({ ref: 'c3', dateOfBirth: '2008-11-04' })),
    ).toEqual(['c1', 'c2'])
  })

  test('are victims and suspects of sixteen and seventeen, and not the younger ones, who have a separate process', () => {
    const party = (ref: string, role: 'victim' | 'suspect', dateOfBirth: string): Person => ({ ref, role, dateOfBirth })
    const parties = [
      party('v16', 'victim', '2010-11-04'),
      party('v15', 'victim', '2010-11-05'),
      party('s17', 'suspect', '2008-11-05'),
      party('s18', 'suspect', '2008-11-04'),
    ]
    expect(told(...parties)).toEqual(['v16', 's17'])
  })

  test('are other people under eighteen of any age, and nobody whose age is not known', () => {
    const unknown: Person = { ref: 'p2', role: 'other_adult' }
    expect(told({ ...born('2014-01-01'), ref: 'p1' }, unknown, { ref: 'v1', role: 'victim' })).toEqual(['p1'])
  })
})

test('an unborn child is carried by whoever is given as pregnant, or has one described and is not given as not pregnant', () => {
  const carries = (given: Partial<Person>) => carriersOf(aRoutedNotification({ people: [aVictim(given)] })).length === 1
  expect(carries({ pregnant: true })).toBe(true)
  expect(carries({ unborn: {} })).toBe(true)
  expect(carries({ expectedDeliveryDate: '2027-02-01' })).toBe(true)
  expect(carries({})).toBe(false)
  expect(carries({ pregnant: false, expectedDeliveryDate: '2027-02-01' })).toBe(false)
})

describe('a child is injured', () => {
  const injured = (...people: Person[]) => childInjured(aRoutedNotification({ people }), ON)

  test('where anybody given as a child, or under eighteen in any role, is', () => {
    expect(injured(aVictim(), aChild({ injured: true }))).toBe(true)
    expect(injured(aVictim(), aChild({ injured: true, dateOfBirth: undefined }))).toBe(true)
    expect(injured(aVictim({ injured: true, dateOfBirth: '2008-11-05' }))).toBe(true)
  })

  test('and not where it is an adult, somebody of no known age, or nobody', () => {
    expect(injured(aVictim({ injured: true, dateOfBirth: '2008-11-04' }), aChild())).toBe(false)
    expect(injured(aVictim({ injured: true, dateOfBirth: undefined }), aChild({ injured: false }))).toBe(false)
    expect(injured(aVictim({ dateOfBirth: '2010-01-01' }))).toBe(false)
  })
})
