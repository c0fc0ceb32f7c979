import { setInterval } from 'node:timers'
import type { Database } from './database/connection.ts'
import type { Clock } from './words/clock.ts'

const CORRECTED_EVERY_MS = 60_000

/** The one clock of a process: this machine's, corrected to Postgres's, so that every process counts the same seconds. */
export interface RunningClock {
  now: Clock
  /** How far this machine is behind Postgres, in ms; `doctor` and `/health` tell when it is much. */
  skewMs: () => number
  stop: () => void
}

/**
 * Starts the clock. `startsAt` moves it elsewhere, for tests: from there it goes on at its own pace.
 * @param wall this machine's clock; only `main` has one
 */
export async function startClock(database: Database, wall: Clock, startsAt: Temporal.Instant | null): Promise<RunningClock> {
  let skewMs = await measureSkew(database, wall)
  const movedMs = startsAt ? await sharedMove(database, startsAt, wall().add({ milliseconds: skewMs })) : 0
  const timer = setInterval(() => {
    // Postgres away: the last correction still holds, and everything that matters waits for Postgres anyway.
    measureSkew(database, wall).then(
      (measured) => (skewMs = measured),
      () => {},
    )
  }, CORRECTED_EVERY_MS)
  timer.unref()
  return {
    now: () => wall().add({ milliseconds: skewMs + movedMs }),
    skewMs: () => skewMs,
    stop: () => clearInterval(timer),
  }
}

/** How far a moved clock is from the real one: the first process to start with it decides, the others and restarts follow. */
async function sharedMove(database: Database, startsAt: Temporal.Instant, real: Temporal.Instant): Promise<number> {
  const own = startsAt.epochMilliseconds - Math.round(real.epochMilliseconds)
  await database.query('insert into test_clock (starts_at, moved_ms) values ($1, $2) on conflict do nothing', [startsAt, own])
  const [row] = await database.query<{ moved_ms: number }>('select moved_ms from test_clock where starts_at = $1', [startsAt])
  return row?.moved_ms ?? own
}

/** Postgres answered somewhere between our two looks at the clock: the middle is the best guess. */
async function measureSkew(database: Database, wall: Clock): Promise<number> {
  const before = wall()
  const [row] = await database.query<{ at: Temporal.Instant }>('select clock_timestamp() as at', [])
  const after = wall()
  const middle = (before.epochMilliseconds + after.epochMilliseconds) / 2
  return row ? Math.round(row.at.epochMilliseconds - middle) : 0
}
