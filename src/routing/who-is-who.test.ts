import { expect, test } from 'vitest'
import { aChild, aVictim } from '../../test/support/routing-builders.ts'
import { whoIsWho } from './who-is-who.ts'

const who = (older: Parameters<typeof aChild>[0][], newer: Parameters<typeof aChild>[0][]) =>
  Object.fromEntries(whoIsWho({ people: older.map(aChild) }, { people: newer.map(aChild) }))

test('children who were renumbered are who they were', () => {
  const merrin = { givenNames: 'Merrin' }
  const jory = { givenNames: 'Jory', dateOfBirth: '2018-01-01' }
  expect(
    who(
      [{ ref: 'c1', ...merrin }],
      [
        { ref: 'c1', ...jory },
        { ref: 'c2', ...merrin },
      ],
    ),
  ).toEqual({ c1: 'c2' })
})

test('a corrected birth date or name is still the same child', () => {
  expect(who([{ ref: 'c1' }], [{ ref: 'c1', dateOfBirth: '2016-04-05' }])).toEqual({ c1: 'c1' })
  expect(who([{ ref: 'c1' }], [{ ref: 'c1', givenNames: 'Meryn', dateOfBirth: '2016-04-05' }])).toEqual({ c1: 'c1' })
  expect(who([{ ref: 'c1', upn: 'U1' }], [{ ref: 'c9', upn: 'U1', givenNames: 'Meryn' }])).toEqual({ c1: 'c9' })
})

test('twins of whom one is taken off are not mixed up', () => {
  const [one, other] = [{ givenNames: 'Wren' }, { givenNames: 'Wyn' }]
  expect(
    who(
      [
        { ref: 'c1', ...one },
        { ref: 'c2', ...other },
      ],
      [{ ref: 'c1', ...other }],
    ),
  ).toEqual({ c2: 'c1' })
})

test('whoever is not on it any more is nobody', () => {
  expect(Object.fromEntries(whoIsWho({ people: [aVictim(), aChild()] }, { people: [aVictim()] }))).toEqual({ v1: 'v1' })
})

test.each([
  ['a force’s own id', { policePersonId: 'P1' }],
  ['a PNC id', { pncId: 'P1' }],
  ['an NHS number', { nhsNumber: 'P1' }],
  ['a pupil number', { upn: 'P1' }],
])('%s says who is who, whatever else is said of them', (_, mark) => {
  const otherwise = { givenNames: 'Jory', familyName: 'Tolliver', dateOfBirth: '2018-01-01' }
  expect(who([{ ref: 'c1', ...mark }], [{ ref: 'c2', ...mark, ...otherwise }])).toEqual({ c1: 'c2' })
})

test('the same number of two schemes is no match', () => {
  const otherwise = { givenNames: 'Jory', familyName: 'Tolliver', dateOfBirth: '2018-01-01' }
  expect(who([{ ref: 'c1', upn: 'P1' }], [{ ref: 'c2', nhsNumber: 'P1', ...otherwise }])).toEqual({})
})

test('a name is the same in any case and with any space, and needs its family name', () => {
  const ref = (given: Parameters<typeof aChild>[0]) => who([{ ref: 'c1', givenNames: 'Merrin  Jo' }], [{ ref: 'c2', ...given }])
  expect(ref({ givenNames: ' MERRIN Jo', dateOfBirth: '2017-01-01' })).toEqual({ c1: 'c2' })
  expect(ref({ givenNames: 'Merrin Jo', familyName: 'Tolliver' })).toEqual({})
  expect(ref({ givenNames: 'Merrin Jo', familyName: undefined })).toEqual({})
  expect(who([{ ref: 'c1', familyName: undefined }], [{ ref: 'c2', familyName: undefined }])).toEqual({ c1: 'c2' })
})

test('the birth date tells two of one name apart', () => {
  const [elder, younger] = [{ dateOfBirth: '2010-01-01' }, { dateOfBirth: '2018-01-01' }]
  expect(
    who(
      [{ ref: 'c1', ...elder }],
      [
        { ref: 'c2', ...younger },
        { ref: 'c3', ...elder },
      ],
    ),
  ).toEqual({ c1: 'c3' })
})

test('the ref alone counts only for somebody of the same role: an adult is never taken for a child', () => {
  const nameless = { givenNames: undefined, familyName: undefined, dateOfBirth: undefined }
  expect(who([{ ref: 'p1', ...nameless }], [{ ref: 'p1', ...nameless }])).toEqual({ p1: 'p1' })
  expect(who([{ ref: 'p1', ...nameless }], [{ ref: 'p1', ...nameless, role: 'other_adult' }])).toEqual({})
  expect(who([{ ref: 'p1', ...nameless, role: 'victim' }], [{ ref: 'p1', ...nameless, role: 'suspect' }])).toEqual({ p1: 'p1' })
})
