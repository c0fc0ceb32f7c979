import { describe, expect, test } from 'vitest'
import { aBackground, aChild, aNotification, aVictim } from '../../test/support/builders.ts'
import type { Background, RollMatch } from '../words/background.ts'
import type { Education, Person } from '../words/notification.ts'
import { education, nameContradictsNumber, placeInEducation, sameSchool } from './education.ts'
import { type Subject, situationOf, subjectsOf } from './situation.ts'

function child(given: Partial<Person>, background: Partial<Background> = {}): Subject {
  const situation = situationOf(aNotification({ people: [aVictim(), aChild(given)] }), aBackground(background))
  const [subject] = subjectsOf(situation)['each child']
  if (subject === undefined) throw new Error('There is no child')
  return subject
}

const onRoll = (urn: string, over: Partial<RollMatch> = {}): RollMatch => ({
  ref: 'c1',
  urn,
  fresh: true,
  by: 'name and birth',
  pupil: null,
  ...over,
})
const rolls = (...matches: RollMatch[]): Partial<Background> => ({ rolls: matches })
const place = (given: Education | undefined, background: Partial<Background> = {}, dateOfBirth = '2016-01-02') => {
  const reading = placeInEducation(child({ education: given, dateOfBirth }, background))
  return reading.kind === 'text' ? `${reading.text}: ${reading.found}` : reading.kind
}

describe('a place in education, where no roll has the child,', () => {
  test.each<[Education | undefined, string]>([
    [{ status: 'on_roll', urns: ['900101'] }, 'at a known school: on roll at a school that is named'],
    [{ status: 'on_roll' }, 'not known: on roll, but no school is named'],
    [{ status: 'on_roll', establishmentName: 'Larkspur' }, 'not known: on roll at a school that is named without its number'],
    [
      { status: 'on_roll', urns: ['900101'], establishmentName: 'Thistle Grove' },
      'not known: on roll, but the school’s number and its name do not belong together',
    ],
    [{ status: 'electively_home_educated' }, 'without a school: electively home educated'],
    [{ status: 'missing_education' }, 'without a school: missing education'],
    [{ status: 'no_school_place' }, 'without a school: no school place'],
    [{ status: 'excluded_without_provision' }, 'without a school: excluded without provision'],
    [{ status: 'neet' }, 'without a school: neet'],
    [{ status: 'training_or_work' }, 'working: in training or work'],
    [{ status: 'not_school_age' }, 'not known: given as not school age, but Reception may have begun'],
    [{ status: 'unknown' }, 'not known: not stated'],
    [undefined, 'not known: not stated'],
  ])('given %j', (given, expected) => expect(place(given)).toBe(expected))

  test('is not yet one under three, and past at eighteen', () => {
    expect(place(undefined, {}, '2024-01-02')).toBe('not yet at school: not yet at school')
    expect(place({ status: 'not_school_age' }, {}, '2024-01-02')).toBe('not yet at school: not yet at school')
    expect(place(undefined, {}, '2008-11-04')).toBe('past school: eighteen or over')
  })
})

describe('a fresh roll that has the child', () => {
  test.each<[Education | undefined, string]>([
    [undefined, 'at a known school: police do not say; a fresh school roll has the child'],
    [{ status: 'unknown' }, 'at a known school: police do not say; a fresh school roll has the child'],
    [{ status: 'no_school_place' }, 'at a known school: on a fresh school roll, though police say no school place'],
    [{ status: 'on_roll' }, 'at a known school: on roll; a fresh school roll names the school'],
    [{ status: 'on_roll', urns: ['900101'] }, 'at a known school: on roll at a school that is named, and on its fresh roll'],
    [
      { status: 'on_roll', urns: ['900102'] },
      'at a known school: on a fresh roll of another school than police name: the roll decides',
    ],
  ])('decides over %j', (given, expected) => expect(place(given, rolls(onRoll('900101')))).toBe(expected))

  test('says nothing once it is stale, and nothing of somebody who has turned eighteen', () => {
    expect(place(undefined, rolls(onRoll('900101', { fresh: false })))).toBe('not known: not stated')
    expect(place(undefined, rolls(onRoll('900101')), '2008-11-04')).toBe('past school: eighteen or over')
    expect(place(undefined, rolls(onRoll('900101')), '2008-11-05')).toContain('at a known school')
  })

  test('of two schools may be of two children', () => {
    const two = rolls(onRoll('900101'), onRoll('900102'))
    expect(place({ status: 'on_roll' }, two)).toBe(
      'not known: on roll; fresh rolls of two schools name a child who may be this one',
    )
    expect(place({ status: 'on_roll', urns: ['900103'] }, two)).toBe('at a known school: on roll at a school that is named')
  })

  test('that lacks a child whom police place there leaves the school known', () => {
    expect(place({ status: 'on_roll', urns: ['900101'] }, { rollsKept: [{ urn: '900101', fresh: true }] })).toBe(
      'at a known school: on roll at a school that is named, though its fresh roll does not have the child',
    )
  })
})

