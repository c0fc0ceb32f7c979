import type { Deadline } from '../words/dispatch.ts'

/** What the wait before the next attempt turns on. */
export interface FailedAttempt {
  /** Attempts made so far, this one included. */
  attempts: number
  failedAt: Temporal.Instant
  dueBy: Deadline
  releaseAt: Temporal.Instant
  /** What the recipient asked for in `Retry-After`, in seconds. */
  retryAfterSeconds: number | null
  /** From 0 up to, and not including, 1. Passed in, so that a schedule can be repeated. */
  jitter: number
}

/** Seconds after the first, second … failed attempt; the last holds for all later ones. Grows as Standard Webhooks advises. */
const waitsSeconds = [5, 15, 60, 120, 300, 600, 900] as const

/** Waits differ by a fifth either way, so that a recipient that comes back is not met by everyone at once. */
const JITTER_SHARE = 0.2

/** No wait is longer, whatever `Retry-After` says: a child's morning is worth more than a polite pause. */
const WAIT_SECONDS_MAX = 900
/** Halving the time left would never end; below a second it does. */
const WAIT_SECONDS_MIN = 1

/** How long attempts go on after the deadline: a weekend and a bank holiday. */
const AFTER_DEADLINE_HOURS = 75

/**
 * When to try again after a failed attempt; null when it is time to give up. The deadline shortens the wait, to half the time
 * left at most, and does not end it: attempts go on for 75 hours after it, or after release where it had passed by then.
 */
export function nextRetryAt(attempt: FailedAttempt): Temporal.Instant | null {
  const { failedAt, dueBy } = attempt
  const giveUpAt = later(dueBy, attempt.releaseAt).add({ hours: AFTER_DEADLINE_HOURS })
  if (Temporal.Instant.compare(failedAt, giveUpAt) >= 0) return null
  const leftSeconds = (dueBy.epochMilliseconds - failedAt.epochMilliseconds) / 1000
  const wait = leftSeconds > 0 ? Math.min(wantedSeconds(attempt), leftSeconds / 2) : wantedSeconds(attempt)
  const next = failedAt.add({ milliseconds: Math.floor(Math.max(WAIT_SECONDS_MIN, wait) * 1000) })
  // The last attempt stands at the very end, so that no time promised is lost to a long wait.
  return Temporal.Instant.compare(next, giveUpAt) < 0 ? next : giveUpAt
}

/** The wait the schedule or the recipient wants, before the deadline has its say. Never less than the recipient asked. */
function wantedSeconds({ attempts, retryAfterSeconds, jitter }: FailedAttempt): number {
  const step = Math.min(Math.max(attempts, 1), waitsSeconds.length) - 1
  const scheduled = (waitsSeconds[step] ?? WAIT_SECONDS_MAX) * (1 - JITTER_SHARE + 2 * JITTER_SHARE * jitter)
  return Math.min(WAIT_SECONDS_MAX, Math.max(scheduled, retryAfterSeconds ?? 0))
}

function later(one: Temporal.Instant, other: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(one, other) >= 0 ? one : other
}
