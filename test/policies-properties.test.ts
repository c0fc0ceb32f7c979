import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openOn } from '../src/routing/calendar.ts'
import type { PlannedDispatch } from '../src/words/dispatch.ts'
import type { Ruling } from '../src/words/outcome.ts'
import { type Case, type Child, cases, decide, recipients } from './support/any-case.ts'
import { account, type Decided, packs } from './support/decided.ts'

/** What must hold of every pack, whatever police send: from the notification to the plan. */
const areas = packs.editions
  .filter(({ authorities }) => authorities !== 'every area')
  .map((edition) => [edition.label, edition] as const)
const RUNS = { numRuns: 25 }

/** Those of `less` that nobody in `more` hears as much of, and no later. */
function missing(more: Decided, less: Decided): string[] {
  const lost = less.plan.dispatches.filter((one) => !more.plan.dispatches.some((other) => hearsAsMuch(other, one)))
  return account({ ...less, plan: { ...less.plan, dispatches: lost, tasks: [] } })
}

function hearsAsMuch(other: PlannedDispatch, one: PlannedDispatch): boolean {
  return (
    other.service === one.service &&
    other.recipientId === one.recipientId &&
    (other.kind === one.kind || (other.kind === 'referral' && one.kind === 'notification')) &&
    (one.asks === null || other.asks === one.asks) &&
    (sameSubjects(other, one) || aboutTheWhole(one)) &&
    Temporal.Instant.compare(other.dueBy, one.dueBy) <= 0
  )
}

const sameSubjects = (other: PlannedDispatch, one: PlannedDispatch) => one.about.every((ref) => other.about.includes(ref))

/** Where no child is known a service that is told of the whole incident is told about the victim, and of the child once one is. */
function aboutTheWhole({ service, about }: PlannedDispatch): boolean {
  const childByChild = ['education_setting', 'education_authority', 'health'].includes(service)
  return !childByChild && about.every((ref) => ref === 'v1')
}

const firstChild =
  (change: Partial<Child>) =>
  (one: Case): Partial<Case> => {
    const [first, ...others] = one.children
    return first === undefined ? {} : { children: [{ ...first, ...change }, ...others] }
  }

