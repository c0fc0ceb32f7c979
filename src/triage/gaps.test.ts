import { describe, expect, test } from 'vitest'
import { aBackground, aChild, aNotification, aRiskAssessment, aSuspect, aVictim } from '../../test/support/builders.ts'
import type { Background } from '../words/background.ts'
import type { Person, RiskAssessment } from '../words/notification.ts'
import { gapsOf } from './gaps.ts'

function gaps(people: Person[], assessment: Partial<RiskAssessment> = {}, background: Background = aBackground()) {
  const notification = aNotification({ people: [aVictim(), ...people], riskAssessments: [aRiskAssessment(assessment)] })
  return gapsOf(notification, background).map(({ code, about }) => [code, ...about].join(' '))
}

test('a notification that says what it ticks leaves nothing open', () => {
  const answers = { q9: 'no', q10: 'yes', q11: 'yes' } as const
  expect(gaps([aSuspect(), aChild({ injured: true })], { answers })).toEqual([])
})

describe('pregnant on the assessment', () => {
  const pregnant = { answers: { q9: 'yes' } } as const
  const open = ['pregnancy_without_unborn_child v1']

  test('and neither an unborn child nor a baby listed', () => {
    expect(gaps([aChild()], pregnant)).toEqual(open)
    expect(gaps([aChild()], { ...pregnant, tool: 'RIC', itemCount: 24 })).toEqual(open)
  })

  test('is answered by anybody who carries a child, and by a baby under eighteen months', () => {
    expect(gaps([{ ref: 'a1', role: 'other_adult', pregnant: true }], pregnant)).toEqual([])
    const bornOn = (dateOfBirth: string) => gaps([aChild({ dateOfBirth, education: { status: 'not_school_age' } })], pregnant)
    expect(bornOn('2025-05-05')).toEqual([])
    expect(bornOn('2025-05-04')).toEqual(open)
  })

  test('is nothing where it was not ticked, or the tool has other questions', () => {
    expect(gaps([aChild()], { answers: { q9: 'not_known' } })).toEqual([])
    expect(gaps([aChild()], { ...pregnant, tool: 'DARA' })).toEqual([])
    expect(gaps([aChild()], { ...pregnant, tool: 'young_persons_dash' })).toEqual([])
  })
})

describe('children on the assessment', () => {
  const open = ['children_assessed_none_listed v1']
  test.each([
    ['children in the household', { answers: { q10: 'yes' } }, open],
    ['dependants hurt', { answers: { q11: 'yes' } }, open],
    ['dependants threatened', { answers: { q12: 'yes' } }, open],
    ['anyone else hurt', { answers: { q21: 'yes' } }, open],
    ['anyone else hurt, on the list of 24', { tool: 'RIC', answers: { q18: 'yes' } }, open],
    ['the same number on a DASH of 24', { itemCount: 24, answers: { q18: 'yes' } }, open],
    ['that number on the DASH of 27 asks about strangling', { answers: { q18: 'yes' } }, []],
    ['nobody knows', { answers: { q10: 'not_known' } }, []],
  ] as const)('%s, and none listed', (_, assessment, expected) => {
    expect(gaps([aSuspect()], assessment)).toEqual(expected)
  })

  test('somebody under eighteen in any role is a child listed', () => {
    expect(gaps([aChild()], { answers: { q10: 'yes' } })).toEqual([])
    const young: Person = { ref: 'y1', role: 'other_adult', dateOfBirth: '2009-01-01', education: { status: 'training_or_work' } }
    expect(gaps([young], { answers: { q10: 'yes' } })).toEqual([])
  })
})

describe('dependants hurt', () => {
  const hurt = { answers: { q11: 'yes' } } as const

  test('and no child given as injured', () => {
    expect(gaps([aChild(), aChild({ ref: 'c2' })], hurt)).toEqual(['dependants_hurt_none_injured c1 c2'])
    const { injured: _, ...unsaid } = aChild()
    expect(gaps([unsaid], hurt)).toEqual(['dependants_hurt_none_injured c1'])
  })

  test('is answered by one child, or one dependant adult, who is', () => {
    expect(gaps([aChild(), aChild({ ref: 'c2', injured: true })], hurt)).toEqual([])
    expect(gaps([aChild(), { ref: 'a1', role: 'other_adult', injured: true }], hurt)).toEqual([])
  })
})

describe('the school left blank', () => {
  const { education: _, ...blank } = aChild()
  const open = ['school_left_blank c1']
  test.each<[string, Person, string[]]>([
    ['nothing said of it', blank, open],
    ['given as not known', { ...blank, education: { status: 'unknown' } }, open],
    ['on a roll, nobody says whose', { ...blank, education: { status: 'on_roll' } }, open],
    [
      'named without its number: the directory finds it',
      { ...blank, education: { status: 'on_roll', establishmentName: 'Larkspur' } },
      [],
    ],
    ['a school', aChild(), []],
    ['educated at home', { ...blank, education: { status: 'electively_home_educated' } }, []],
    ['of school age on the day of the report', { ...blank, dateOfBirth: '2021-08-31' }, open],
    ['not yet of school age', { ...blank, dateOfBirth: '2021-09-01' }, []],
    ['eighteen on the day of the report', { ...blank, dateOfBirth: '2008-11-04' }, []],
    ['seventeen still', { ...blank, dateOfBirth: '2008-11-05' }, open],
    ['without a birth date a child counts in', { ref: 'c1', role: 'child' }, open],
    ['about three', { ref: 'c1', role: 'child', approximateAge: 3 }, []],
  ])('%s', (_, person, expected) => {
    expect(gaps([person])).toEqual(expected)
  })

  test('is filled by a fresh roll that names the child', () => {
    const rolls = [{ ref: 'c1', urn: '900101', fresh: true, by: 'name and birth', pupil: null }] satisfies Background['rolls']
    expect(gaps([blank], {}, aBackground({ rolls }))).toEqual([])
  })
})

