import type { Config } from './config.ts'
import type { Database } from './database/connection.ts'
import type { Keys } from './database/service-keys.ts'
import type { Doorbell } from './delivery/doorbell.ts'
import type { DueSource } from './delivery/due-loop.ts'
import { inBatches } from './delivery/in-batches.ts'
import { openDelivery } from './delivery/open-delivery.ts'
import { postpone } from './intake/triage-faults.ts'
import { type TriageRoom, triageNotifications } from './intake/triage-notifications.ts'
import { forgetTriageHints, hintDueNotifications } from './intake/triage-store.ts'
import type { Packs } from './policy/edition.ts'
import { watchSource } from './watch/keep-watch.ts'
import type { Clock } from './words/clock.ts'
import type { DispatchId } from './words/ids.ts'

/** What is worked with. */
export interface Workplace {
  config: Pick<Config, 'webhookAllow' | 'mail' | 'publicUrl'>
  /** As `daymark_worker`. */
  database: Database
  keys: Keys
  packs: Packs
  now: Clock
  /** The real time, for what leaves the service alone. */
  wall: Clock
  bells: { triage: Doorbell; delivery: Doorbell }
  /** Hears of each notification that could not be triaged, and for how many times in a row. */
  failed: (id: string, faults: number) => void
  /** Hears of what failed beside any one row; the work is due again by itself. */
  faulted: (what: string) => (fault: unknown) => void
}

/** All work there is, whoever asks for it: a bell, the due loop, or a test that moves the clock. */
export interface Work {
  triage: (id: string) => Promise<void>
  send: (id: DispatchId) => Promise<void>
  /** Everything that becomes due by time. */
  sources: DueSource[]
  /** Waits for what is under way. */
  close: () => Promise<void>
}

/** How many notifications share a transaction, and how many such transactions run side by side. */
const TRIAGE = { most: 25, together: 2 }

export function openWork(place: Workplace): Work {
  const { config, database, keys, packs, now, wall, bells, failed, faulted } = place
  const delivery = openDelivery({
    database,
    keys,
    now,
    wall,
    webhookAllow: config.webhookAllow,
    mail: config.mail,
    publicUrl: config.publicUrl,
    bell: bells.delivery,
    faulted: faulted('delivery'),
  })
  const triage = openTriage({ worker: database, keys, packs, now, ringDelivery: bells.delivery.ring }, failed, faulted('triage'))
  return {
    triage: triage.one,
    send: delivery.send,
    sources: [triage.source(bells.triage), ...delivery.sources, watchSource(database, keys)],
    close: delivery.close,
  }
}

/** Triage by the bell, by the due loop, and what happens when it fails. */
function openTriage(room: TriageRoom, failed: (id: string, faults: number) => void, faulted: (fault: unknown) => void) {
  const together = inBatches(
    async (ids: string[]) => {
      await triageNotifications(room, ids)
      return ids.map(() => null)
    },
    { most: TRIAGE.most, together: TRIAGE.together },
  )
  const one = async (id: string) => {
    try {
      await together(id)
    } catch (fault) {
      failed(id, await postpone(room, id))
      throw fault
    }
  }
  const { kysely } = room.worker
  const source = (bell: DueSource['bell']): DueSource => ({
    name: 'triage',
    bell,
    hintDue: async (at, limit) => {
      const due = await kysely.transaction().execute((trx) => hintDueNotifications(trx, at, limit))
      return { ...due, more: due.ids.length + due.unanswered.length === limit }
    },
    direct: async (ids) => {
      for (const done of await Promise.allSettled(ids.map(one))) if (done.status === 'rejected') faulted(done.reason)
    },
    forgetHints: (at) => kysely.transaction().execute((trx) => forgetTriageHints(trx, at)),
  })
  return { one, source }
}
