import { describe, expect, test } from 'vitest'
import {
  aChild,
  anOutcome,
  aPlanInput,
  aRecipient,
  aRoutedNotification,
  aRuling,
  aSchool,
  aVictim,
} from '../../test/support/routing-builders.ts'
import type { PersonsDecision } from '../words/decision.ts'
import type { PlanInput } from './circumstances.ts'
import { planDecision, planDecisionLater, type ToldSoFar } from './decisions.ts'
import type { EarlierDispatch } from './earlier-dispatches.ts'
import { planRouting } from './plan.ts'

const notification = aRoutedNotification({ people: [aVictim(), aChild(), aChild({ ref: 'c2' })] })
const { localAuthority } = notification.incident
const marac = aRecipient({ id: 'marac', service: 'marac', authorities: [localAuthority] })
const care = aRecipient({ id: 'care', service: 'childrens_social_care', authorities: [localAuthority] })
const nothing = anOutcome([])
const inputOf = (given: Partial<PlanInput> = {}) =>
  aPlanInput({ outcome: nothing, notification, recipients: [marac, care, aSchool()], ...given })
const decision = (given: Partial<PersonsDecision> = {}): PersonsDecision => ({
  task: 'tsk_1',
  decision: 'refer',
  about: ['c1'],
  services: ['childrens_social_care'],
  grade: null,
  recipientId: null,
  ...given,
})
const nobodyTold: ToldSoFar = { dispatches: [], cameToNothing: new Set() }
const told = (given: Partial<EarlierDispatch> = {}): EarlierDispatch => ({
  id: 'dsp_1',
  own: true,
  service: 'childrens_social_care',
  recipientId: 'care',
  kind: 'notification',
  asks: null,
  restricted: false,
  rules: ['council-hears'],
  about: ['c1', 'c2'],
  state: 'released',
  seen: false,
  attempted: false,
  dueBy: inputOf().releaseAt,
  lateOnArrival: false,
  concerns: null,
  content: { kind: given.kind ?? 'notification' },
  ...given,
})

describe('whom a person decides to tell', () => {
  test('is told through the directory, of every child, and the dispatch cites the decision', () => {
    const { plan, alreadyTold } = planDecision(inputOf(), decision(), nobodyTold)
    expect(plan.dispatches).toMatchObject([
      { service: 'childrens_social_care', kind: 'referral', recipientId: 'care', about: ['c1', 'c2'], rules: ['decision:tsk_1'] },
    ])
    expect(alreadyTold).toEqual([])
  })

  test('and was told as much before, is not told twice; what asks for more goes out beside it', () => {
    const before = { ...nobodyTold, dispatches: [told()] }
    const notified = planDecision(inputOf(), decision({ decision: 'notify' }), before)
    expect(notified).toMatchObject({ plan: { dispatches: [] }, alreadyTold: [{ dispatch: 'dsp_1' }] })
    expect(planDecision(inputOf(), decision(), before).plan.dispatches).toMatchObject([{ kind: 'referral' }])
  })

  test('and had given it back, is told once more beside what came to nothing', () => {
    const before = { dispatches: [told({ state: 'held' })], cameToNothing: new Set(['dsp_1' as const]) }
    const [again] = planDecision(inputOf(), decision({ decision: 'notify' }), before).plan.dispatches
    expect(again).toMatchObject({ recipientId: 'care', concerns: 'dsp_1' })
  })

  test('and whose dispatch is held from them has not been told: the reason is named, and its question is asked again', () => {
    const restrictions = [{ kind: 'must_not_receive' as const, recipientId: 'care', reason: 'Her brother leads that team.' }]
    const input = inputOf({ notification: { ...notification, restrictions } })
    const before = { ...nobodyTold, dispatches: [told({ kind: 'referral', state: 'held' })] }
    const { plan, alreadyTold } = planDecision(input, decision(), before)
    expect(alreadyTold).toEqual([])
    expect(plan.dispatches).toEqual([])
    expect(plan.notDispatched).toMatchObject([
      { service: 'childrens_social_care', rule: 'decision:tsk_1', reason: 'a restriction forbids it' },
    ])
    expect(plan.tasks).toMatchObject([{ desk: 'domestic_abuse_review' }])
  })

  test('by a limit that is past is told by now, and never in the past', () => {
    const releaseAt = inputOf().releaseAt.add({ hours: 500 })
    const [late] = planDecision(inputOf({ releaseAt }), decision(), nobodyTold).plan.dispatches
    expect(late?.dueBy).toEqual(releaseAt)
  })

  test('at a place they picked, is told there and nowhere else', () => {
    const picked = decision({
      decision: 'notify',
      services: ['education_setting'],
      recipientId: aSchool().id,
      about: ['v1', 'c2'],
    })
    expect(planDecision(inputOf(), picked, nobodyTold).plan.dispatches).toMatchObject([
      { service: 'education_setting', kind: 'alert', recipientId: aSchool().id, about: ['c2'] },
    ])
  })

  test('and nobody in the directory, asks the directory and names the reason', () => {
    const { plan } = planDecision(inputOf(), decision({ services: ['idva'] }), nobodyTold)
    expect(plan.dispatches).toEqual([])
    expect(plan.notDispatched).toMatchObject([
      { service: 'idva', rule: 'decision:tsk_1', reason: 'no recipient in the directory' },
    ])
    expect(plan.tasks).toMatchObject([{ desk: 'directory' }])
  })
})

describe('what was decided, looked at again at night', () => {
  const night = Temporal.Instant.from('2026-03-07T02:00:00Z')
  const closed = { ...care, hours: {}, outOfHours: { recipientId: 'night' } }
  const nightTeam = aRecipient({ id: 'night', service: 'childrens_social_care', authorities: [] })
  const input = inputOf({
    outcome: { ...nothing, victimRisk: 'high' },
    recipients: [closed, nightTeam, aSchool()],
    releaseAt: night,
    hoursAt: night,
  })
  const idsOf = ({ dispatches }: { dispatches: { recipientId: string }[] }) => dispatches.map(({ recipientId }) => recipientId)

  test('is told to the night’s team with the service it stands in for', () => {
    expect(idsOf(planDecisionLater(input, decision(), nobodyTold))).toEqual(['care', 'night'])
  })

  test('and told by day already, wakes nobody', () => {
    const byDay = { ...nobodyTold, dispatches: [told({ kind: 'referral' })] }
    expect(idsOf(planDecision(input, decision(), byDay).plan)).toEqual(['night'])
    expect(planDecisionLater(input, decision(), byDay)).toMatchObject({ dispatches: [], tasks: [] })
  })
})

test('a procedure’s wish for a supervisor goes with its question, and with what it could not tell', () => {
  const ask = [{ desk: 'pitstop' as const, question: 'Is a notification needed?', supervisorFor: ['no_further_action' as const] }]
  for (const result of ['fired', 'cannot_tell'] as const) {
    const rule = aRuling({ rule: 'meeting', result, about: 'c1', ask })
    const [task] = planRouting(inputOf({ outcome: anOutcome([rule]) })).tasks
    expect(task?.questions[0]?.secondPerson).toEqual({ supervisorFor: ['no_further_action'] })
  }
})
