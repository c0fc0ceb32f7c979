import fc from 'fast-check'
import { expect, test } from 'vitest'
import { london } from '../../test/support/routing-builders.ts'
import type { FailedAttempt } from './retry-schedule.ts'
import { nextRetryAt } from './retry-schedule.ts'

const failed: FailedAttempt = {
  attempts: 1,
  failedAt: london('2026-11-04T20:10'),
  dueBy: london('2026-11-07T20:10'),
  releaseAt: london('2026-11-04T20:10'),
  retryAfterSeconds: null,
  jitter: 0.5,
}

function waitSeconds(given: Partial<FailedAttempt>): number | null {
  const attempt = { ...failed, ...given }
  const next = nextRetryAt(attempt)
  return next === null ? null : (next.epochMilliseconds - attempt.failedAt.epochMilliseconds) / 1000
}

test('waits grow from seconds to a quarter of an hour', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 400].map((attempts) => waitSeconds({ attempts }))).toEqual([
    5, 15, 60, 120, 300, 600, 900, 900, 900,
  ])
})

test('waits differ by a fifth either way, and are never longer than a quarter of an hour', () => {
  expect(waitSeconds({ attempts: 4, jitter: 0 })).toBe(96)
  expect(waitSeconds({ attempts: 4, jitter: 0.999_999 })).toBeCloseTo(144, 1)
  expect(waitSeconds({ attempts: 7, jitter: 0.999_999 })).toBe(900)
})

test('what the recipient asks for is honoured up to a quarter of an hour, and half the time left', () => {
  expect(waitSeconds({ retryAfterSeconds: 120 })).toBe(120)
  expect(waitSeconds({ retryAfterSeconds: 86_400 })).toBe(900)
  expect(waitSeconds({ retryAfterSeconds: 600, dueBy: failed.failedAt.add({ minutes: 10 }) })).toBe(300)
})

test('after the deadline attempts go on for 75 hours, the last at their very end', () => {
  const dueBy = failed.dueBy
  expect(waitSeconds({ attempts: 90, failedAt: dueBy.add({ hours: 74 }) })).toBe(900)
  expect(waitSeconds({ attempts: 90, failedAt: dueBy.add({ hours: 74, minutes: 55 }) })).toBe(300)
  expect(waitSeconds({ attempts: 90, failedAt: dueBy.add({ hours: 75 }) })).toBeNull()
})

test('a notification that came after its deadline has its 75 hours from release', () => {
  const releaseAt = failed.dueBy.add({ hours: 200 })
  expect(waitSeconds({ releaseAt, failedAt: releaseAt.add({ hours: 70 }) })).toBe(5)
})

test('a retry is never later than half the time left, and never more than a quarter of an hour away', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: -270_000, max: 300_000 }),
      fc.option(fc.integer({ min: 0, max: 1e6 })),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempts, leftSeconds, retryAfterSeconds, jitter) => {
        const wait = waitSeconds({
          attempts,
          retryAfterSeconds,
          jitter,
          failedAt: failed.dueBy.subtract({ seconds: leftSeconds }),
        })
        if (leftSeconds <= -75 * 3600) {
          expect(wait).toBeNull()
          return
        }
        expect(wait).toBeGreaterThan(0)
        expect(wait).toBeLessThanOrEqual(900)
        // A second is the least there is to wait, or halving would never end.
        if (leftSeconds > 0) expect(wait).toBeLessThanOrEqual(Math.max(1, leftSeconds / 2))
      },
    ),
    { numRuns: 500 },
  )
})
