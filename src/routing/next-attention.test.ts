import fc from 'fast-check'
import { expect, test } from 'vitest'
import { london } from '../../test/support/routing-builders.ts'
import { nextOpening } from './calendar.ts'
import type { Attention } from './next-attention.ts'
import { escalationSteps, nextAttention } from './next-attention.ts'

const row: Attention = {
  state: 'released',
  releaseAt: london('2026-11-04T20:10'),
  dueBy: london('2026-11-05T08:45'),
  overdue: false,
  nextRetryAt: null,
  leaseUntil: null,
  escalateAt: null,
  now: london('2026-11-04T20:10'),
}

test('a planned dispatch is looked at when it is to be released', () => {
  expect(nextAttention({ ...row, state: 'planned' })).toEqual(row.releaseAt)
})

test('a released dispatch is looked at for its retry, its escalation and its deadline, whichever comes first', () => {
  const escalateAt = london('2026-11-05T07:45')
  const nextRetryAt = london('2026-11-04T20:15')
  expect(nextAttention({ ...row, escalateAt, nextRetryAt })).toEqual(nextRetryAt)
  expect(nextAttention({ ...row, escalateAt })).toEqual(escalateAt)
  expect(nextAttention(row)).toEqual(row.dueBy)
})

test('an attempt under way waits for its lease and not for its retry', () => {
  const leaseUntil = london('2026-11-04T20:11')
  expect(nextAttention({ ...row, leaseUntil, nextRetryAt: row.releaseAt })).toEqual(leaseUntil)
})

test('a collected dispatch is looked at when its lease ends', () => {
  const leaseUntil = london('2026-11-04T21:00')
  expect(nextAttention({ ...row, state: 'collected', leaseUntil })).toEqual(leaseUntil)
})

test('held, given up and overdue dispatches are looked at every day', () => {
  const tomorrow = row.now.add({ hours: 24 })
  expect(nextAttention({ ...row, state: 'held', overdue: true })).toEqual(tomorrow)
  expect(nextAttention({ ...row, state: 'given_up', overdue: true })).toEqual(tomorrow)
  expect(nextAttention({ ...row, state: 'delivered', overdue: true })).toEqual(tomorrow)
  expect(nextAttention({ ...row, state: 'held' })).toEqual(row.dueBy)
})

test('only an acknowledged or withdrawn dispatch asks for no attention', () => {
  const moment = fc.option(fc.integer({ min: 0, max: 1e12 }).map((ms) => Temporal.Instant.fromEpochMilliseconds(ms)))
  const living = fc.constantFrom('planned', 'released', 'collected', 'delivered', 'held', 'given_up')
  fc.assert(
    fc.property(living, fc.boolean(), moment, moment, moment, (state, overdue, nextRetryAt, leaseUntil, escalateAt) => {
      expect(nextAttention({ ...row, state, overdue, nextRetryAt, leaseUntil, escalateAt })).not.toBeNull()
    }),
  )
  expect(nextAttention({ ...row, state: 'acknowledged' })).toBeNull()
  expect(nextAttention({ ...row, state: 'withdrawn' })).toBeNull()
})

test('a school’s deputy is asked at half the time, and the school is rung an hour before it opens, or at once when less is left', () => {
  const school = { service: 'education_setting', releaseAt: row.releaseAt, dueBy: row.dueBy } as const
  expect(escalationSteps(school)).toEqual([
    { step: 'second contact', at: london('2026-11-05T02:27:30') },
    { step: 'telephone task', at: london('2026-11-05T07:45') },
  ])
  const lateReport = london('2026-11-05T08:20')
  expect(escalationSteps({ ...school, releaseAt: lateReport }).map(({ at }) => at)).toEqual([lateReport, lateReport])
})

test('the steps keep their order, never come before release and never after the deadline, on any day and over a change of clocks', () => {
  const calendar = { opensAt: '08:45', terms: [], closedDays: ['2026-03-30', '2026-10-26'] }
  const instants = fc.integer({ min: 1_767_225_600_000, max: 1_798_761_600_000 })
  fc.assert(
    fc.property(instants, fc.constantFrom('education_setting', 'health'), (ms, service) => {
      const releaseAt = Temporal.Instant.fromEpochMilliseconds(ms)
      const dueBy = nextOpening(calendar, releaseAt)
      const [second, telephone] = escalationSteps({ service, releaseAt, dueBy }).map(({ at }) => at.epochMilliseconds)
      expect([ms, second, telephone, dueBy.epochMilliseconds]).toEqual(
        [ms, second, telephone, dueBy.epochMilliseconds].toSorted((one, other) => Number(one) - Number(other)),
      )
      if (service === 'education_setting' && dueBy.epochMilliseconds - ms >= 3_600_000)
        expect(telephone).toBe(dueBy.epochMilliseconds - 3_600_000)
    }),
  )
})

test('a deadline that had passed before release leaves every step at release', () => {
  const late = { service: 'education_setting', releaseAt: row.dueBy, dueBy: row.releaseAt } as const
  expect(escalationSteps(late).map(({ at }) => at)).toEqual([row.dueBy, row.dueBy])
})

test('another service has half its time before the second contact and three quarters before the telephone', () => {
  const steps = escalationSteps({ service: 'health', releaseAt: row.releaseAt, dueBy: row.releaseAt.add({ hours: 24 }) })
  expect(steps.map(({ at }) => at)).toEqual([row.releaseAt.add({ hours: 12 }), row.releaseAt.add({ hours: 18 })])
})
