import type { Clock } from '../../src/words/clock.ts'

/** A clock that stands still until it is told to move, so that a test never waits for time to pass. */
export type MovableClock = {
  /** What the code under test is given. */
  readonly now: Clock
  moveTo(time: string): void
  /** For example `{ hours: 24 }`. An instant knows no days or months: their length depends on where one is. */
  moveBy(duration: Temporal.DurationLike): void
}

/** Starts it at an RFC 3339 time with an offset, such as `2026-03-06T21:10:00Z`. */
export function aClock(start: string): MovableClock {
  let at = Temporal.Instant.from(start)
  return {
    now: () => at,
    moveTo(time) {
      at = Temporal.Instant.from(time)
    },
    moveBy(duration) {
      at = at.add(duration)
    },
  }
}
