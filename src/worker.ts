import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'
import { loggedFault } from './access/logged-fault.ts'
import { startClock } from './clock.ts'
import type { Config } from './config.ts'
import { openDatabase } from './database/connection.ts'
import { openServiceKeys } from './database/service-keys.ts'
import { answerDoorbell, openDoorbell } from './delivery/doorbell.ts'
import { type DueSource, startDueLoop } from './delivery/due-loop.ts'
import { inBatches } from './delivery/in-batches.ts'
import { openDelivery } from './delivery/open-delivery.ts'
import { postpone } from './intake/triage-faults.ts'
import { type TriageRoom, triageNotifications } from './intake/triage-notifications.ts'
import { forgetTriageHints, hintDueNotifications } from './intake/triage-store.ts'
import { loadPacks } from './policy/load.ts'
import { openLogger } from './serve.ts'
import { watchSource } from './watch/keep-watch.ts'
import type { Clock } from './words/clock.ts'

/** A process that triages, sends and watches deadlines. */
export interface Working {
  stop: () => Promise<void>
}

const CONNECTIONS = 16
const TRIAGE = { most: 25, together: 2, concurrency: 100 }
const DELIVERY_CONCURRENCY = 64
/** From the fifth fault in a row on, a notification that cannot be triaged is an alarm. */
const ALARM_FAULTS = 5

/** The packs stand beside the source: they are data, and part of what was built. */
const POLICIES = fileURLToPath(new URL('../policies', import.meta.url))

/** Starts a worker: packs, pools, keys, doorbells, due loop. Refuses to start on any fault of a pack. @param wall this machine's clock */
export async function work(config: Config, wall: Clock): Promise<Working> {
  const logger = openLogger(config.logLevel)
  const packs = await loadPacks(POLICIES)
  const worker = openDatabase(config.databaseUrl, 'daymark_worker', CONNECTIONS)
  const keys = { ring: config.keyRing, service: await openServiceKeys(worker.kysely, config.keyRing) }
  const clock = await startClock(worker, wall, config.clockStartsAt)
  const { now } = clock
  const queue = { redisUrl: config.redisUrl, databaseUrl: config.databaseUrl }
  const triageBell = openDoorbell({ name: 'triage', ...queue })
  const deliveryBell = openDoorbell({ name: 'delivery', ...queue })
  const faulted = (what: string) => (fault: unknown) =>
    logger.error({ what, fault: loggedFault(fault) }, 'a piece of work failed; it is due again')
  const delivery = openDelivery({
    database: worker,
    keys,
    now,
    wall,
    webhookAllow: config.webhookAllow,
    mail: config.mail,
    publicUrl: config.publicUrl,
    bell: deliveryBell,
    faulted: faulted('delivery'),
  })
  const failed = (id: string, faults: number) =>
    (faults >= ALARM_FAULTS ? logger.fatal : logger.warn).call(logger, { id, faults }, 'triage failed; it is due again')
  const triage = openTriage({ worker, keys, packs, now, ringDelivery: deliveryBell.ring }, failed, faulted('triage'))
  const answering = [
    answerDoorbell({ ...queue, name: 'triage', concurrency: TRIAGE.concurrency, answer: triage.one, faulted: faulted('triage') }),
    answerDoorbell({
      ...queue,
      name: 'delivery',
      concurrency: DELIVERY_CONCURRENCY,
      answer: delivery.send,
      faulted: faulted('delivery'),
    }),
  ]
  const loop = startDueLoop({
    sources: [triage.source(triageBell), ...delivery.sources, watchSource(worker, keys)],
    now,
    faulted: (source, fault) => faulted(`due ${source}`)(fault),
  })
  logger.info({ host: hostname(), queue: config.redisUrl ? 'Redis' : 'Postgres', packs: packs.editions.length }, 'working')
  let stopped: Promise<void> | null = null
  const stop = async () => {
    await loop.close()
    await Promise.all(answering.map((one) => one.close()))
    await delivery.close()
    await Promise.all([triageBell.close(), deliveryBell.close()])
    clock.stop()
    await worker.close()
  }
  return { stop: () => (stopped ??= stop()) }
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
