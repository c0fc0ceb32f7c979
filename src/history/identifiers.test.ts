import { describe, expect, test } from 'vitest'
import { aChild, aNotification, aVictim } from '../../test/support/builders.ts'
import { badIdentifiersOf, nhsNumberOf, pncIdOf, upnOf, uprnOf } from './identifiers.ts'
import { personKeys } from './person-keys.ts'

const indexKey = Buffer.alloc(32, 7)

describe('a number is read in one form, or not at all', () => {
  test.each([
    ['943 476 5919', '9434765919'],
    ['943-476-5870', '9434765870'],
    ['9434765918', null],
    ['9990000000', null],
    ['9991234560', null],
    ['943476591', null],
  ])('NHS number %s', (text, read) => expect(nhsNumberOf(text)).toBe(read))

  test.each([
    ['B801200005001', 'B801200005001'],
    ['p207000016049', 'P207000016049'],
    ['Q207000016049', null],
    ['I801200005001', null],
    ['B80120000500A', 'B80120000500A'],
    ['B80120000500', null],
  ])('UPN %s', (text, read) => expect(upnOf(text)).toBe(read))

  test.each([
    ['2003/0062845E', '030062845E'],
    ['03/62845E', '030062845E'],
    ['1981/0154257C', '810154257C'],
    ['2003/0062845F', null],
    ['SF39/83456D', null],
  ])('PNC ID %s', (text, read) => expect(pncIdOf(text)).toBe(read))

  test.each([
    ['000100012345', '100012345'],
    ['1000123456789', null],
    ['10001234A', null],
  ])('UPRN %s', (text, read) => expect(uprnOf(text)).toBe(read))
})

test('a number that cannot be right names nobody, and the rest of the person still does', () => {
  const person = { givenNames: 'Cedar', familyName: 'Zedwing', dateOfBirth: '2016-01-02' }
  const kinds = personKeys(
    indexKey,
    { ...person, upn: 'X1', nhsNumber: '1', pncId: 'x', address: { lines: [], uprn: 'x' } },
    null,
  )
  expect(new Set(kinds.map(({ kind }) => kind))).toEqual(new Set(['name+birth', 'sound+birth']))
})

test('every bad number is named by whose it is and what it is, and never shown', () => {
  const notification = aNotification({
    incident: { address: { lines: ['1 Zedwing Close'], uprn: 'none' } },
    people: [
      aVictim({ nhsNumber: '9434765918', employer: { urn: '12', odsCode: 'x' } }),
      aChild({ upn: 'B801200005002', education: { status: 'on_roll', urns: ['9001'] }, health: { gpPractice: 'c8' } }),
    ],
  })
  expect(badIdentifiersOf(notification)).toEqual([
    { ref: null, scheme: 'UPRN' },
    { ref: 'v1', scheme: 'NHS number' },
    { ref: 'v1', scheme: 'URN' },
    { ref: 'v1', scheme: 'ODS code' },
    { ref: 'c1', scheme: 'UPN' },
    { ref: 'c1', scheme: 'URN' },
    { ref: 'c1', scheme: 'ODS code' },
  ])
})
