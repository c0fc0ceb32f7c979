import { describe, expect, test } from 'vitest'
import {
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
import type { DispatchContent } from '../words/dispatch.ts'
import type { Notification } from '../words/notification.ts'
import type { Ruling } from '../words/outcome.ts'
import { type ChangedPlan, planChange, planWithdrawal } from './changes.ts'
import type { EarlierDispatch } from './earlier-dispatches.ts'
import { planRouting } from './plan.ts'

const reported = london('2026-11-04T20:10')
const later = london('2026-11-04T22:00')
const withinAnHour = { kind: 'hours', high: 1, otherwise: 1 } as const

const schoolHears = aRuling({ rule: 'school-hears', tell: [aTell('education_setting')] })
const councilHears = aRuling({ rule: 'council-hears', tell: [aTell('childrens_social_care')] })
const councilHearsAtOnce = aRuling({ rule: 'at-once', tell: [aTell('childrens_social_care', { within: withinAnHour })] })
const councilRefers = aRuling({ rule: 'council-refers', tell: [aTell('childrens_social_care', { kind: 'referral' })] })
const maracHears = aRuling({ rule: 'marac-hears', subject: 'the notification', about: null, tell: [aTell('marac')] })

const here = aRoutedNotification()
const absent = aRoutedNotification({ people: [aVictim(), aChild({ present: false })] })

/** What a ruling told in the first version, and what became of it. */
function told(ruling: Ruling, id: number, given: Partial<EarlierDispatch>, notification: Notification = here): EarlierDispatch {
  const [planned] = planRouting(aPlanInput({ outcome: anOutcome([ruling]), notification })).dispatches
  if (planned === undefined) throw new Error('It tells nobody')
  const asPlanned = { ...planned, own: false, state: 'released', seen: false, attempted: false, concerns: null } as const
  return { ...asPlanned, id: `dsp_000${id}`, ...given }
}
const seen = { state: 'acknowledged', seen: true } as const

/** A newer version that fires `after`, two hours later. */
function change(
  dispatches: EarlierDispatch[],
  after: Ruling[],
  { now = here, stillDue = after, riskRose = false }: { now?: Notification; stillDue?: Ruling[]; riskRose?: boolean } = {},
): ChangedPlan {
  const notification = { ...now, version: 2 }
  const input = aPlanInput({ outcome: anOutcome(after), notification, releaseAt: later, receivedAt: later })
  return planChange(input, { dispatches, stillDue, reportedFirst: reported, riskRose })
}

const sent = ({ plan }: ChangedPlan) => plan.dispatches.map(({ kind, recipientId }) => `${kind} ${recipientId}`)
const takenBack = ({ withdrawn }: ChangedPlan) => withdrawn.map(({ id, why }) => `${id} ${why}`)

describe('a service that nobody had told', () => {
  test('has its limit from when police were first told, however late the newer version says it was', () => {
    const now = { ...here, incident: { ...here.incident, reportedAt: '2026-11-04T21:55:00Z' } }
    expect(change([], [councilHears], { now }).plan.dispatches[0]?.dueBy).toEqual(london('2026-11-07T20:10'))
  })

  test('is told anew where what was planned for it had been withdrawn', () => {
    const gone = told(councilHearsAtOnce, 1, { state: 'withdrawn' })
    const anew = change([gone], [councilHearsAtOnce])
    expect(sent(anew)).toEqual(['notification csc'])
    expect(anew.plan.dispatches[0]).toMatchObject({ dueBy: reported.add({ hours: 1 }), lateOnArrival: true })
    expect(anew).toMatchObject({ withdrawn: [], replaced: [], alreadyTold: [] })
  })

  test('is rung by name where its limit had passed, and what is asked besides still stands', () => {
    const asks = aRuling({ rule: 'asks', ask: [{ desk: 'mash', question: 'Who else lives there?' }] })
    const { tasks } = change([], [maracHears, asks]).plan
    expect(tasks.map(({ desk, questions }) => [desk, questions.map(({ question }) => question)])).toEqual([
      ['mash', ['Who else lives there?']],
      ['directory', ['Ring Recipient marac now: the time limit had passed before the notification came.']],
    ])
    expect(tasks[1]?.dueBy).toEqual(later)
  })

  test('is not rung while the dispatch waits for a person: whoever answers is not to hear', () => {
    const worksThere = aRoutedNotification({ people: [aVictim({ employer: { urn: '900101' } }), aChild()] })
    const atOnce = aRuling({ rule: 'at-once', tell: [aTell('education_setting', { within: withinAnHour })] })
    const { plan } = change([], [atOnce], { now: worksThere })
    expect(plan.dispatches[0]).toMatchObject({ lateOnArrival: true, hold: expect.any(String) })
    expect(JSON.stringify(plan.tasks)).not.toContain('Ring Larkspur Primary now')
  })
})

describe('what the same version told, triaged again', () => {
  const own = told(councilHears, 1, { own: true })

  test('stands, and is not sent twice', () => {
    const again = change([own], [councilHears])
    expect(again).toMatchObject({ plan: { dispatches: [] }, withdrawn: [], replaced: [] })
  })

  test('stands beside what asks for more', () => {
    const stronger = change([own], [councilRefers])
    expect(sent(stronger)).toEqual(['referral csc'])
    expect(stronger).toMatchObject({ withdrawn: [], replaced: [] })
  })
})

describe('what the same version told twice, and as much the second time,', () => {
  test('is not sent a third time', () => {
    const both = [told(councilHears, 1, { own: true }), told(councilRefers, 2, { own: true })]
    expect(sent(change(both, [councilRefers]))).toEqual([])
  })
})

describe('what was asked for before', () => {
  test('is not asked for less: whoever holds a referral is neither corrected to a notification nor told again', () => {
    const fell = change([told(councilRefers, 1, seen)], [councilHears], { stillDue: [councilRefers] })
    expect(sent(fell)).toEqual([])
    expect(fell.alreadyTold).toMatchObject([{ service: 'childrens_social_care', dispatch: 'dsp_0001' }])
  })

  test('is not asked for more because of a doubt alone', () => {
    const doubt = change([told(councilHears, 1, seen)], [councilHears], { stillDue: [councilRefers] })
    expect(sent(doubt)).toEqual([])
  })

  test('is asked for once, where a notification and then the referral were seen', () => {
    const both = [told(councilHears, 1, seen), told(councilRefers, 2, seen)]
    expect(sent(change(both, [councilRefers]))).toEqual([])
  })

  test('is asked for again where the notification was seen and nobody knows whether the referral arrived', () => {
    const both = [told(councilHears, 1, seen), told(councilRefers, 2, { attempted: true })]
    const again = change(both, [councilRefers])
    expect(sent(again)).toEqual(['referral csc'])
    expect(takenBack(again)).toEqual(['dsp_0002 a newer version replaces it, and nobody knows whether an attempt arrived'])
  })
})

describe('a limit that had passed', () => {
  const passed = reported.add({ minutes: 50 })

  test('stays passed on what replaces a dispatch nobody had seen: that lateness is ours', () => {
    const replaced = change([told(councilHears, 1, { dueBy: passed })], [councilHears])
    expect(replaced.plan.dispatches[0]).toMatchObject({ dueBy: passed, lateOnArrival: false })
  })

  test('is now on what asks for more', () => {
    const more = change([told(councilHears, 1, { state: 'delivered', seen: true, dueBy: passed })], [councilRefers])
    expect(more.plan.dispatches[0]?.dueBy).toEqual(later)
  })

  test('runs anew on a correction, which nobody could have sent in time', () => {
    const corrected = change([told(councilHearsAtOnce, 1, seen)], [councilHearsAtOnce], { now: absent })
    expect(corrected.plan.dispatches[0]).toMatchObject({
      kind: 'correction',
      dueBy: later.add({ hours: 72 }),
      lateOnArrival: false,
    })
  })
})

describe('why an earlier dispatch is taken back', () => {
  test('before anyone saw it, or where an attempt may have arrived, a newer version replaces it', () => {
    expect(takenBack(change([told(schoolHears, 1, {})], [schoolHears]))).toEqual([
      'dsp_0001 a newer version replaces it before anyone saw it',
    ])
    expect(takenBack(change([told(schoolHears, 1, { attempted: true })], [schoolHears], { now: absent }))).toEqual([
      'dsp_0001 a newer version replaces it, and nobody knows whether an attempt arrived',
    ])
  })

  test('beside an attempt that says what is so, the other waiting ones are needless', () => {
    const three = [told(schoolHears, 1, { attempted: true }), told(schoolHears, 2, { attempted: true }), told(schoolHears, 3, {})]
    const goesOn = change(three, [schoolHears])
    expect(goesOn.alreadyTold).toMatchObject([{ dispatch: 'dsp_0001' }])
    expect(goesOn.withdrawn).toEqual([
      { id: 'dsp_0003', why: 'a newer version replaces it before anyone saw it', by: null },
      { id: 'dsp_0002', why: 'a newer version replaces it before anyone saw it', by: null },
    ])
  })

  test('what was seen and is right again needs no correction that waits', () => {
    const now: DispatchContent = told(schoolHears, 2, {}, absent).content
    const waiting = told(schoolHears, 2, { kind: 'correction', concerns: 'dsp_0001', content: { kind: 'correction', now } })
    const rightAgain = change([told(schoolHears, 1, seen), waiting], [schoolHears])
    expect(sent(rightAgain)).toEqual([])
    expect(takenBack(rightAgain)).toEqual(['dsp_0002 what they hold is right again'])
  })

  test('what was collected and put back is not collected once more; what was answered is left alone', () => {
    const putBack = change([told(schoolHears, 1, { state: 'released', seen: true })], [schoolHears], { now: absent })
    expect(putBack.withdrawn).toEqual([
      { id: 'dsp_0001', why: 'a newer version says it as it is now', by: putBack.plan.dispatches[0] },
    ])
    expect(takenBack(change([told(schoolHears, 1, seen)], [schoolHears], { now: absent }))).toEqual([])
  })

  test('nobody there is to be told any more', () => {
    expect(takenBack(change([told(councilHears, 1, {})], []))).toEqual(['dsp_0001 nobody there is to be told any more'])
  })
})

describe('a recall', () => {
  const recalled = (given: Partial<EarlierDispatch>) => change([told(councilHears, 1, given)], [])

  test('has a day, as for a high risk, is not late, and stands for all it recalls', () => {
    const { plan, replaced } = recalled(seen)
    expect(plan.dispatches).toMatchObject([{ kind: 'recall', dueBy: later.add({ hours: 24 }), lateOnArrival: false, hold: null }])
    expect(replaced).toEqual([{ id: 'dsp_0001', by: plan.dispatches[0] }])
  })

  test('ends the clock of what was delivered, and not of what was acknowledged or withdrawn before', () => {
    expect(takenBack(recalled({ state: 'delivered', seen: true }))).toEqual(['dsp_0001 it is recalled'])
    expect(takenBack(recalled(seen))).toEqual([])
    expect(takenBack(recalled({ state: 'withdrawn', seen: true }))).toEqual([])
  })

  test('is not made of what nobody has seen: a withdrawn notification then says nothing to anybody', () => {
    const input = { notification: here, gaps: [], recipients: everyService, releaseAt: later, receivedAt: later }
    expect(planWithdrawal(input, [told(councilHears, 1, {})])).toEqual({
      plan: { dispatches: [], tasks: [], notDispatched: [], upkeep: [] },
      alreadyTold: [],
      withdrawn: [{ id: 'dsp_0001', why: 'nobody there is to be told any more', by: null }],
      replaced: [],
    })
  })
})
