import { describe, expect, test } from 'vitest'
import { aBackground, aNotification, aRiskAssessment } from '../../test/support/builders.ts'
import type { RiskAssessment } from '../words/notification.ts'
import { highestGrade, judgedFor, riskGraded, ticks, victimRisk } from './risk.ts'
import { situationOf } from './situation.ts'

function read(service: 'idva' | 'marac', ...assessments: Partial<RiskAssessment>[]) {
  const riskAssessments = assessments.map((one) => aRiskAssessment({ professionalJudgement: undefined, ...one }))
  const reading = judgedFor(service)(situationOf(aNotification({ riskAssessments }), aBackground()))
  return reading.kind === 'text' ? reading.text : reading.kind
}
const both = (...assessments: Partial<RiskAssessment>[]) => [read('idva', ...assessments), read('marac', ...assessments)]

describe('an officer’s judgement', () => {
  test('that names no service stands for both', () => {
    expect(both({ professionalJudgement: true })).toEqual(['yes', 'yes'])
    expect(both({ professionalJudgement: true, judgedFor: [] })).toEqual(['yes', 'yes'])
  })
  test('that names a service stands for that one alone, said to be a judgement or not', () => {
    expect(both({ professionalJudgement: true, judgedFor: ['idva'] })).toEqual(['yes', 'no'])
    expect(both({ judgedFor: ['marac'] })).toEqual(['no', 'yes'])
  })
  test('that was not made is a no, and one nobody speaks of is unknown', () => {
    expect(both({ professionalJudgement: false })).toEqual(['no', 'no'])
    expect(both({})).toEqual(['unknown', 'unknown'])
    expect(both()).toEqual(['unknown', 'unknown'])
  })
  test('that names a service and says that it was not made settles nothing about that service', () => {
    expect(both({ professionalJudgement: false, judgedFor: ['marac'] })).toEqual(['no', 'unknown'])
  })
  test('on any one assessment is enough, and a silent one leaves the others’ no open', () => {
    expect(read('marac', { professionalJudgement: false }, { professionalJudgement: true })).toBe('yes')
    expect(read('marac', { professionalJudgement: false }, {})).toBe('unknown')
  })
})

const situation = (...assessments: Partial<RiskAssessment>[]) =>
  situationOf(aNotification({ riskAssessments: assessments.map(aRiskAssessment) }), aBackground())
const silent = situationOf(aNotification({ riskAssessments: undefined }), aBackground())

describe('what is said of a judgement', () => {
  const said = (service: 'idva' | 'marac', ...given: Partial<RiskAssessment>[]) => judgedFor(service)(situation(...given)).found
  test('is whose service it stands for', () => {
    expect(said('idva', { professionalJudgement: true })).toBe('yes, and no service is named, so for both')
    expect(said('idva', { professionalJudgement: true, judgedFor: ['idva'] })).toBe('yes')
    expect(said('idva', { professionalJudgement: true, judgedFor: ['marac'] })).toBe('judged for another service')
    expect(said('idva', { professionalJudgement: false, judgedFor: ['idva'] })).toBe(
      'given as not judged, but the service is named',
    )
    expect(said('idva', { professionalJudgement: false })).toBe('no')
    expect(said('idva')).toBe('not stated')
    expect(judgedFor('marac')(silent)).toEqual({ kind: 'unknown', found: 'not stated' })
  })
})

describe('the grade', () => {
  const grades = (...given: RiskAssessment['grade'][]) => situation(...given.map((grade) => ({ grade })))

  test('is the highest, in whatever order they were given', () => {
    expect(highestGrade(grades('high', 'standard'))).toBe('high')
    expect(highestGrade(grades('medium', 'standard'))).toBe('medium')
    expect(highestGrade(grades('standard', 'medium'))).toBe('medium')
    expect(highestGrade(grades('not_graded', 'standard'))).toBe('standard')
    expect(highestGrade(grades('standard', 'not_graded'))).toBe('standard')
    expect(highestGrade(silent)).toBe('not_graded')
  })

  test('reads as it is, and where nobody graded, as unknown', () => {
    for (const grade of ['standard', 'medium', 'high'] as const) {
      expect(victimRisk(grades(grade))).toEqual({ kind: 'text', text: grade, found: grade })
    }
    expect(victimRisk(silent)).toEqual({ kind: 'unknown', found: 'not graded' })
  })

  test('is there or is not', () => {
    expect(riskGraded(grades('standard'))).toEqual({ kind: 'text', text: 'yes', found: 'yes' })
    expect(riskGraded(grades('not_graded'))).toEqual({ kind: 'text', text: 'no', found: 'no' })
  })
})

describe('ticks', () => {
  test('are the most on one assessment, none included', () => {
    expect(ticks(situation({ yesCount: 14 }, { yesCount: 9 }))).toMatchObject({ from: 14, to: 14, countsIn: false, found: '14' })
    expect(ticks(situation({ yesCount: 0 }))).toMatchObject({ from: 0, to: 0, found: '0' })
    expect(ticks(silent)).toEqual({ kind: 'unknown', found: 'no count given' })
  })

  test('may be more where an assessment that counts gives no count; a DARA counts none', () => {
    const found = 'at least 9: another assessment gives no count'
    expect(ticks(situation({ yesCount: 9 }, { tool: 'RIC', yesCount: undefined }))).toMatchObject({ from: 9, to: null, found })
    expect(ticks(situation({ yesCount: 9 }, { tool: 'DARA', yesCount: undefined }))).toMatchObject({ from: 9, to: 9 })
  })
})