describe('the status', () => {
  test.each([
    ['on_roll', 'on roll'],
    ['electively_home_educated', 'electively home educated'],
    ['missing_education', 'missing education'],
    ['no_school_place', 'no school place'],
    ['excluded_without_provision', 'excluded without provision'],
    ['neet', 'neet'],
  ] as const)('%s is as police gave it', (status, text) => {
    expect(education(child({ education: { status } }))).toEqual({ kind: 'text', text, found: text })
  })

  test('of training or work is working, and of no school age holds until Reception may have begun', () => {
    expect(education(child({ education: { status: 'training_or_work' } }))).toMatchObject({ text: 'working' })
    const young = (dateOfBirth: string) => education(child({ dateOfBirth, education: { status: 'not_school_age' } }))
    expect(young('2022-09-01')).toMatchObject({ text: 'not school age', found: 'not school age' })
    expect(young('2022-08-31')).toEqual({
      kind: 'unknown',
      found: 'given as not school age, but Reception may have begun',
    })
  })

  test('that police do not know is on roll by a fresh roll, and else unknown', () => {
    const read = (given: Education | undefined, background: Partial<Background> = {}) =>
      education(child({ education: given }, background))
    const byRoll = { kind: 'text', text: 'on roll', found: 'a fresh school roll has the child' }
    expect(read(undefined, rolls(onRoll('900101')))).toEqual(byRoll)
    expect(read({ status: 'not_school_age' }, rolls(onRoll('900101')))).toEqual(byRoll)
    expect(read(undefined)).toEqual({ kind: 'unknown', found: 'not stated' })
  })
})

describe('a school’s number and its name', () => {
  const contradict = (given: Education | undefined, establishments = aBackground().establishments) =>
    nameContradictsNumber(given, aBackground({ establishments }))
  const two = [
    { urn: '900101', name: 'Larkspur Primary School' },
    { urn: '900102', name: 'Foxglove Academy' },
  ]

  test('contradict each other only where the directory knows every number given', () => {
    expect(contradict({ status: 'on_roll', urns: ['900101'], establishmentName: 'Foxglove Academy' })).toBe(true)
    expect(contradict({ status: 'on_roll', urns: ['900101', '900102'], establishmentName: 'Thistle Grove' }, two)).toBe(true)
    expect(contradict({ status: 'on_roll', urns: ['900101', '900999'], establishmentName: 'Thistle Grove' }, two)).toBe(false)
  })

  test('do not where the name is that of any school given, or one of the two is missing', () => {
    expect(contradict({ status: 'on_roll', urns: ['900101', '900102'], establishmentName: 'Foxglove' }, two)).toBe(false)
    expect(contradict({ status: 'on_roll', establishmentName: 'Thistle Grove' }, two)).toBe(false)
    expect(contradict({ status: 'on_roll', urns: ['900101'] }, two)).toBe(false)
    expect(contradict(undefined)).toBe(false)
  })
})

test.each([
  ['The Academy of Larkspur', 'Larkspur', true],
  ['College of Larkspur and Foxglove', 'Foxglove Larkspur School', true],
  ['Larkspur at Foxglove', 'Larkspur a Foxglove', true],
  ['St Zita', 'St Rita', false],
  ['Brook', 'Brock', true],
  ['Oak', 'Oaks', false],
  ['École Ânes', 'école ânes', true],
  ['The School', 'The School', true],
  ['The School', 'The Academy', false],
])('“%s” and “%s” are one school: %s', (one, other, same) => {
  expect([sameSchool(one, other), sameSchool(other, one)]).toEqual([same, same])
})

test('the notification as a whole is at no school, whatever rolls are known', () => {
  const [whole] = subjectsOf(child({}, rolls(onRoll('900101'))).situation)['the notification']
  if (whole === undefined) throw new Error('There is no notification')
  expect(education(whole)).toEqual({ kind: 'unknown', found: 'not stated' })
  expect(placeInEducation(whole)).toMatchObject({ text: 'not known', found: 'not stated' })
})
