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
