import { expect, test } from 'vitest'
import type { FiredRule, RecordedValues } from '../triage/recorded.ts'
import type { Tell, TimeLimit } from '../words/outcome.ts'
import { differencesBetween } from './differences.ts'

const aChildRecorded = (ref: string): RecordedValues => ({ about: 'each child', ref, values: {} })
const hours = (high: number, otherwise: number): TimeLimit => ({ kind: 'hours', high, otherwise })

/** Social care is notified within 24 or 72 hours, unless the test says otherwise. */
function aRule(tell: Partial<Tell> = {}, about: string | null = 'c1'): FiredRule {
  return {
    edition: 'zedshire/2026-01-01',
    about,
    tell: [{ service: 'childrens_social_care', kind: 'notification', within: hours(24, 72), ...tell }],
  }
}

/** A Wednesday evening. */
const reportedAt = Temporal.Instant.from('2026-11-04T20:10:00Z')
const recorded = { reportedAt, victimRisk: 'standard', facts: [aChildRecorded('c1'), aChildRecorded('c2')] } as const

const between = (before: FiredRule[], after: FiredRule[], victimRisk: 'standard' | 'high' = 'standard') =>
  differencesBetween(before, after, { ...recorded, facts: [...recorded.facts], victimRisk })

test('the same rules tell nobody otherwise', () => {
  expect(between([aRule()], [aRule()])).toEqual([])
})

test('a service told by the new rules alone would now be told, and one told by the old alone no longer', () => {
  expect(between([aRule()], [aRule({ service: 'idva', kind: 'referral' })])).toEqual([
    { change: 'now told', service: 'idva', kind: 'referral', was: null, about: null },
    { change: 'no longer told', service: 'childrens_social_care', kind: 'notification', was: null, about: null },
  ])
})

test('social care that already hears of one child of a notification does not hear anew of another', () => {
  expect(between([aRule()], [aRule(), aRule({}, 'c2')])).toEqual([])
})

test('a school is told about each child apart', () => {
  const school = (ref: string) =>
    aRule({ service: 'education_setting', kind: 'alert', within: { kind: 'before school opens' } }, ref)
  expect(between([school('c1')], [school('c1'), school('c2')])).toMatchObject([{ change: 'now told', about: 'c2' }])
})

test('a rule about the notification tells the school of every child on it', () => {
  const school = aRule({ service: 'education_setting', kind: 'alert', within: { kind: 'before school opens' } }, null)
  expect(between([], [school]).map(({ about }) => about)).toEqual(['c1', 'c2'])
})

test('a notification that becomes a referral is told as another kind, not lost and found', () => {
  expect(between([aRule()], [aRule(), aRule({ kind: 'referral' })])).toEqual([
    { change: 'told as another kind', service: 'childrens_social_care', kind: 'referral', was: 'notification', about: null },
  ])
})

test('the limit that holds is the one for the victim’s risk', () => {
  const slower = aRule({ within: hours(24, 96) })
  expect(between([aRule()], [slower])).toMatchObject([{ change: 'told later' }])
  expect(between([aRule()], [slower], 'high')).toEqual([])
})

test('hours and a school’s opening are compared on the day of the report', () => {
  const opening = aRule({ service: 'education_setting', kind: 'alert', within: { kind: 'before school opens' } })
  const inHours = (limit: number) => aRule({ service: 'education_setting', kind: 'alert', within: hours(limit, limit) })
  // From 20:10 to 08:45 are twelve hours and a half.
  expect(between([opening], [inHours(12)])).toMatchObject([{ change: 'told sooner' }])
  expect(between([opening], [inHours(13)])).toMatchObject([{ change: 'told later' }])
})

test('a limit the new rules leave out is the settled one: sooner where a child was injured', () => {
  const silent = aRule({ within: { kind: 'where silent' } })
  const facts: RecordedValues[] = [{ about: 'each child', ref: 'c1', values: { injured: 'yes' } }]
  expect(between([aRule()], [silent])).toEqual([])
  expect(differencesBetween([aRule()], [silent], { ...recorded, facts })).toMatchObject([{ change: 'told sooner' }])
})

test('a service is told by the earliest of its limits, and as the strongest kind, in whatever order the rules stand', () => {
  const [slow, quick] = [aRule({ within: hours(72, 72) }), aRule({ within: hours(24, 24) })]
  expect(between([quick, slow], [slow, quick])).toEqual([])
  expect(between([slow], [slow, quick])).toMatchObject([{ change: 'told sooner' }])
  expect(between([slow, quick], [slow])).toMatchObject([{ change: 'told later' }])
  const referral = aRule({ kind: 'referral' })
  expect(between([aRule(), referral], [referral, aRule()])).toEqual([])
})

test('a hand-off is told apart from a referral', () => {
  expect(between([aRule()], [aRule(), aRule({ kind: 'handoff' })])).toEqual([
    { change: 'now told', service: 'childrens_social_care', kind: 'handoff', was: null, about: null },
  ])
})

test('another limit that comes to the same moment is no difference', () => {
  expect(between([aRule({ within: hours(24, 72) })], [aRule({ within: hours(1, 72) })])).toEqual([])
  expect(between([aRule({ within: hours(24, 72) })], [aRule({ within: hours(24, 73) })])).toMatchObject([
    { change: 'told later' },
  ])
})

test('a patient is one whom a rule fired for, a child or an unborn one, and each once', () => {
  const health = aRule({ service: 'health' }, null)
  const facts: RecordedValues[] = [
    aChildRecorded('c1'),
    { about: 'each unborn child', ref: 'v1', values: {} },
    { about: 'each party', ref: 's1', values: {} },
    aChildRecorded('c1'),
  ]
  const told = (recordedFacts: RecordedValues[]) =>
    differencesBetween([], [health], { ...recorded, facts: recordedFacts }).map(({ about }) => about)
  expect(told(facts)).toEqual(['c1', 'v1'])
  expect(told([{ about: 'each party', ref: 's1', values: {} }])).toEqual([null])
})

test('an injury counts where it is a child’s and is known', () => {
  const silent = aRule({ within: { kind: 'where silent' } })
  const changes = (about: RecordedValues['about'], injured: string) => {
    const facts: RecordedValues[] = [{ about, ref: 'c1', values: { injured } }, aChildRecorded('c2')]
    return differencesBetween([aRule()], [silent], { ...recorded, facts }).length
  }
  expect([changes('each child', 'yes'), changes('each child', 'no'), changes('each party', 'yes')]).toEqual([1, 0, 0])
})
