import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aChild,
  anOutcome,
  aPlanInput,
  aRoutedNotification,
  aRuling,
  aSchool,
  aTell,
  aVictim,
  everyService,
  london,
} from '../../test/support/routing-builders.ts'
import type { DispatchId } from '../words/ids.ts'
import type { Notification, Person } from '../words/notification.ts'
import type { Outcome, Ruling } from '../words/outcome.ts'
import { type ChangedPlan, planChange, planWithdrawal } from './changes.ts'
import type { Before, EarlierDispatch } from './earlier-dispatches.ts'
import { contentTold } from './earlier-dispatches.ts'
import { planRouting, type RoutingPlan } from './plan.ts'
import { whatChanged } from './what-changed.ts'

const reported = london('2026-11-04T20:10')
const later = london('2026-11-04T22:00')
const schoolHears = aRuling({ rule: 'school-hears', tell: [aTell('education_setting')] })
const councilHears = aRuling({ rule: 'council-hears', tell: [aTell('childrens_social_care')] })
const councilRefers = aRuling({ rule: 'council-refers', tell: [aTell('childrens_social_care', { kind: 'referral' })] })
const maracHears = aRuling({ rule: 'marac-hears', subject: 'the notification', about: null, tell: [aTell('marac')] })

type State = Partial<Pick<EarlierDispatch, 'state' | 'seen' | 'attempted' | 'dueBy' | 'own'>>
const seen: State = { state: 'acknowledged', seen: true }
const unseen: State = { state: 'released' }

function stored(plan: RoutingPlan, state: State, from = 0): EarlierDispatch[] {
  return plan.dispatches.map((planned, index) => ({
    ...planned,
    id: `dsp_${String(from + index).padStart(4, '0')}` as const,
    own: false,
    state: 'released',
    seen: false,
    attempted: false,
    concerns: planned.concerns ?? null,
    ...state,
  }))
}

interface Case {
  was?: Notification
  now?: Notification
  before: Ruling[]
  after: Ruling[]
  state: State
  stillDue?: Ruling[]
  risk?: Outcome['victimRisk']
  riskRose?: boolean
}

/** A first version told by `before`, each dispatch in `state`; a newer version that fires `after`. */
function changed({
  was = aRoutedNotification(),
  now = was,
  before,
  after,
  state,
  ...rest
}: Case): ChangedPlan & { told: EarlierDispatch[] } {
  const told = stored(planRouting(aPlanInput({ outcome: anOutcome(before), notification: was })), state)
  const outcome = anOutcome(after, rest.risk)
  const input = aPlanInput({ outcome, notification: { ...now, version: 2 }, releaseAt: later, receivedAt: later })
  const given: Before = {
    dispatches: told,
    stillDue: rest.stillDue ?? after,
    reportedFirst: reported,
    riskRose: rest.riskRose ?? false,
  }
  return { ...planChange(input, given), told }
}

const summary = ({ plan }: ChangedPlan) =>
  plan.dispatches.map(({ kind, recipientId, concerns }) => [kind, recipientId, ...(concerns ? [concerns] : [])].join(' '))

const withChild = (given: Partial<Person>, rest: Partial<Notification> = {}) =>
  aRoutedNotification({ people: [aVictim(), aChild(given)], ...rest })

