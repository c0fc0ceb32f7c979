import { describe, expect, test } from 'vitest'
import { aChild, aRecipient, aRoutedNotification, aSchool, aVictim } from '../../test/support/routing-builders.ts'
import type { Person, Restriction } from '../words/notification.ts'
import type { Recipient } from '../words/recipient.ts'
import { restrictionsAgainst, restrictionsThatNameNobody, statedHere } from './restrictions.ts'

const stated = (...restrictions: Omit<Restriction, 'reason'>[]) =>
  statedHere(aRoutedNotification({ restrictions: restrictions.map((one) => ({ ...one, reason: 'He works there.' })) }))
const twoChildren: Person[] = [aVictim(), aChild(), aChild({ ref: 'c2' })]

/** Whether a restriction keeps from a recipient what is about somebody. */
function forbids(
  restriction: Omit<Restriction, 'reason' | 'kind'>,
  recipient: Recipient,
  about = ['c1'],
  urn: string | null = null,
) {
  const restrictions = stated({ kind: 'must_not_receive', ...restriction })
  return restrictionsAgainst(recipient, urn, about, { restrictions, people: twoChildren }).length === 1
}

const school = aSchool()
const practice = aRecipient({ id: 'practice', service: 'health', odsCode: 'RZZ01' })

describe('a restriction keeps a notification', () => {
  test('from the recipient it names, by id, number or code, and from no other', () => {
    expect([forbids({ recipientId: 'practice' }, practice), forbids({ recipientId: 'practice' }, school)]).toEqual([true, false])
    expect([forbids({ urn: '900101' }, school), forbids({ urn: '900102' }, school)]).toEqual([true, false])
    expect([forbids({ odsCode: 'RZZ01' }, practice), forbids({ odsCode: 'RZZ02' }, practice)]).toEqual([true, false])
    expect(forbids({ odsCode: 'RZZ01' }, school)).toBe(false)
  })

  test('from a school by the number of the one it succeeded', () => {
    expect(forbids({ urn: '900777' }, school, ['c1'], '900777')).toBe(true)
    expect(forbids({ urn: '900777' }, school, ['c1'], '900778')).toBe(false)
  })

  test('from every recipient of a service, or the one of it that is named', () => {
    expect(forbids({ service: 'education_setting' }, school)).toBe(true)
    expect(forbids({ service: 'education_setting' }, practice)).toBe(false)
    expect(forbids({ service: 'health', recipientId: 'practice' }, practice)).toBe(true)
    expect(forbids({ service: 'education_setting', recipientId: 'practice' }, practice)).toBe(false)
  })

  test('from nobody where it names none, or protects an address', () => {
    expect(forbids({}, school)).toBe(false)
    const restrictions = stated({ kind: 'address_protected', recipientId: 'school-900101' })
    expect(restrictionsAgainst(school, null, ['c1'], { restrictions, people: twoChildren })).toEqual([])
  })
})

describe('a restriction for one person', () => {
  test('who is a child leaves what is told of another child alone', () => {
    expect(forbids({ urn: '900101', personRef: 'c1' }, school, ['c1'])).toBe(true)
    expect(forbids({ urn: '900101', personRef: 'c1' }, school, ['c2'])).toBe(false)
    expect(forbids({ urn: '900101', personRef: 'c1' }, school, ['c2', 'c1'])).toBe(true)
  })

  test('who is an adult, or nobody here knows, binds whatever goes there: they may be the one who must not read it', () => {
    expect(forbids({ urn: '900101', personRef: 'v1' }, school, ['c2'])).toBe(true)
    expect(forbids({ urn: '900101', personRef: 'somebody' }, school, ['c2'])).toBe(true)
  })
})

describe('a restriction that names no recipient', () => {
  test('is asked about, and only where this notification forbids somebody to hear', () => {
    const nameless = stated({ kind: 'must_not_receive' })
    expect(restrictionsThatNameNobody(nameless)).toEqual(nameless)
    expect(restrictionsThatNameNobody(stated({ kind: 'address_protected' }, { kind: 'school_name_protected' }))).toEqual([])
    expect(restrictionsThatNameNobody(nameless.map((one) => ({ ...one, from: 'this force' as const })))).toEqual([])
  })

  test('is none that names one in any way', () => {
    const naming = [{ recipientId: 'practice' }, { urn: '900101' }, { odsCode: 'RZZ01' }, { service: 'health' }]
    expect(restrictionsThatNameNobody(stated(...naming.map((one) => ({ kind: 'must_not_receive' as const, ...one }))))).toEqual(
      [],
    )
  })
})

test('a notification without restrictions states none', () => {
  expect(statedHere(aRoutedNotification())).toEqual([])
})