describe.each(areas)('%s', (_, edition) => {
  test('sets no deadline before the report, nor for a school on a day that school is closed', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const { plan, notification } = decide(edition, one)
        for (const { dueBy } of [...plan.dispatches, ...plan.tasks]) {
          expect(Temporal.Instant.compare(dueBy, notification.incident.reportedAt)).toBe(1)
        }
        for (const { service, recipientId, dueBy } of plan.dispatches) {
          const school = recipients.find(({ id }) => id === recipientId)
          if (service !== 'education_setting' || school === undefined) continue
          const date = dueBy.toZonedDateTimeISO('Europe/London').toPlainDate().toString()
          expect(openOn(school.calendar, date), `${school.name} on ${date}`).toBe(true)
        }
      }),
      RUNS,
    )
  })

  const worse: { risk: string; add: (one: Case) => Partial<Case> }[] = [
    { risk: 'a high grade', add: () => ({ grade: 'high' }) },
    { risk: 'ten ticks more', add: ({ yesCount }) => ({ yesCount: (yesCount ?? 0) + 10 }) },
    { risk: 'an officer’s judgement', add: () => ({ judgement: true, judgedFor: null }) },
    { risk: 'a call by a child', add: () => ({ calledByChild: true }) },
    { risk: 'a child protection concern', add: () => ({ concern: true }) },
    { risk: 'a pregnancy', add: () => ({ victimPregnant: true }) },
    { risk: 'one more earlier incident', add: ({ earlier }) => ({ earlier: earlier + 1 }) },
    { risk: 'strangulation', add: ({ features }) => ({ features: [...(features ?? []), 'strangulation'] }) },
    { risk: 'an injury', add: firstChild({ injured: true }) },
    { risk: 'use as a shield', add: firstChild({ usedAsShield: true }) },
    { risk: 'a child who was there', add: firstChild({ present: true }) },
    { risk: 'a child who lives there', add: firstChild({ household: 'resident' }) },
    { risk: 'an open case', add: firstChild({ open: 'yes' }) },
  ]
  test.each(worse)('tells nobody less, and nobody later, for $risk', ({ add }) => {
    fc.assert(
      fc.property(cases, (one) => {
        expect(missing(decide(edition, { ...one, ...add(one) }), decide(edition, one))).toEqual([])
      }),
      RUNS,
    )
  })

  const leftOut: { fact: string; unknown: (one: Case) => Partial<Case>; no: (one: Case) => Partial<Case> }[] = [
    { fact: 'the grade', unknown: () => ({ grade: null }), no: () => ({ grade: 'standard' }) },
    { fact: 'the judgement', unknown: () => ({ judgement: null }), no: () => ({ judgement: false, judgedFor: null }) },
    { fact: 'the ticks', unknown: () => ({ yesCount: null }), no: () => ({ yesCount: 0 }) },
    { fact: 'who called', unknown: () => ({ calledByChild: null }), no: () => ({ calledByChild: false }) },
    { fact: 'the wish for support', unknown: () => ({ asksForSupport: null }), no: () => ({ asksForSupport: 'no' }) },
    { fact: 'a concern', unknown: () => ({ concern: null }), no: () => ({ concern: false }) },
    { fact: 'pregnancy', unknown: () => ({ victimPregnant: null }), no: () => ({ victimPregnant: false }) },
    { fact: 'the features', unknown: () => ({ features: null }), no: () => ({ features: [] }) },
    { fact: 'the history', unknown: () => ({ historyWhole: false, earlier: 0 }), no: () => ({ historyWhole: true, earlier: 0 }) },
    { fact: 'the household', unknown: firstChild({ household: null }), no: firstChild({ household: 'elsewhere' }) },
    { fact: 'presence', unknown: firstChild({ present: null }), no: firstChild({ present: false }) },
    { fact: 'an injury', unknown: firstChild({ injured: null }), no: firstChild({ injured: false }) },
    { fact: 'use as a shield', unknown: firstChild({ usedAsShield: null }), no: firstChild({ usedAsShield: false }) },
    { fact: 'an open case', unknown: firstChild({ open: 'unknown' }), no: firstChild({ open: 'no' }) },
    { fact: 'the relation', unknown: firstChild({ relation: null }), no: firstChild({ relation: 'niece' }) },
    {
      fact: 'the birth date',
      unknown: firstChild({ months: null, status: 'on_roll' }),
      no: firstChild({ months: 125, status: 'on_roll' }),
    },
  ]
  test.each(leftOut)('tells nobody less where $fact is unknown than where it is a no', ({ unknown, no }) => {
    fc.assert(
      fc.property(cases, (one) => {
        const left = decide(edition, { ...one, ...unknown(one) })
        const settled = decide(edition, { ...one, ...no(one) })
        expect(missing(left, settled)).toEqual([])
        const reviewed = ({ plan }: Decided) => plan.tasks.some(({ desk }) => desk === 'domestic_abuse_review')
        // A question falls away only where its answer has been given, by telling somebody more.
        expect(reviewed(left) || !reviewed(settled) || missing(settled, left).length > 0).toBe(true)
      }),
      RUNS,
    )
  })

  test('leaves no child without a service that a rule asks for, or a reason', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const all = decide(edition, one)
        const fired = all.outcome.rulings.filter(({ result }) => result === 'fired')
        expect(fired.flatMap((ruling) => unanswered(ruling, all))).toEqual([])
      }),
      { numRuns: 100 },
    )
  })
})

/** Each tell of a ruling that no dispatch and no named reason answers, for the one it is about or for every child. */
function unanswered(ruling: Ruling, { plan, notification }: Decided): string[] {
  const under18 = Temporal.Instant.from(notification.incident.reportedAt)
    .toZonedDateTimeISO('Europe/London')
    .toPlainDate()
    .subtract({ years: 18 })
  const children = notification.people.filter(
    ({ role, dateOfBirth }) => role === 'child' && (dateOfBirth ?? '9999') > under18.toString(),
  )
  const refs = ruling.about === null ? children.map(({ ref }) => ref) : [ruling.about]
  return ruling.tell.flatMap(({ service }) => {
    const answers = [
      ...plan.dispatches.filter((one) => one.service === service && one.rules.includes(ruling.rule)),
      ...plan.notDispatched.filter((one) => one.service === service && one.rule === ruling.rule),
    ]
    const wholeIncident = !['childrens_social_care', 'education_setting', 'education_authority', 'health'].includes(service)
    const left = wholeIncident ? [] : refs.filter((ref) => !answers.some(({ about }) => about.includes(ref)))
    return answers.length === 0 || left.length > 0 ? [`${ruling.rule}: ${service} about ${left.join(', ')}`] : []
  })
}
