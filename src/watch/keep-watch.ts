import { appendAuditEvents } from '../audit/append-audit-events.ts'
import type { NewEvent } from '../audit/chain.ts'
import { inTransaction } from '../database/again.ts'
import type { Database } from '../database/connection.ts'
import type { Keys } from '../database/service-keys.ts'
import type { DueSource } from '../delivery/due-loop.ts'
import { type Alarm, endAlarms, lookAgainForWhoWasOutOfReach, mayKeepWatch, raiseAlarm, standingAlarms } from './alarm-store.ts'
import { measure } from './measure-store.ts'
import { alarmKey, signsOf } from './signs.ts'

/** How often everything that is watched is measured. A silence is hours long, and one that has ended should not ring for long. */
const EVERY_MS = 60_000

/**
 * Raises an alarm for every silence and ends those that are over, in one transaction with their events.
 * @returns how many were raised and ended; null while another process keeps watch
 */
export function keepWatch(
  database: Database,
  keys: Keys,
  at: Temporal.Instant,
): Promise<{ raised: number; ended: number } | null> {
  return inTransaction(database.kysely, async (trx) => {
    if (!(await mayKeepWatch(trx))) return null
    const standing = new Map((await standingAlarms(trx)).map((alarm) => [alarm.key, alarm]))
    const events: NewEvent[] = []
    let raised = 0
    for (const sign of signsOf(await measure(trx, at), at)) {
      if (standing.delete(alarmKey(sign))) continue
      events.push(...(await raiseAlarm(trx, keys, sign, at)))
      raised += 1
    }
    const over: Alarm[] = [...standing.values()]
    if (over.some(({ kind }) => kind === 'route suspended')) await lookAgainForWhoWasOutOfReach(trx, at)
    events.push(...(await endAlarms(trx, over, at)))
    await appendAuditEvents(trx, at, events)
    return { raised, ended: over.length }
  })
}

/** For the due loop of every worker: the watch is kept once a minute by whichever comes first. */
export function watchSource(database: Database, keys: Keys): DueSource {
  let next: Temporal.Instant | null = null
  return {
    name: 'watch',
    hintDue: async (at) => {
      if (next === null || Temporal.Instant.compare(at, next) >= 0) {
        await keepWatch(database, keys, at)
        next = at.add({ milliseconds: EVERY_MS })
      }
      return { ids: [], unanswered: [], more: false }
    },
    bell: null,
    direct: async () => {},
    forgetHints: async () => {},
  }
}
