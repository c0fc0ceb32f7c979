import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'
import { loggedFault } from './access/logged-fault.ts'
import { startClock } from './clock.ts'
import type { Config } from './config.ts'
import { openDatabase } from './database/connection.ts'
import { openServiceKeys } from './database/service-keys.ts'
import { answerDoorbell, openDoorbell } from './delivery/doorbell.ts'
import { startDueLoop } from './delivery/due-loop.ts'
import { loadPacks } from './policy/load.ts'
import { openLogger } from './serve.ts'
import type { Clock } from './words/clock.ts'
import { openWork } from './work.ts'

/** A process that triages, sends and watches deadlines. */
export interface Working {
  stop: () => Promise<void>
}

const CONNECTIONS = 16
const TRIAGE_CONCURRENCY = 100
const DELIVERY_CONCURRENCY = 64
/** From the fifth fault in a row on, a notification that cannot be triaged is an alarm. */
const ALARM_FAULTS = 5

/** The packs stand beside the source: they are data, and part of what was built. */
export const POLICIES = fileURLToPath(new URL('../policies', import.meta.url))

/** Starts a worker: packs, pools, keys, doorbells, due loop. Refuses to start on any fault of a pack. @param wall this machine's clock */
export async function work(config: Config, wall: Clock): Promise<Working> {
  const logger = openLogger(config.logLevel)
  const packs = await loadPacks(POLICIES)
  const database = openDatabase(config.databaseUrl, 'daymark_worker', CONNECTIONS)
  const keys = { ring: config.keyRing, service: await openServiceKeys(database.kysely, config.keyRing) }
  const clock = await startClock(database, wall, config.clockStartsAt)
  const { now } = clock
  const queue = { redisUrl: config.redisUrl, databaseUrl: config.databaseUrl }
  const bells = { triage: openDoorbell({ name: 'triage', ...queue }), delivery: openDoorbell({ name: 'delivery', ...queue }) }
  const faulted = (what: string) => (fault: unknown) =>
    logger.error({ what, fault: loggedFault(fault) }, 'a piece of work failed; it is due again')
  const failed = (id: string, faults: number) =>
    (faults >= ALARM_FAULTS ? logger.fatal : logger.warn).call(logger, { id, faults }, 'triage failed; it is due again')
  const { triage, send, sources, close } = openWork({ config, database, keys, packs, now, wall, bells, failed, faulted })
  const answering = [
    answerDoorbell({ ...queue, name: 'triage', concurrency: TRIAGE_CONCURRENCY, answer: triage, faulted: faulted('triage') }),
    answerDoorbell({ ...queue, name: 'delivery', concurrency: DELIVERY_CONCURRENCY, answer: send, faulted: faulted('delivery') }),
  ]
  const loop = startDueLoop({ sources, now, faulted: (source, fault) => faulted(`due ${source}`)(fault) })
  logger.info({ host: hostname(), queue: config.redisUrl ? 'Redis' : 'Postgres', packs: packs.editions.length }, 'working')
  let stopped: Promise<void> | null = null
  const stop = async () => {
    await loop.close()
    await Promise.all(answering.map((one) => one.close()))
    await close()
    await Promise.all([bells.triage.close(), bells.delivery.close()])
    clock.stop()
    await database.close()
  }
  return { stop: () => (stopped ??= stop()) }
}
