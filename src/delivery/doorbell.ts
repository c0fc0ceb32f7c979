import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { createPostgresBackend, type Job, Queue, Worker, withBackend } from 'bullmq'
import { Redis } from 'ioredis'
import { QUEUE_SCHEMA } from '../database/migrate.ts'

/**
 * The doorbell: BullMQ as a queue of hints that may be lost at any time. A bell carries an id and nothing else; Postgres
 * says whether there is anything to do, and the due loop rings again. So ringing is never awaited where it would hold
 * anybody up, and nothing is ever lost with the queue.
 */
export interface Doorbell {
  /** Rings for these ids soon. Never awaited; while the queue is away bells are dropped and counted. */
  ring: (ids: readonly string[]) => void
  /** Rings now. False when the queue did not take the bells within `TOLD_WITHIN_MS`. */
  ringAndTell: (ids: readonly string[]) => Promise<boolean>
  /** True once after the queue has lost what it held (or is new): every hint given is then worth nothing. */
  forgot: () => Promise<boolean>
  /** Whether the queue takes a write now; health asks. A full Redis answers PING and takes nothing. */
  answers: () => Promise<boolean>
  /** Bells dropped since the start; a metric. */
  dropped: () => number
  close: () => Promise<void>
}

export type BellName = 'triage' | 'delivery'

export interface QueueAddress {
  name: BellName
  /** Null: BullMQ on Postgres. */
  redisUrl: string | null
  databaseUrl: string
}

const PREFIX = '{daymark}'
const TOLD_WITHIN_MS = 500
/** Bells that wait for the next tick at most; the due loop rings for the rest. */
const PENDING_MAX = 10_000
/** A job that died with its worker is given to another this fast; our own leases last as long. */
const LOCK_MS = 5_000
const STALLED_CHECK_MS = 2_500
const STALLED_MAX = 1_000_000
const RECONNECT_MS_MAX = 1_000
const CONNECTED_WITHIN_MS = 10_000

type Bell<Id extends string> = { id: Id }

/** The side that rings: fails fast, holds nothing back. */
export function openDoorbell(address: QueueAddress): Doorbell {
  const { sentinel, letGo, ...opened } = openQueue(address)
  let { queue } = opened
  // A queue on Postgres whose first connection fails remembers that for ever (its readiness is asked once): it is opened anew.
  const anew = async (fault: unknown) => {
    if (!sentinel) {
      const broken = queue
      queue = openQueue(address).queue
      await broken.close().catch(() => {})
    }
    throw fault
  }
  // An id of its own a bell: a job that was kept, or whose worker died, must never swallow the next bell for the same id.
  const opener = randomBytes(6).toString('base64url')
  let rung = 0
  const bells = gatherBells(async (ids) => {
    if (sentinel && sentinel.status !== 'ready') return false
    const jobs = ids.map((id) => ({ name: address.name, data: { id }, opts: { jobId: `${id}.${opener}.${rung++}` } }))
    return inTime(queue.addBulk(jobs).catch(anew))
  })
  return {
    ...bells,
    forgot: async () => {
      if (sentinel?.status !== 'ready') return false
      const answer = await sentinel.set(`${PREFIX}:sentinel:${address.name}`, '1', 'NX').catch(() => null)
      return answer === 'OK'
    },
    answers: async () => {
      if (!sentinel) return inTime(queue.getWaitingCount())
      return sentinel.status === 'ready' && inTime(sentinel.set(`${PREFIX}:health`, '1', 'PX', 1_000))
    },
    close: async () => {
      await queue.close().catch(() => {})
      await letGo()
    },
  }
}

/** Gathers the bells of one turn of the event loop, and counts those the queue did not take. */
function gatherBells(send: (ids: readonly string[]) => Promise<boolean>): Pick<Doorbell, 'ring' | 'ringAndTell' | 'dropped'> {
  const pending = new Set<string>()
  let lost = 0
  let sending = false

  async function ringAndTell(ids: readonly string[]): Promise<boolean> {
    if (ids.length === 0) return true
    const told = await send(ids)
    if (!told) lost += ids.length
    return told
  }

  async function sendPending(): Promise<void> {
    while (pending.size > 0) {
      const ids = [...pending]
      pending.clear()
      await ringAndTell(ids)
    }
    sending = false
  }

  return {
    ringAndTell,
    ring: (ids) => {
      for (const id of ids) {
        if (pending.size >= PENDING_MAX) lost += 1
        else pending.add(id)
      }
      if (sending || pending.size === 0) return
      sending = true
      setImmediate(() => void sendPending())
    },
    dropped: () => lost,
  }
}

