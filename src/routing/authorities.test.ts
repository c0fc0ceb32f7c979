import { describe, expect, test } from 'vitest'
import { aBackground, aChild, aRoutedNotification, aVictim } from '../../test/support/routing-builders.ts'
import type { Notification, Person } from '../words/notification.ts'
import { authoritiesTold, homeAuthorityMissing } from './authorities.ts'

function told(child: Partial<Person>, given: Partial<Notification> = {}, openCases = aBackground().openCases) {
  const subject = { person: aChild(child), unborn: false }
  const found = authoritiesTold(aRoutedNotification(given), aBackground({ openCases }), subject)
  return found.map(({ authority, leftBehind }) => (leftBehind ? `${authority} left behind` : authority))
}

describe('the authority told about a child', () => {
  test('where the child lives, whatever the place of the incident', () => {
    expect(told({ localAuthority: 'E99000002' })).toEqual(['E99000002'])
  })

  test('the authority of the incident stands in where nobody says where the child lives', () => {
    for (const household of ['resident', 'regularly_staying', 'unknown'] as const) {
      expect(told({ household })).toEqual(['E99000001'])
      expect(homeAuthorityMissing({ person: aChild({ household }), unborn: false })).toBe(false)
    }
  })

  test('for a child living elsewhere without an authority it is told too, and a person must find the authority', () => {
    expect(told({ household: 'elsewhere' })).toEqual(['E99000001'])
    expect(homeAuthorityMissing({ person: aChild({ household: 'elsewhere' }), unborn: false })).toBe(true)
    expect(homeAuthorityMissing({ person: aChild({ household: 'elsewhere', localAuthority: 'E99000002' }), unborn: false })).toBe(
      false,
    )
  })

  test('where the child is staying now, has an open case or is looked after as well', () => {
    const child = {
      stayingAuthority: 'E99000003',
      lookedAfterBy: 'E99000004',
      socialCare: { open: 'yes', authority: 'E99000005' },
    } as const
    expect(told(child)).toEqual(['E99000001', 'E99000003', 'E99000004', 'E99000005'])
    expect(told({ socialCare: { open: 'no', authority: 'E99000005' } })).toEqual(['E99000001'])
  })

  test('an authority whose register names the child is told, even by a stale register', () => {
    const match = { ref: 'c1', authority: 'E99000006', caseReference: '1', fresh: false }
    expect(told({}, {}, [match, { ...match, ref: 'c2', authority: 'E99000007' }])).toEqual(['E99000001', 'E99000006'])
  })

  test('an unborn child goes by its own authority, else by that of the person who carries it', () => {
    const subject = (given: Partial<Person>) => ({ person: aVictim({ localAuthority: 'E99000002', ...given }), unborn: true })
    const authorities = (given: Partial<Person>) =>
      authoritiesTold(aRoutedNotification(), aBackground(), subject(given)).map(({ authority }) => authority)
    expect(authorities({})).toEqual(['E99000002'])
    const unborn = { localAuthority: 'E99000003', socialCare: { open: 'yes', authority: 'E99000004' } } as const
    expect(authorities({ unborn })).toEqual(['E99000003', 'E99000004'])
  })
})

describe('why an authority is told', () => {
  test('is each tie the child has to it', () => {
    const person = aChild({
      stayingAuthority: 'E99000003',
      lookedAfterBy: 'E99000003',
      localAuthority: 'E99000002',
      socialCare: { open: 'yes', authority: 'E99000002' },
    })
    const moved = { fromAuthority: 'E99000009', toAuthority: 'E99000002' }
    const openCases = [{ ref: 'c1', authority: 'E99000004', caseReference: '1', fresh: true }]
    const found = authoritiesTold(aRoutedNotification({ moved }), aBackground({ openCases }), { person, unborn: false })
    expect(found.map(({ authority, ties }) => [authority, ...ties])).toEqual([
      ['E99000002', 'lives there', 'moved there', 'open case'],
      ['E99000003', 'staying there', 'looked after'],
      ['E99000004', 'open case'],
    ])
    expect(authoritiesTold(aRoutedNotification(), aBackground(), { person: aChild(), unborn: false })[0]?.ties).toEqual([
      'incident there',
    ])
  })

  test('of somebody who carries a child is their own home and case; the unborn child’s are its own', () => {
    const unborn = { localAuthority: 'E99000003', socialCare: { open: 'yes', authority: 'E99000004' } } as const
    expect(told({ localAuthority: 'E99000002', unborn })).toEqual(['E99000002'])
  })
})

describe('an authority the family has left', () => {
  test('is left behind too where only an unborn child has a case there', () => {
    const person = aVictim({ unborn: { localAuthority: 'E99000003', socialCare: { open: 'yes', authority: 'E99000004' } } })
    const found = authoritiesTold(aRoutedNotification(), aBackground(), { person, unborn: true })
    expect(found.map(({ authority, leftBehind }) => [authority, leftBehind])).toEqual([
      ['E99000003', false],
      ['E99000004', true],
    ])
  })

  test('is left behind although the child is still given as living there', () => {
    const moved = { fromAuthority: 'E99000001', toAuthority: 'E99000002' }
    expect(told({ localAuthority: 'E99000001' }, { moved })).toEqual(['E99000001 left behind', 'E99000002'])
  })

  test('is left behind where it is only that of the incident, though nobody wrote down where the family moved from', () => {
    expect(told({}, { moved: { toAuthority: 'E99000002' } })).toEqual(['E99000001 left behind', 'E99000002'])
  })

  test('the one they moved from is left behind, the one they moved to is told', () => {
    const moved = { fromAuthority: 'E99000001', toAuthority: 'E99000002' }
    expect(told({}, { moved })).toEqual(['E99000001 left behind', 'E99000002'])
    expect(told({ localAuthority: 'E99000002' }, { moved })).toEqual(['E99000002'])
  })

  test('one that only has an open case is left behind, with or without a move written down', () => {
    const socialCare = { open: 'yes', authority: 'E99000005' } as const
    expect(told({ localAuthority: 'E99000002', socialCare })).toEqual(['E99000002', 'E99000005 left behind'])
    expect(told({ localAuthority: 'E99000002', socialCare, lookedAfterBy: 'E99000005' })).toEqual(['E99000002', 'E99000005'])
  })

  test('a move within one authority leaves nobody behind', () => {
    expect(told({}, { moved: { fromAuthority: 'E99000001', toAuthority: 'E99000001' } })).toEqual(['E99000001'])
  })
})
