import { Redis } from 'ioredis'
import { describe, inject, test } from 'vitest'

/** What a queue may run on. `redisUrl` is what the setting REDIS_URL would hold: null is BullMQ on Postgres. */
export type QueueBackend = { readonly name: 'Redis' | 'Postgres'; readonly redisUrl: string | null }

/**
 * Every queue suite runs on each of these: `describe.each(queueBackends)('the doorbell on $name', ({ redisUrl }) => …)`.
 * A file has a Redis database of its own, empty when it starts. A suite that empties or kills the whole server starts one of
 * its own, by `aRedis`.
 */
export const queueBackends: readonly QueueBackend[] = [
  { name: 'Postgres', redisUrl: null },
  ...(await redisForThisFile(inject('redisUrl'))),
]

if (queueBackends.length === 1) {
  describe('the queue suites on Redis', () => {
    test.skip('NOT RUN: there is no Redis on this machine, see the top of this output', () => undefined)
  })
}

async function redisForThisFile(serverUrl: string | null): Promise<QueueBackend[]> {
  if (serverUrl === null) return []
  const url = new URL(serverUrl)
  // The files that run at the same moment each have another pool id, counted from 1.
  url.pathname = `/${process.env.VITEST_POOL_ID ?? '1'}`
  const redis = new Redis(url.href)
  await redis.flushdb()
  await redis.quit()
  return [{ name: 'Redis', redisUrl: url.href }]
}
