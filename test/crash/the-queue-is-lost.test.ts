import { Redis } from 'ioredis'
import { beforeAll, describe, expect, test } from 'vitest'
import type { PrivateRedis } from '../../src/underneath/private-redis.ts'
import { findRedis } from '../../src/underneath/private-redis.ts'
import { aRedis } from '../support/redis.ts'
import { waitFor } from '../support/wait-for.ts'
import { aServiceToBreak, type BreakableService, numbersFrom } from './breakable-service.ts'
import { expectNothingLost } from './expect-nothing-lost.ts'

const LOAD_TIMEOUT_MS = 90_000
/** Long enough that every hint, lease and lock of the queue has run out while it is away. */
const AWAY_MS = 12_000

const there = (await findRedis({ mayDownload: true })) !== null

describe.skipIf(!there)('Redis holds nothing that Postgres does not', () => {
  let redis: PrivateRedis
  let service: BreakableService

  beforeAll(async () => {
    const started = await aRedis({ appendOnly: false })
    if (started === null) throw new Error('Redis was there a moment ago')
    redis = started
    service = await aServiceToBreak(redis.url)
    await service.aWorker()
  })

  test('FLUSHALL under load, again and again, loses nothing', { timeout: LOAD_TIMEOUT_MS }, async () => {
    const client = new Redis(redis.url)
    const sending = service.send(numbersFrom(0, 200))
    for (const taken of [20, 60, 100, 140, 180]) {
      await waitFor(`${taken} are taken in`, () => service.accepted.size >= taken)
      await client.flushall()
    }
    await sending
    await client.flushall()
    client.disconnect()
    await expectNothingLost(service)
  })

  test('a Redis killed under load that comes back with nothing loses nothing', { timeout: LOAD_TIMEOUT_MS }, async () => {
    const before = service.accepted.size
    const sending = service.send(numbersFrom(1_000, 150))
    for (const taken of [40, 90]) {
      await waitFor(`${taken} more are taken in`, () => service.accepted.size >= before + taken)
      await redis.kill9()
      await redis.restart()
    }
    await sending
    await expectNothingLost(service)
  })

  test('while Redis is away intake, queues and webhooks go on, health says so, and its return is used', {
    timeout: LOAD_TIMEOUT_MS,
  }, async () => {
    await redis.kill9()
    const wentAway = performance.now()
    expect(await queueHealth()).toBe('WARN')
    let next = 2_000
    while (performance.now() - wentAway < AWAY_MS) {
      const receipts = await service.send(numbersFrom(next, 10))
      next += 10
      await expectNothingLost(service)
      await collectAndAcknowledge(receipts.length)
    }
    await redis.restart()
    await waitFor('the queue is back', async () => (await queueHealth()) === 'UP')
    await service.send(numbersFrom(next, 20))
    await expectNothingLost(service)
    await waitFor('bells are answered from Redis again', async () => (await jobsTaken()) > 0)
  })

  async function queueHealth(): Promise<string> {
    return (await service.operator.get('/health')).body.components.queue.status
  }

  async function collectAndAcknowledge(count: number): Promise<void> {
    const collected = await service.socialCare.post('/v1/queues/csc-E06000015/collect', { max: count, leaseSeconds: 60 })
    expect(collected.status, JSON.stringify(collected.body)).toBe(200)
    expect(collected.body.dispatches).toHaveLength(count)
    for (const { id, lease } of collected.body.dispatches) {
      const said = await service.socialCare.post(`/v1/dispatches/${id}/acknowledgement`, { leaseToken: lease.token, by: 'sw-1' })
      expect(said.status, JSON.stringify(said.body)).toBe(200)
    }
  }

  /** A job that is taken counts up the queue's own counter of its ids; Redis came back with none. */
  async function jobsTaken(): Promise<number> {
    const client = new Redis(redis.url)
    const stats = await client.info('commandstats')
    client.disconnect()
    return Number(/cmdstat_bzpopmin:calls=(\d+)/.exec(stats)?.[1] ?? 0)
  }
})

if (!there) test.skip('NOT RUN: there is no Redis on this machine to be lost', () => undefined)
