import { describe, expect, test } from 'vitest'
import { aBackground, aChild, aNotification } from '../../test/support/builders.ts'
import type { Person } from '../words/notification.ts'
import type { About } from '../words/outcome.ts'
import { age, ageInMonths, ofSchoolAge, yearsBetween } from './ages.ts'
import { type Subject, situationOf, subjectsOf } from './situation.ts'

const REPORTED = '2026-11-04T20:10:00Z'

/** The one of a kind on a notification of 4 November 2026. */
function one(about: About, person: Person, occurredAt = REPORTED): Subject {
  const notification = aNotification({ people: [person], incident: { occurredAt, reportedAt: REPORTED } })
  const [subject] = subjectsOf(situationOf(notification, aBackground()))[about]
  if (subject === undefined) throw new Error('There is nobody')
  return subject
}

const child = (dateOfBirth: string, occurredAt?: string) => one('each child', aChild({ dateOfBirth }), occurredAt)
/** A victim whose date of birth nobody gave. */
const guessed = (approximateAge?: number) => one('each party', { ref: 'v1', role: 'victim', approximateAge })

describe('an age is said', () => {
  test.each([
    ['2026-11-05', 'not yet born', 'not yet born'],
    ['2026-11-04', 'under a year', '0 months'],
    ['2026-10-04', 'under a year', '1 month'],
    ['2025-11-05', 'under a year', '11 months'],
    ['2025-11-04', '1 year', '12 months'],
    ['2024-11-04', '2 years', '24 months'],
  ])('of a child born on %s: %s, %s', (born, years, months) => {
    expect(age(child(born)).found).toBe(years)
    expect(ageInMonths(child(born)).found).toBe(months)
  })

  test('of somebody nobody gave an age: that there is no date of birth', () => {
    expect(age(guessed())).toMatchObject({ from: 0, to: null, countsIn: false, found: 'no date of birth' })
    expect(age(guessed(40)).found).toBe('about 40, no date of birth')
  })
})

describe('an age at the incident', () => {
  test('is kept apart only where it differs from that at the report', () => {
    expect(age(child('2016-11-04'))).toMatchObject({ from: 10, to: 10, countsIn: false, atIncident: null })
    expect(age(child('2016-11-04', '2026-11-03T20:00:00Z'))).toMatchObject({
      from: 10,
      atIncident: { from: 9, found: '9 years' },
    })
  })
})

describe('a guessed age', () => {
  test('may be five years out, and is never under nothing', () => {
    expect(age(guessed(40))).toMatchObject({ from: 35, to: 45 })
    expect(age(guessed(3))).toMatchObject({ from: 0, to: 8 })
  })

  test('is in months to the last before the next birthday', () => {
    expect(ageInMonths(guessed(40))).toMatchObject({ from: 420, to: 551 })
  })

  test('of a child is shown and not used', () => {
    const about9 = one('each child', { ref: 'c1', role: 'child', approximateAge: 9 })
    expect(age(about9)).toMatchObject({ from: 0, to: null, countsIn: true, found: 'about 9, no date of birth: counted in' })
    expect(yearsBetween(about9)).toEqual({ from: 0, to: Number.POSITIVE_INFINITY })
  })
})

test('the youngest and the oldest somebody can be are one age with a date of birth, and five years either way of a guess', () => {
  expect(yearsBetween(child('2016-11-04'))).toEqual({ from: 10, to: 10 })
  expect(yearsBetween(guessed(40))).toEqual({ from: 35, to: 45 })
  expect(yearsBetween(guessed())).toEqual({ from: 0, to: Number.POSITIVE_INFINITY })
})

describe('of school age', () => {
  const found = (subject: Subject) => ofSchoolAge(subject).found

  test('from the first day of compulsory school age to the day before the eighteenth birthday', () => {
    expect(['2021-08-31', '2021-09-01', '2008-11-05', '2008-11-04'].map((born) => found(child(born)))).toEqual([
      'yes',
      'no',
      'yes',
      'no',
    ])
  })

  test('at the incident and no longer at the report, nobody can tell', () => {
    const eighteenToday = child('2008-11-04', '2026-11-03T20:00:00Z')
    expect(ofSchoolAge(eighteenToday)).toEqual({ kind: 'unknown', found: 'no at the report, but yes at the incident' })
  })

  test('a child without a date of birth counts in', () => {
    expect(ofSchoolAge(one('each child', { ref: 'c1', role: 'child' }))).toEqual({
      kind: 'text',
      text: 'yes',
      found: 'no date of birth: counted in',
    })
  })

  test('a party’s guessed age settles it from twenty-three, which leaves no doubt; below that, and without one, nobody can tell', () => {
    expect(ofSchoolAge(guessed(23))).toMatchObject({ kind: 'text', text: 'no' })
    expect(ofSchoolAge(guessed(22))).toEqual({ kind: 'unknown', found: 'about 22, no date of birth' })
    expect(ofSchoolAge(guessed())).toEqual({ kind: 'unknown', found: 'no date of birth' })
  })
})

test('the notification as a whole has no age', () => {
  const whole = one('the notification', aChild({ dateOfBirth: '2016-11-04' }))
  expect([age(whole), ageInMonths(whole)]).toEqual(
    Array(2).fill({ kind: 'number', from: 0, to: null, countsIn: false, atIncident: null, found: 'no date of birth' }),
  )
  expect(ofSchoolAge(whole)).toEqual({ kind: 'unknown', found: 'no date of birth' })
  expect(yearsBetween(whole)).toEqual({ from: 0, to: Number.POSITIVE_INFINITY })
})
