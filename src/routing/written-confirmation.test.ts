import { describe, expect, test } from 'vitest'
import { anOutcome, aPlanInput, aRuling, aTell, london } from '../../test/support/routing-builders.ts'
import type { Service } from '../words/recipient.ts'
import { planRouting, type RoutingPlan } from './plan.ts'
import { type Call, confirmInWriting } from './written-confirmation.ts'

const rang = london('2026-11-04T21:00')
const call = (service: Service): Call => ({ service, at: rang })
const refers = aRuling({ rule: 'refers', tell: [aTell('childrens_social_care', { kind: 'referral' }), aTell('health')] })
const planned: RoutingPlan = planRouting(aPlanInput({ outcome: anOutcome([refers]) }))

const confirm = (calls: Call[], hours: number, plan = planned, written: Service[] = []) =>
  confirmInWriting(plan, calls, hours, new Set(written))
const dueOf = ({ plan }: ReturnType<typeof confirm>, service: Service) =>
  plan.dispatches.find((one) => one.service === service)?.dueBy

describe('a referral made by telephone', () => {
  test('is confirmed by the written referral, due no later than the procedure wants it', () => {
    const confirmed = confirm([call('childrens_social_care')], 24)
    expect(confirmed.confirmed).toEqual([{ service: 'childrens_social_care', dueBy: rang.add({ hours: 24 }) }])
    expect(dueOf(confirmed, 'childrens_social_care')).toEqual(rang.add({ hours: 24 }))
    expect(confirmed.plan.tasks).toEqual(planned.tasks)
  })

  test('makes no limit later, and no other service’s sooner', () => {
    const before = dueOf(confirm([], 1), 'childrens_social_care')
    expect(dueOf(confirm([call('childrens_social_care')], 500), 'childrens_social_care')).toEqual(before)
    expect(dueOf(confirm([call('childrens_social_care')], 1), 'health')).toEqual(dueOf(confirm([], 1), 'health'))
  })

  test('leaves the plan it was given as it was', () => {
    const before = dueOf(confirm([], 1), 'childrens_social_care')
    confirm([call('childrens_social_care')], 1)
    expect(planned.dispatches.find(({ service }) => service === 'childrens_social_care')?.dueBy).toEqual(before)
  })
})

describe('a person is asked to confirm it', () => {
  const task = (service: string, hours: number) => ({
    desk: 'domestic_abuse_review',
    questions: [
      {
        question: `Confirm in writing what was referred to ${service} by telephone. The procedure wants it within ${hours} hours of the call, and no referral that is sent carries it.`,
        about: [],
        rules: [],
      },
    ],
    dueBy: rang.add({ hours }),
  })

  test('where nothing at all, or only a notification, goes to that service', () => {
    const { plan, confirmed } = confirm([call('marac'), call('health')], 48)
    expect(confirmed).toEqual([])
    expect(plan.tasks).toEqual([...planned.tasks, task('marac', 48), task('health', 48)])
  })

  test('where the referral waits for a decision', () => {
    const held = { ...planned, dispatches: planned.dispatches.map((one) => ({ ...one, hold: 'restriction' as const })) }
    expect(confirm([call('childrens_social_care')], 48, held).plan.tasks).toContainEqual(task('childrens social care', 48))
  })

  test('but not where that service holds a written referral of an earlier version', () => {
    expect(confirm([call('marac')], 48, planned, ['marac']).plan.tasks).toEqual(planned.tasks)
  })
})
