import { describe, expect, test } from 'vitest'
import { aBackground, aNotification, aRiskAssessment } from '../../test/support/builders.ts'
import type { RiskAssessment } from '../words/notification.ts'
import { judgedFor } from './risk.ts'
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