describe('what an officer is asked', () => {
  const asked = (people: Person[], assessment: Partial<RiskAssessment> = {}) => {
    const notification = aNotification({ people: [aVictim(), ...people], riskAssessments: [aRiskAssessment(assessment)] })
    return gapsOf(notification, aBackground())
  }

  test('names the tool and the questions that were ticked, and can wait for the ordinary review', () => {
    const [unborn] = asked([aChild()], { answers: { q9: 'yes' } })
    expect(unborn).toMatchObject({ urgent: false, about: ['v1'] })
    expect(unborn?.question).toBe(
      'The DASH (q9) says pregnant or a baby lately, but no unborn child and no baby is listed. Who is the child?',
    )
    expect(asked([], { answers: { q10: 'yes', q12: 'yes' } })[0]?.question).toBe(
      'The DASH (q10, q12) speaks of children or other dependants, but no child is listed. Is a child missing here?',
    )
    expect(asked([aChild()], { tool: 'RIC', answers: { q18: 'yes' } })[0]?.question).toBe(
      'The RIC (q18) says that a child or other dependant was hurt, but nobody is given as injured. Who was hurt, and when?',
    )
  })

  test('is the school of a child of whom it was left blank', () => {
    const { education: _, ...blank } = aChild()
    expect(asked([blank])).toEqual([
      {
        code: 'school_left_blank',
        question: 'No school or college is given for this child, who is of school age. Which is it? Ask the officer.',
        about: ['c1'],
        urgent: false,
      },
    ])
  })
})

test('nobody is asked what no assessment ticked', () => {
  const unassessed = aNotification({ people: [aVictim(), aChild()], riskAssessments: undefined })
  expect(gapsOf(unassessed, aBackground())).toEqual([])
  expect(gaps([aChild()], { answers: undefined })).toEqual([])
})

describe('who is listed', () => {
  const pregnant = { answers: { q9: 'yes' } } as const
  const dependants = { answers: { q10: 'yes' } } as const
  const none = ['children_assessed_none_listed v1']

  test('as a child is whoever is under eighteen, by birth date or by a guess, and a child without either', () => {
    const child: Person = { ref: 'c1', role: 'child', education: { status: 'training_or_work' } }
    expect(gaps([child], dependants)).toEqual([])
    expect(gaps([{ ...child, dateOfBirth: '2008-11-04' }], dependants)).toEqual(none)
    const other: Person = { ref: 'o1', role: 'other_adult', education: { status: 'training_or_work' } }
    expect(gaps([{ ...other, approximateAge: 17 }], dependants)).toEqual([])
    expect(gaps([{ ...other, approximateAge: 18 }], dependants)).toEqual(none)
    expect(gaps([other], dependants)).toEqual(none)
  })

  test('as a baby may be known by a guessed age of one or less', () => {
    const aged = (approximateAge: number): Person => ({ ref: 'c1', role: 'child', approximateAge })
    expect(gaps([aged(1)], pregnant)).toEqual([])
    expect(gaps([aged(2)], pregnant)).toEqual(['pregnancy_without_unborn_child v1'])
  })

  test('as carrying a child is whoever is expecting or has one described, and not who is given as not pregnant', () => {
    const other = (given: Partial<Person>): Person => ({ ref: 'o1', role: 'other_adult', ...given })
    expect(gaps([other({ unborn: {} })], pregnant)).toEqual([])
    expect(gaps([other({ expectedDeliveryDate: '2027-02-01' })], pregnant)).toEqual([])
    expect(gaps([other({ pregnant: false, unborn: {} })], pregnant)).toEqual(['pregnancy_without_unborn_child v1'])
  })

  test('as hurt is a child or another dependant, and not the victim', () => {
    const people = [aVictim({ injured: true }), aChild()]
    const notification = aNotification({ people, riskAssessments: [aRiskAssessment({ answers: { q11: 'yes' } })] })
    expect(gapsOf(notification, aBackground()).map(({ code }) => code)).toEqual(['dependants_hurt_none_injured'])
  })

  test('with the same thing ticked on two assessments is asked about once', () => {
    const twice = [aRiskAssessment({ answers: { q9: 'yes' } }), aRiskAssessment({ answers: { q9: 'yes' } })]
    expect(gapsOf(aNotification({ people: [aVictim(), aChild()], riskAssessments: twice }), aBackground())).toHaveLength(1)
  })
})

test('of school age by a guess is a child of five', () => {
  const aged = (approximateAge: number): Person => ({ ref: 'c1', role: 'child', approximateAge })
  expect([gaps([aged(5)]), gaps([aged(4)])]).toEqual([['school_left_blank c1'], []])
})

test('a school that is named without its number, of a status nobody knows, is not blank', () => {
  const education = { status: 'unknown', establishmentName: 'Larkspur' } as const
  expect(gaps([aChild({ education })])).toEqual([])
})