describe('what is sent when a notification changes', () => {
  test('nothing, to whom nothing they may know has changed', () => {
    const now = aRoutedNotification({ incident: { ...aRoutedNotification().incident, summary: 'Two voices were heard.' } })
    const change = changed({ now, before: [schoolHears], after: [schoolHears], state: seen })
    expect(summary(change)).toEqual([])
    expect(change.alreadyTold).toEqual([{ service: 'education_setting', about: ['c1'], dispatch: 'dsp_0000' }])
    expect(change.withdrawn).toEqual([])
  })

  test('a correction to whoever holds what has changed, and it says what', () => {
    const change = changed({
      was: withChild({ present: true }),
      now: withChild({ present: false }),
      before: [schoolHears],
      after: [schoolHears],
      state: seen,
    })
    expect(summary(change)).toEqual(['correction school-900101 dsp_0000'])
    expect(change.plan.dispatches[0]?.content).toMatchObject({
      corrects: 'dsp_0000',
      changed: [{ field: 'childPresent', was: 'yes', now: 'no' }],
      now: { kind: 'alert', childPresent: 'no' },
    })
    expect(change.replaced).toHaveLength(1)
  })

  test('the same again to whoever has not seen it, in place of the old', () => {
    const change = changed({ before: [councilHears], after: [councilHears], state: unseen })
    expect(summary(change)).toEqual(['notification csc'])
    expect(change.withdrawn).toMatchObject([{ id: 'dsp_0000', by: change.plan.dispatches[0] }])
  })

  test('what was called and may have arrived goes on under its own id where it says what is so', () => {
    const change = changed({ before: [schoolHears], after: [schoolHears], state: { ...unseen, attempted: true } })
    expect(summary(change)).toEqual([])
    expect(change.withdrawn).toEqual([])
    expect(change.alreadyTold).toMatchObject([{ dispatch: 'dsp_0000' }])
  })

  test('what was called and may have arrived is withdrawn, and told anew, where it does not', () => {
    const change = changed({
      now: withChild({ present: false }),
      before: [schoolHears],
      after: [schoolHears],
      state: { ...unseen, attempted: true },
    })
    expect(summary(change)).toEqual(['alert school-900101'])
    expect(change.withdrawn).toMatchObject([{ id: 'dsp_0000' }])
  })

  test('a child’s new school is told, and the one it never attended is asked to destroy it', () => {
    const now = withChild({ education: { status: 'on_roll', urns: ['900102'] } })
    const change = changed({ now, before: [schoolHears], after: [schoolHears], state: seen })
    expect(summary(change)).toEqual(['alert school-900102', 'recall school-900101 dsp_0000'])
    expect(change.plan.dispatches[1]?.content).toMatchObject({ recalls: 'dsp_0000', child: { givenNames: 'Merrin' } })
  })

  test('a recall of what may never have arrived names nobody', () => {
    const now = withChild({ education: { status: 'on_roll', urns: ['900102'] } })
    const change = changed({ now, before: [schoolHears], after: [schoolHears], state: { ...unseen, attempted: true } })
    expect(JSON.stringify(change.plan.dispatches[1]?.content)).not.toMatch(/Merrin|Quillfeather/)
    expect(change.withdrawn).toMatchObject([{ id: 'dsp_0000', why: 'it is recalled' }])
  })

  test('a delivered alert that is recalled asks for no more answer; an acknowledged one stays so', () => {
    const now = withChild({ education: { status: 'on_roll', urns: ['900102'] } })
    const both = (state: State) => changed({ now, before: [schoolHears], after: [schoolHears], state }).withdrawn
    expect(both({ state: 'delivered', seen: true })).toMatchObject([{ id: 'dsp_0000' }])
    expect(both(seen)).toEqual([])
  })

  test('a school that is not certain any more, and one out of reach, keep what they hold', () => {
    const now = withChild({ education: { status: 'on_roll' } })
    expect(summary(changed({ now, before: [schoolHears], after: [schoolHears], state: seen }))).toEqual([])
  })
})

describe('a grade', () => {
  test('that rises asks for more: it goes out again beside what they hold', () => {
    const change = changed({ before: [councilHears], after: [councilRefers], state: seen, risk: 'high', riskRose: true })
    expect(summary(change)).toEqual(['referral csc'])
    expect(change.plan.dispatches[0]?.dueBy).toEqual(london('2026-11-05T20:10'))
    expect(change.replaced).toMatchObject([{ id: 'dsp_0000' }])
  })

  test('that falls cancels nothing: what would be due at the old risk stands', () => {
    const gradeFell = { before: [councilRefers, maracHears], after: [councilHears], stillDue: [councilRefers, maracHears] }
    const told = changed({ ...gradeFell, state: seen })
    expect(summary(told).filter((line) => line.startsWith('recall'))).toEqual([])
    const waiting = changed({ ...gradeFell, state: unseen })
    expect(summary(waiting).sort()).toEqual(['notification marac', 'referral csc'])
  })

  test('never moves a deadline back', () => {
    const soon = london('2026-11-04T23:00')
    const change = changed({ before: [councilHears], after: [councilHears], state: { ...unseen, dueBy: soon } })
    expect(change.plan.dispatches[0]?.dueBy).toEqual(soon)
  })

  test('whose limit has passed is due now, and a person rings', () => {
    const quick = aRuling({
      rule: 'at-once',
      tell: [aTell('childrens_social_care', { kind: 'referral', within: { kind: 'hours', high: 1, otherwise: 1 } })],
    })
    const change = changed({ before: [councilHears], after: [quick], state: seen, risk: 'high', riskRose: true })
    expect(change.plan.dispatches[0]).toMatchObject({ dueBy: later, lateOnArrival: true })
    expect(JSON.stringify(change.plan.tasks)).toContain('Ring Recipient csc now')
  })
})

