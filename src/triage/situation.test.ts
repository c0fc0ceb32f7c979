import { describe, expect, test } from 'vitest'
import { aBackground, aChild, aNotification, aSuspect, aVictim } from '../../test/support/builders.ts'
import type { Person } from '../words/notification.ts'
import { situationOf, subjectsOf } from './situation.ts'

function subjects(...people: Person[]) {
  const all = subjectsOf(situationOf(aNotification({ people }), aBackground()))
  return Object.fromEntries(Object.entries(all).map(([about, found]) => [about, found.map(({ person }) => person?.ref ?? null)]))
}
const children = (...people: Person[]) => subjects(...people)['each child']
const carriers = (...people: Person[]) => subjects(...people)['each unborn child']

test('a notification has its days in London: of the report, and of the incident where that was another', () => {
  const days = (occurredAt: string, reportedAt: string) => {
    const situation = situationOf(aNotification({ incident: { occurredAt, reportedAt } }), aBackground())
    return [situation.occurredOn.day, situation.reportedOn.day, situation.reportedOnText]
  }
  expect(days('2026-07-09T12:00:00Z', '2026-07-10T23:30:00Z')).toEqual([9, 11, '2026-07-11'])
  expect(days('2026-07-10T23:30:00Z', '2026-07-10T23:30:00Z')).toEqual([11, 11, '2026-07-11'])
})

test('the notification itself is one subject, about nobody', () => {
  expect(subjects(aVictim(), aSuspect())).toEqual({
    'each child': [],
    'each unborn child': [],
    'each party': ['v1', 's1'],
    'the notification': [null],
  })
})

describe('a child is', () => {
  test('whoever is given as one, of whatever age', () => {
    expect(children(aChild(), aChild({ ref: 'c2', dateOfBirth: '1990-01-01' }))).toEqual(['c1', 'c2'])
  })

  test('a victim or suspect of sixteen or seventeen, and no younger one, who has a separate process', () => {
    const victims = ['2008-11-04', '2008-11-05', '2010-11-04', '2010-11-05']
    expect(children(...victims.map((dateOfBirth, at) => aVictim({ ref: `v${at}`, dateOfBirth })))).toEqual(['v1', 'v2'])
  })

  test('anybody else under eighteen, by birth date or by a guess, and nobody of whom neither is known', () => {
    const other = (ref: string, given: Partial<Person>): Person => ({ ref, role: 'other_adult', ...given })
    expect(
      children(
        other('a', { dateOfBirth: '2020-01-01' }),
        other('b', { approximateAge: 17 }),
        other('c', { approximateAge: 18 }),
        other('d', {}),
      ),
    ).toEqual(['a', 'b'])
  })
})

describe('an unborn child is asked about', () => {
  const { pregnant: _, ...unsaid } = aVictim()

  test('of anybody who is pregnant, expecting, or has one described', () => {
    const other = (ref: string, given: Partial<Person>): Person => ({ ref, role: 'other_adult', ...given })
    expect(
      carriers(
        other('a', { pregnant: true }),
        other('b', { expectedDeliveryDate: '2027-02-01' }),
        other('c', { unborn: {} }),
        other('d', {}),
      ),
    ).toEqual(['a', 'b', 'c'])
  })

  test('of a victim of whom nobody says, unless that is a man', () => {
    expect(carriers(unsaid)).toEqual(['v1'])
    expect(carriers({ ...unsaid, pregnant: false })).toEqual([])
    expect(carriers({ ...unsaid, sex: undefined })).toEqual(['v1'])
    expect(['m', 'Male', 'MAN', 'boy'].map((sex) => carriers({ ...unsaid, sex }))).toEqual([[], [], [], []])
    expect(['female', 'woman', 'trans man'].map((sex) => carriers({ ...unsaid, sex }))).toEqual([['v1'], ['v1'], ['v1']])
    const { pregnant: __, ...suspect } = aSuspect({ sex: 'female' })
    expect(carriers(suspect)).toEqual([])
  })
})
