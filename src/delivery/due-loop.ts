import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '../words/clock.ts'
import type { Doorbell } from './doorbell.ts'
import type { Due } from './settle-due.ts'

/** Rows that become due: dispatches, tasks, notifications that wait for triage. */
export interface DueSource<Id extends string = string> {
  name: string
  /** One page of what is due: settles what time alone decides, marks the rest as hinted and hands it back. */
  hintDue: (at: Temporal.Instant, limit: number) => Promise<Due<Id>>
  /** What is rung for them. Null: everything due is settled by `hintDue` itself. */
  bell: Doorbell | null
  /** Does them in this process: the queue is away, or nobody answers. */
  // A method, so that sources of different ids stand in one list: each is only ever given its own back.
  direct(ids: readonly Id[]): Promise<unknown>
  /** The queue lost what it held: forget every hint. */
  forgetHints: (at: Temporal.Instant) => Promise<void>
}

const PAGE = 500
const POLL_MS_MIN = 25
const POLL_MS_MAX = 250
const FAULT_PAUSE_MS = 1_000
/** What is done without the queue at one time; the rest stays due. */
const DIRECT_MAX = 500
/** Bells a process rings in one hint's life. More than that nobody could answer in time, and they would pile up. */
const BELLS_MAX = 5_000
const BELLS_WINDOW_MS = 5_000

/**
 * The due loop, in every worker process and without a leader: Postgres says what is due and `skip locked` says who attends
 * to it. It makes the queue disposable, for whatever the queue loses is due again here within seconds.
 * @param faulted hears of a pass that failed; the next one finds the same rows
 */
export function startDueLoop(options: {
  sources: readonly DueSource[]
  now: Clock
  faulted: (source: string, fault: unknown) => void
}): { close: () => Promise<void> } {
  const stop = new AbortController()
  const loops = options.sources.map((source) => watch(source, options, stop.signal))
  return {
    close: async () => {
      stop.abort()
      await Promise.all(loops)
    },
  }
}

async function watch(
  source: DueSource,
  { now, faulted }: { now: Clock; faulted: (source: string, fault: unknown) => void },
  signal: AbortSignal,
): Promise<void> {
  const pass = passOver(source, faulted)
  let waitMs = POLL_MS_MIN
  while (!signal.aborted) {
    try {
      const busy = await pass.once(now())
      waitMs = busy ? POLL_MS_MIN : Math.min(POLL_MS_MAX, waitMs * 1.5)
    } catch (fault) {
      faulted(source.name, fault)
      waitMs = FAULT_PAUSE_MS
    }
    // Being told to stop is how this wait ends; it is no fault.
    await pause(waitMs, undefined, { signal }).catch(() => {})
  }
  await pass.settled()
}

/** One pass: page after page until nothing is due, or as much is under way as may be. Whoever moves a clock passes as often as it moves. */
export function passOver(source: DueSource, faulted: (source: string, fault: unknown) => void) {
  const direct = new Set<Promise<unknown>>()
  let directIds = 0
  let bells: { at: Temporal.Instant; count: number }[] = []

  function doDirectly(ids: readonly string[]): void {
    if (ids.length === 0) return
    directIds += ids.length
    const done = source
      .direct(ids)
      .catch((fault: unknown) => faulted(source.name, fault))
      .finally(() => {
        directIds -= ids.length
        direct.delete(done)
      })
    direct.add(done)
  }

  function roomAt(at: Temporal.Instant): number {
    bells = bells.filter((rung) => at.epochMilliseconds - rung.at.epochMilliseconds < BELLS_WINDOW_MS)
    const rung = bells.reduce((sum, { count }) => sum + count, 0)
    return Math.min(PAGE, BELLS_MAX - rung, DIRECT_MAX - directIds)
  }

  return {
    /** @returns whether anything was due */
    once: async (at: Temporal.Instant): Promise<boolean> => {
      if (await source.bell?.forgot()) await source.forgetHints(at)
      let busy = false
      for (let room = roomAt(at); room > 0; room = roomAt(at)) {
        const { ids, unanswered, more } = await source.hintDue(at, room)
        busy ||= more || ids.length > 0
        if (ids.length > 0) {
          const told = (await source.bell?.ringAndTell(ids)) ?? false
          if (told) bells.push({ at, count: ids.length })
          else doDirectly(ids)
        }
        doDirectly(unanswered)
        if (!more) break
      }
      return busy
    },
    settled: async () => void (await Promise.all(direct)),
  }
}