describe('a withdrawal', () => {
  test('recalls what was seen, once, and takes back what was not', () => {
    const notification = aRoutedNotification()
    const plan = planRouting(aPlanInput({ outcome: anOutcome([schoolHears, councilHears]), notification }))
    const [council, school] = [stored(plan, seen).slice(0, 1), stored(plan, unseen).slice(1)]
    const input = { notification, gaps: [], recipients: everyService, releaseAt: later, receivedAt: later }
    const taken = planWithdrawal(input, [...council, ...school])
    expect(summary(taken)).toEqual(['recall csc dsp_0000'])
    expect(taken.withdrawn).toMatchObject([{ id: 'dsp_0001', by: null }])
    const again = stored({ ...plan, dispatches: taken.plan.dispatches }, { own: true }, 10)
    expect(summary(planWithdrawal(input, [...council, ...again]))).toEqual([])
  })
})

describe('over many edits', () => {
  const child = fc.record(
    {
      present: fc.boolean(),
      injured: fc.boolean(),
      dateOfBirth: fc.constantFrom('2016-05-04', '2016-04-05'),
      education: fc.constantFrom(
        { status: 'on_roll' as const, urns: ['900101'] },
        { status: 'on_roll' as const, urns: ['900102'] },
      ),
    },
    { requiredKeys: ['education'] },
  )
  const version = fc.record({ child, parentsInformed: fc.constantFrom('yes' as const, 'no' as const), contested: fc.boolean() })
  const rulings = fc.subarray([schoolHears, councilHears, councilRefers, maracHears])
  const state = fc.constantFrom<State>(seen, unseen, { state: 'delivered', seen: true }, { ...unseen, attempted: true })
  const notificationOf = (given: typeof version extends fc.Arbitrary<infer V> ? V : never) =>
    withChild(
      { ...given.child, education: { ...given.child.education, urns: [...given.child.education.urns] } },
      {
        parentsInformed: given.parentsInformed,
        rolesContested: given.contested,
      },
    )

  test('nobody entitled is left with what is no longer so, and nobody is corrected who was told nothing else', () => {
    fc.assert(
      fc.property(version, version, rulings, rulings, state, (first, second, before, after, how) => {
        const [was, now] = [notificationOf(first), notificationOf(second)]
        const change = changed({ was, now, before, after, state: how })
        const plain = planRouting(aPlanInput({ outcome: anOutcome(after), notification: { ...now, version: 2 } }))
        const gone = new Set<DispatchId>([...change.withdrawn, ...change.replaced].map(({ id }) => id))
        for (const due of plain.dispatches) {
          const sent = change.plan.dispatches.filter((one) => one.kind !== 'recall' && one.recipientId === due.recipientId)
          const left = change.told.filter(({ id, recipientId }) => recipientId === due.recipientId && !gone.has(id))
          for (const one of left) expect(whatChanged(contentTold(one), due.content)).toEqual([])
          if (sent.length === 0) expect(left).not.toEqual([])
        }
        for (const sent of change.plan.dispatches) {
          const about = change.told.find(({ id }) => id === sent.concerns)
          if (sent.kind === 'correction') {
            expect(about?.seen).toBe(true)
            expect(sent.content.changed).not.toEqual([])
          }
          if (sent.kind === 'recall')
            expect(plain.dispatches.map(({ recipientId }) => recipientId)).not.toContain(sent.recipientId)
        }
        expect(change.plan.dispatches.filter(({ recipientId }) => recipientId === aSchool().id).length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 300 },
    )
  })
})