/** Whether it succeeds before anybody would have to wait for it. */
async function inTime(asked: Promise<unknown>): Promise<boolean> {
  const stop = new AbortController()
  const succeeded = asked.then(
    () => true,
    () => false,
  )
  try {
    return await Promise.race([succeeded, pause(TOLD_WITHIN_MS, false, { signal: stop.signal })])
  } finally {
    stop.abort()
  }
}

export interface Answering<Id extends string> extends QueueAddress {
  /** Bells answered at one time. */
  concurrency: number
  /** Looks in Postgres whether there is anything to do, and does it. */
  answer: (id: Id) => Promise<unknown>
  /** A fault while answering. The work is due again by itself; this only counts and logs it. */
  faulted: (fault: unknown) => void
}

/** The side that answers: waits for the queue as long as it takes. */
export function answerDoorbell<Id extends string>(answering: Answering<Id>): { close: () => Promise<void> } {
  const answer = async (job: Job<Bell<Id>>) => {
    try {
      await answering.answer(job.data.id)
    } catch (fault) {
      answering.faulted(fault)
    }
  }
  let open = openWorker(answering, answer)
  const stop = new AbortController()
  // One on Postgres whose first connection fails never tries again by itself; what is due meanwhile is done without the queue.
  const ready = async () => {
    while (!stop.signal.aborted) {
      const [asked] = await Promise.allSettled([open.worker.waitUntilReady()])
      if (asked.status === 'fulfilled' || answering.redisUrl !== null) return
      await pause(RECONNECT_MS_MAX, undefined, { signal: stop.signal }).catch(() => {})
      if (stop.signal.aborted) return
      await open.worker.close(true).catch(() => {})
      open = openWorker(answering, answer)
    }
  }
  const readying = ready()
  return {
    close: async () => {
      stop.abort()
      await open.worker.close()
      await open.letGo()
      await readying
    },
  }
}

const nothingKept = { attempts: 1, removeOnComplete: true, removeOnFail: true }

function openQueue({ name, redisUrl, databaseUrl }: QueueAddress) {
  const options = { prefix: PREFIX, defaultJobOptions: nothingKept, skipMetasUpdate: true }
  if (redisUrl === null) {
    const postgres = withBackend(createPostgresBackend)
    const queue = new postgres.Queue<Bell<string>>(name, { ...options, connection: postgresConnection(databaseUrl, 2) })
    // A broken connection is not news: `ringAndTell` says so, and the due loop delivers without the queue.
    queue.on('error', () => {})
    return { queue, sentinel: null, letGo: async () => {} }
  }
  const sentinel = redisClient(redisUrl, { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: TOLD_WITHIN_MS })
  const queue = new Queue<Bell<string>>(name, { ...options, connection: sentinel })
  queue.on('error', () => {})
  return {
    queue,
    sentinel,
    letGo: async () => sentinel.disconnect(),
  }
}

function openWorker<Id extends string>(answering: Answering<Id>, work: (job: Job<Bell<Id>>) => Promise<void>) {
  const options = {
    prefix: PREFIX,
    concurrency: answering.concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: STALLED_MAX,
    runRetryDelay: RECONNECT_MS_MAX,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  }
  if (answering.redisUrl === null) {
    const postgres = withBackend(createPostgresBackend)
    const connection = postgresConnection(answering.databaseUrl, 4)
    const worker = new postgres.Worker<Bell<Id>, void>(answering.name, work, { ...options, connection })
    worker.on('error', () => {})
    return { worker, letGo: async () => {} }
  }
  const client = redisClient(answering.redisUrl, { maxRetriesPerRequest: null })
  const worker = new Worker<Bell<Id>, void>(answering.name, work, { ...options, connection: client })
  // The connection is tried again for ever; what is due meanwhile is delivered without the queue.
  worker.on('error', () => {})
  return { worker, letGo: async () => client.disconnect() }
}

function redisClient(
  url: string,
  options: { enableOfflineQueue?: boolean; maxRetriesPerRequest: number | null; commandTimeout?: number },
): Redis {
  const client = new Redis(url, {
    ...options,
    connectTimeout: 2_000,
    retryStrategy: (times) => Math.min(50 * times, RECONNECT_MS_MAX),
  })
  // Without a listener ioredis prints every failed reconnection.
  client.on('error', () => {})
  return client
}

function postgresConnection(connectionString: string, max: number) {
  return {
    connectionString,
    max,
    schema: QUEUE_SCHEMA,
    migrate: false,
    options: '-c role=daymark_queue',
    application_name: 'daymark_queue',
    connectionTimeoutMillis: CONNECTED_WITHIN_MS,
  }
}
