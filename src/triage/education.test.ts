import { describe, expect, test } from 'vitest'
import { aBackground, aChild, aNotification, aVictim } from '../../test/support/builders.ts'
import type { Education, Person } from '../words/notification.ts'
import { education, placeInEducation, sameSchool } from './education.ts'
import { situationOf, subjectsOf } from './situation.ts'

function childWith(person: Partial<Person>) {
  const situation = situationOf(aNotification({ people: [aVictim(), aChild(person)] }), aBackground())
  const [subject] = subjectsOf(situation)['each child']
  if (subject === undefined) throw new Error('There is no child')
  return subject
}

const place = (status: Education['status'], rest: Partial<Education> = {}, dateOfBirth = '2016-01-02') => {
  const reading = placeInEducation(childWith({ education: { status, ...rest }, dateOfBirth }))
  return reading.kind === 'text' ? reading.text : reading.kind
}

describe('a place in education', () => {
  test('on roll with a number is a known school', () => expect(place('on_roll', { urns: ['900101'] })).toBe('at a known school'))
  test('on roll without a number is not known', () => {
    expect(place('on_roll')).toBe('not known')
    expect(place('on_roll', { establishmentName: 'Larkspur Primary' })).toBe('not known')
  })
  test('a number and a name that do not belong together are not certain', () => {
    expect(place('on_roll', { urns: ['900101'], establishmentName: 'Larkspur Primary' })).toBe('at a known school')
    expect(place('on_roll', { urns: ['900101'], establishmentName: 'Thistle Grove Primary' })).toBe('not known')
  })
  test('a number the directory does not have contradicts nothing', () => {
    expect(place('on_roll', { urns: ['900999'], establishmentName: 'Thistle Grove Primary' })).toBe('at a known school')
  })
  test.each(['electively_home_educated', 'missing_education', 'no_school_place', 'excluded_without_provision', 'neet'] as const)(
    '%s is without a school',
    (status) => expect(place(status)).toBe('without a school'),
  )
  test('a status left out is asked about from three to eighteen', () => {
    const born = ['2023-11-05', '2023-11-04', '2008-11-05', '2008-11-04']
    expect(born.map((date) => place('unknown', {}, date))).toEqual(['not yet at school', 'not known', 'not known', 'past school'])
  })
  test('“not school age” holds until the September after the fourth birthday', () => {
    expect(place('not_school_age', {}, '2022-09-01')).toBe('not yet at school')
    expect(place('not_school_age', {}, '2022-08-31')).toBe('not known')
  })
  test('a child without a date of birth may be in Reception', () => {
    expect(placeInEducation(childWith({ dateOfBirth: undefined, education: { status: 'not_school_age' } }))).toMatchObject({
      text: 'not known',
    })
  })
})

test('the status itself is unknown, never “no”, where nobody gave it or it can no longer hold', () => {
  expect(education(childWith({ education: undefined })).kind).toBe('unknown')
  expect(education(childWith({ education: { status: 'not_school_age' } })).kind).toBe('unknown')
  expect(education(childWith({ education: { status: 'no_school_place' } }))).toMatchObject({ text: 'no school place' })
})

test.each([
  ['Larkspur Primary School', 'Larkspur Primary', true],
  ['St. Zita’s Catholic Academy', "St Zita's", true],
  ['Larkspur Primary School', 'Larkspurr Primary', true],
  ['Larkspur Infant School', 'Larkspur Junior School', false],
  ['Larkspur Primary School', 'Thistle Grove Primary School', false],
  ['Larkspur Primary School', 'The School', false],
])('“%s” and “%s” can be one school: %s', (one, other, same) => {
  expect(sameSchool(one, other)).toBe(same)
})
