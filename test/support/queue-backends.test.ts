import { Redis } from 'ioredis'
import { describe, expect, inject, test } from 'vitest'
import { queueBackends } from './queue-backends.ts'

describe('the queues that every queue suite runs on', () => {
  test('are BullMQ on Postgres and, where there is one, on Redis', () => {
    const names = inject('redisUrl') === null ? ['Postgres'] : ['Postgres', 'Redis']
    expect(queueBackends.map(({ name }) => name)).toEqual(names)
  })

  test.each(queueBackends)('$name starts empty, in a place of this file’s own', async ({ redisUrl }) => {
    if (redisUrl === null) return
    const redis = new Redis(redisUrl)
    expect(new URL(redisUrl).pathname).toMatch(/^\/[1-9]\d*$/)
    expect(await redis.dbsize()).toBe(0)
    await redis.quit()
  })
})
