import { describe, expect, test } from 'vitest'
import { aChild, aNotification, aRiskAssessment, aVictim } from '../../test/support/builders.ts'
import { aRuling } from '../../test/support/routing-builders.ts'
import type { PlannedTask, TaskQuestion } from '../words/dispatch.ts'
import type { Notification } from '../words/notification.ts'
import type { Ruling } from '../words/outcome.ts'
import { basisOf, settledHmac, withoutSettled } from './persons-decisions.ts'

const dataKey = Buffer.alloc(32, 7)
const notification = aNotification({ people: [aVictim(), aChild()] })
const finding = { fact: 'in the household', wanted: 'yes', found: 'not stated', verdict: 'unknown' as const }
const rulings = [{ ...aRuling({ rule: 'council', about: 'c1', result: 'cannot_tell' }), findings: [finding] }]
const question = { question: 'Does the child live there?', about: ['c1'], rules: ['council'] }
const whole = { question: 'Review this.', about: [], rules: ['dart'] }

/** What is still asked of a question that was settled before, by what is said and found now. */
function askedOf(one: TaskQuestion, now: { notification?: Notification; rulings?: Ruling[] } = {}) {
  const settled = [
    { dataKey, hmacs: new Set([settledHmac(dataKey, basisOf(one, { notification, rulings })).toString('base64')]) },
  ]
  const tasks: PlannedTask[] = [{ desk: 'pitstop', questions: [one], dueBy: Temporal.Instant.from('2026-03-06T21:10:00Z') }]
  return withoutSettled(tasks, { notification, rulings, dispatches: [], recipients: [], ...now }, { settled }).length
}

describe('a question that a person settled', () => {
  test('is not asked again while it rests on the same, whichever version says it', () => {
    expect(askedOf(question)).toBe(0)
    expect(askedOf(whole)).toBe(0)
    expect(askedOf(whole, { notification: { ...notification, version: 2 } })).toBe(0)
  })

  test('is asked again where the rules found something else', () => {
    const known = [
      { ...aRuling({ rule: 'council', about: 'c1', result: 'cannot_tell' }), findings: [{ ...finding, found: 'no' }] },
    ]
    expect(askedOf(question, { rulings: known })).toBe(1)
  })

  test('is asked again where something else is said of whom it is about, and of nobody in particular where anything is', () => {
    const moved = aNotification({ people: [aVictim(), { ...aChild(), dateOfBirth: '2012-02-02' }] })
    const injured = { ...notification, incident: { ...notification.incident, summary: 'Another account.' } }
    expect(askedOf(question, { notification: moved })).toBe(1)
    expect(askedOf(question, { notification: injured })).toBe(0)
    expect(askedOf(whole, { notification: injured })).toBe(1)
  })

  test('is not asked again because a person graded the risk meanwhile: the findings say whether that matters', () => {
    const review = { ...aRiskAssessment({ grade: 'high' }), itemCount: 0 }
    const graded = { ...notification, riskAssessments: [...(notification.riskAssessments ?? []), review] }
    expect(askedOf(whole, { notification: graded })).toBe(0)
  })
})
