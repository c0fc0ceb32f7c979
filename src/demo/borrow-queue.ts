import { Redis } from 'ioredis'
import { findRedis, startRedis } from '../underneath/private-redis.ts'
import { CannotBorrow } from './cannot-borrow.ts'

/** Where this demo's bells ring. A null `url` means on Postgres. */
export interface BorrowedQueue {
  url: string | null
  from: string
}

/** Redis has 16 numbered databases unless told otherwise; the first is everybody's. */
const NUMBERS = Array.from({ length: 15 }, (_, index) => 15 - index)
const CLAIM = 'daymark:demo'

/**
 * A queue that is this demo's alone: an empty numbered database of the Redis that `redisUrl` names, else a Redis or Valkey
 * from the PATH, else BullMQ on the demo's own Postgres. Two demos that shared one would answer each other's bells.
 */
export async function borrowQueue(held: AsyncDisposableStack, redisUrl: string | undefined): Promise<BorrowedQueue> {
  const onPostgres = (why: string) => ({ url: null, from: `BullMQ on PostgreSQL (${why})` })
  if (redisUrl) {
    const number = await claimEmptyDatabase(held, redisUrl)
    if (number === null) return onPostgres('REDIS_URL has no empty database from 1 to 15 to lend')
    const url = new URL(redisUrl)
    url.pathname = `/${number}`
    return { url: url.toString(), from: `BullMQ on Redis, from REDIS_URL, in its empty database ${number}` }
  }
  const program = await findRedis({ mayDownload: false })
  if (!program) return onPostgres('no REDIS_URL, and no redis-server or valkey-server here')
  const redis = await startRedis(program, { appendOnly: true })
  held.defer(() => redis.stop())
  return { url: redis.url, from: `BullMQ on Redis, ${program.from}, for this demo alone, on port ${redis.port}` }
}

async function claimEmptyDatabase(held: AsyncDisposableStack, redisUrl: string): Promise<number | null> {
  const redis = new Redis(redisUrl, { lazyConnect: true, maxRetriesPerRequest: 1, retryStrategy: () => null })
  // Each command below tells its own failure.
  redis.on('error', () => {})
  await redis.connect().catch((cause: unknown) => {
    throw new CannotBorrow('REDIS_URL', cause)
  })
  held.defer(() => redis.disconnect())
  for (const number of NUMBERS) {
    if (!(await claim(redis, number))) continue
    held.defer(async () => void (await redis.flushdb()))
    return number
  }
  return null
}

/** Takes a numbered database where nothing else is. A note of ours that is there already is another demo's. */
async function claim(redis: Redis, number: number): Promise<boolean> {
  try {
    await redis.select(number)
    if ((await redis.set(CLAIM, '1', 'NX')) !== 'OK') return false
    if ((await redis.dbsize()) === 1) return true
    await redis.del(CLAIM)
    return false
  } catch {
    // This Redis has fewer databases, or forbids them: another may do, and Postgres will.
    return false
  }
}
