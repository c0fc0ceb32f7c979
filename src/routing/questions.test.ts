import { describe, expect, test } from 'vitest'
import {
  aChild,
  anOutcome,
  aPlanInput,
  aRoutedNotification,
  aRuling,
  aTell,
  aVictim,
  london,
} from '../../test/support/routing-builders.ts'
import type { Person } from '../words/notification.ts'
import type { Ruling } from '../words/outcome.ts'
import type { PlanInput } from './circumstances.ts'
import { planRouting } from './plan.ts'

const schoolRule = aRuling({ rule: 'school-hears', tell: [aTell('education_setting')] })
const councilRule = aRuling({ rule: 'council-hears', tell: [aTell('childrens_social_care')] })

function plan(rulings: Ruling[], given: Partial<PlanInput> = {}) {
  return planRouting(aPlanInput({ outcome: anOutcome(rulings), ...given }))
}

function withPeople(...people: Person[]) {
  return aRoutedNotification({ people: [aVictim(), ...people] })
}

describe('what people are asked', () => {
  test('one task a desk, with each question once for all it is about', () => {
    const asks = (about: string) =>
      aRuling({ rule: 'dart', about, ask: [{ desk: 'domestic_abuse_review', question: 'Review this.', recommends: 'refer' }] })
    const planned = plan([asks('c2'), asks('c1')], { notification: withPeople(aChild(), aChild({ ref: 'c2' })) })
    expect(planned.tasks).toEqual([
      {
        desk: 'domestic_abuse_review',
        questions: [{ question: 'Review this.', recommends: 'refer', about: ['c1', 'c2'], rules: ['dart'] }],
        dueBy: london('2026-11-07T20:10'),
      },
    ])
  })

  test('a rule that cannot tell is put to the reviewers in plain words, by the clock of what it would tell', () => {
    const cannotTell = aRuling({
      ...councilRule,
      result: 'cannot_tell',
      findings: [{ fact: 'open to social care', wanted: 'yes', found: 'not stated', verdict: 'unknown' }],
      tell: [aTell('childrens_social_care', { kind: 'referral' }), aTell('marac')],
    })
    const planned = plan([cannotTell])
    expect(planned.dispatches).toEqual([])
    expect(planned.tasks[0]?.questions[0]).toMatchObject({
      question: 'Not known: “open to social care” (not stated; the rule wants yes). Does this hold? The council hears of it.',
      recommends: 'If in doubt, refer to social care.',
    })
    expect(planned.tasks[0]?.dueBy).toEqual(london('2026-11-04T21:10'))
  })

  test('a rule that cannot tell is not asked about where another tells the same service as much already', () => {
    const unsure = (kind: 'referral' | 'notification') =>
      aRuling({ rule: 'unsure', about: 'c1', result: 'cannot_tell', tell: [aTell('childrens_social_care', { kind })] })
    const sure = (kind: 'referral' | 'notification') =>
      aRuling({ rule: 'sure', about: 'c2', tell: [aTell('childrens_social_care', { kind })] })
    expect(plan([unsure('referral'), sure('referral')]).tasks).toEqual([])
    expect(plan([unsure('notification'), sure('referral')]).tasks).toEqual([])
    expect(plan([unsure('referral'), sure('notification')]).tasks).toHaveLength(1)
  })

  test('a child who lives elsewhere is asked about, though the front door where another lives is told', () => {
    const people = withPeople(aChild(), aChild({ ref: 'c2', localAuthority: 'E10000007' }))
    const rule = (about: string) => ({ rule: 'open', about, tell: [aTell('childrens_social_care', { kind: 'referral' })] })
    const asked = plan([aRuling(rule('c1')), aRuling({ ...rule('c2'), result: 'cannot_tell' })], { notification: people })
    expect(asked.tasks.flatMap(({ questions }) => questions).filter(({ about }) => about.includes('c2'))).toHaveLength(1)
  })

  test('a rule that would tell sooner is asked about, though another tells later', () => {
    const within = (hours: number) => ({ kind: 'hours', high: hours, otherwise: hours }) as const
    const tell = (hours: number) => [aTell('childrens_social_care', { kind: 'referral', within: within(hours) })]
    const planned = plan([
      aRuling({ rule: 'later', about: 'c1', tell: tell(72) }),
      aRuling({ rule: 'sooner', about: 'c1', result: 'cannot_tell', tell: tell(1) }),
    ])
    expect(planned.tasks).toHaveLength(1)
  })

  test('of a service that is told child by child, another child’s telling answers nothing', () => {
    const notification = withPeople(aChild(), aChild({ ref: 'c2' }))
    const unsure = aRuling({ rule: 'unsure', about: 'c1', result: 'cannot_tell', tell: [aTell('health')] })
    const asked = (planned: ReturnType<typeof plan>) => planned.tasks.some(({ desk }) => desk === 'domestic_abuse_review')
    expect(asked(plan([unsure, aRuling({ rule: 'sure', about: 'c2', tell: [aTell('health')] })], { notification }))).toBe(true)
    expect(asked(plan([unsure, aRuling({ rule: 'sure', about: 'c1', tell: [aTell('health')] })], { notification }))).toBe(false)
  })

  test('a rule that cannot tell and would do nothing is not asked about', () => {
    expect(plan([aRuling({ rule: 'idle', result: 'cannot_tell' })]).tasks).toEqual([])
  })

  test('a question to the directory about a school keeps the school clock, and an ask may name its own', () => {
    const directory = aRuling({ rule: 'find', ask: [{ desk: 'directory', question: 'Which school?' }] })
    expect(plan([directory]).tasks[0]?.dueBy).toEqual(london('2026-11-05T08:45'))
    const ask = { desk: 'domestic_abuse_review', question: 'MARAC?', within: { kind: 'hours', high: 1, otherwise: 1 } } as const
    expect(plan([aRuling({ rule: 'now', ask: [ask] })]).tasks[0]?.dueBy).toEqual(london('2026-11-04T21:10'))
  })

  test('a deadline past on arrival is marked, and somebody rings now', () => {
    const receivedAt = london('2026-11-05T09:00')
    const planned = plan([schoolRule], { receivedAt, releaseAt: receivedAt })
    expect(planned.dispatches[0]).toMatchObject({ lateOnArrival: true, dueBy: london('2026-11-05T08:45') })
    expect(planned.tasks).toMatchObject([{ desk: 'directory', dueBy: receivedAt }])
  })
})
