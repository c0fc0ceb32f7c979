import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBackground,
  aChild,
  anOutcome,
  aPlanInput,
  aRoutedNotification,
  aRuling,
  aTell,
  aVictim,
  everyService,
  london,
} from '../../test/support/routing-builders.ts'
import type { Person } from '../words/notification.ts'
import type { Ruling } from '../words/outcome.ts'
import type { PlanInput } from './circumstances.ts'
import { obligationKey, planRouting } from './plan.ts'

const councilRule = aRuling({ rule: 'council-hears', tell: [aTell('childrens_social_care')] })

function plan(rulings: Ruling[], given: Partial<PlanInput> = {}) {
  return planRouting(aPlanInput({ outcome: anOutcome(rulings), ...given }))
}

function withPeople(...people: Person[]) {
  return aRoutedNotification({ people: [aVictim(), ...people] })
}

const summary = (planned: ReturnType<typeof planRouting>) =>
  planned.dispatches.map(({ service, recipientId, kind, about }) => `${service} ${recipientId} ${kind} ${about.join(',')}`)

describe('one dispatch a notification and recipient', () => {
  test('about every child once a rule fires for any, with the strongest kind and the earliest deadline', () => {
    const referral = aRuling({
      rule: 'refer',
      about: 'c2',
      tell: [aTell('childrens_social_care', { kind: 'referral', asks: 'child_and_family_assessment' })],
    })
    const quick = aRuling({
      rule: 'quick',
      tell: [aTell('childrens_social_care', { within: { kind: 'hours', high: 24, otherwise: 48 } })],
    })
    const people = [aVictim({ pregnant: true }), aChild(), aChild({ ref: 'c2' }), aChild({ ref: 'c3' })]
    const planned = plan([referral, councilRule, quick], { notification: aRoutedNotification({ people }) })
    expect(planned.dispatches).toHaveLength(1)
    expect(planned.dispatches[0]).toMatchObject({
      kind: 'referral',
      asks: 'child_and_family_assessment',
      about: ['v1', 'c1', 'c2', 'c3'],
      rules: ['refer', 'council-hears', 'quick'],
      dueBy: london('2026-11-06T20:10'),
    })
  })

  test('a hand-off stays apart from a referral', () => {
    const both = aRuling({
      rule: 'both',
      tell: [aTell('childrens_social_care', { kind: 'handoff' }), aTell('childrens_social_care', { kind: 'referral' })],
    })
    expect(plan([both]).dispatches.map(({ kind }) => kind)).toEqual(['handoff', 'referral'])
  })

  test('a party under 16 is named where a rule fires for that party, and not by a rule for a sibling', () => {
    const notification = aRoutedNotification({ people: [aVictim({ dateOfBirth: '2012-01-01' }), aChild()] })
    const party = aRuling({
      rule: 'under-16',
      subject: 'each party',
      about: 'v1',
      tell: [aTell('police_child_protection', { kind: 'handoff' })],
    })
    expect(summary(plan([party, councilRule], { notification }))).toEqual([
      'police_child_protection police-cp handoff v1,c1',
      'childrens_social_care csc notification c1',
    ])
  })

  test('with no child on the notification a service is told about the victim', () => {
    const every = aRuling({ rule: 'every-case', subject: 'the notification', about: null, tell: [aTell('specialist_support')] })
    expect(summary(plan([every], { notification: aRoutedNotification({ people: [aVictim()] }) }))).toEqual([
      'specialist_support support notification v1',
    ])
  })
})

test('planning twice is the same, in whatever order the directory was read', () => {
  const services = everyService.map(({ service }) => service)
  const rulings = ['c1', 'c2'].flatMap((about) =>
    services.map((service) => aRuling({ rule: `tell-${service}`, about, tell: [aTell(service)] })),
  )
  const notification = withPeople(aChild(), aChild({ ref: 'c2', dateOfBirth: '2024-01-01', stayingAuthority: 'E99000002' }))
  const background = aBackground()
  const once = plan(rulings, { notification, background })
  fc.assert(
    fc.property(fc.shuffledSubarray([...everyService], { minLength: everyService.length }), (recipients) => {
      expect(plan(rulings, { notification, background, recipients })).toEqual(once)
    }),
    { numRuns: 20 },
  )
  expect(new Set(once.dispatches.map(obligationKey)).size).toBe(once.dispatches.length)
})

test('a referral is another obligation than the notification that went before it', () => {
  const dispatch = {
    service: 'childrens_social_care',
    recipientId: 'csc',
    kind: 'notification',
    asks: null,
    about: ['c2', 'c1'],
  } as const
  expect(obligationKey(dispatch)).toBe(obligationKey({ ...dispatch, about: ['c1', 'c2'] }))
  expect(obligationKey(dispatch)).not.toBe(obligationKey({ ...dispatch, kind: 'referral' }))
})
