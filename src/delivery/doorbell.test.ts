import { connect, createServer } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { aDatabase, type DatabaseForTests } from '../../test/support/database.ts'
import { queueBackends } from '../../test/support/queue-backends.ts'
import { aRedis } from '../../test/support/redis.ts'
import { waitFor } from '../../test/support/wait-for.ts'
import { freePort } from '../underneath/free-port.ts'
import { answerDoorbell, type BellName, type Doorbell, openDoorbell } from './doorbell.ts'

let database: DatabaseForTests
const open: { close: () => Promise<void> }[] = []

beforeAll(async () => {
  database = await aDatabase()
})
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

function aBell(redisUrl: string | null, name: BellName = 'delivery'): Doorbell {
  const bell = openDoorbell({ name, redisUrl, databaseUrl: database.url })
  open.push(bell)
  return bell
}

/** Somebody who writes down which bells they heard. */
function somebody(redisUrl: string | null, name: BellName = 'delivery', answer: (id: string) => Promise<void> = async () => {}) {
  const heard: string[] = []
  const faults: unknown[] = []
  const answering = answerDoorbell({
    name,
    redisUrl,
    databaseUrl: database.url,
    concurrency: 8,
    answer: async (id: string) => {
      heard.push(id)
      await answer(id)
    },
    faulted: (fault) => faults.push(fault),
  })
  open.push(answering)
  return { heard, faults }
}

describe.each(queueBackends)('the doorbell on $name', ({ redisUrl }) => {
  test('is heard for every id', async () => {
    const { heard } = somebody(redisUrl)
    const bell = aBell(redisUrl)
    await waitFor('the queue answers', () => bell.answers())
    bell.ring(['dsp_1', 'dsp_2'])
    bell.ring(['dsp_3'])
    await waitFor('three bells are heard', () => heard.length === 3)
    expect(heard.toSorted()).toEqual(['dsp_1', 'dsp_2', 'dsp_3'])
    expect(bell.dropped()).toBe(0)
  })

  test('is heard again for an id that was heard before', async () => {
    const { heard } = somebody(redisUrl)
    const bell = aBell(redisUrl)
    await waitFor('the queue answers', () => bell.answers())
    for (const times of [1, 2, 3]) {
      expect(await bell.ringAndTell(['dsp_again'])).toBe(true)
      await waitFor(`it is heard ${times} times`, () => heard.length === times)
    }
  })

  test('is heard for an id whose first bell is still being answered', async () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    const { heard } = somebody(redisUrl, 'delivery', () => held)
    const bell = aBell(redisUrl)
    await waitFor('the queue answers', () => bell.answers())
    expect(await bell.ringAndTell(['dsp_slow'])).toBe(true)
    await waitFor('it is heard', () => heard.length === 1)
    expect(await bell.ringAndTell(['dsp_slow'])).toBe(true)
    await waitFor('it is heard again', () => heard.length === 2)
    letGo()
  })

  test('is apart from the other doorbell', async () => {
    const triage = somebody(redisUrl, 'triage')
    const delivery = somebody(redisUrl, 'delivery')
    const bell = aBell(redisUrl, 'triage')
    await waitFor('the queue answers', () => bell.answers())
    expect(await bell.ringAndTell(['ntf_1'])).toBe(true)
    await waitFor('triage hears it', () => triage.heard.length === 1)
    expect(delivery.heard).toEqual([])
  })

  test('goes on after an answer that failed', async () => {
    const { heard, faults } = somebody(redisUrl, 'delivery', async (id) => {
      if (id === 'dsp_bad') throw new Error('it cannot be done')
    })
    const bell = aBell(redisUrl)
    await waitFor('the queue answers', () => bell.answers())
    expect(await bell.ringAndTell(['dsp_bad', 'dsp_good'])).toBe(true)
    await waitFor('both are heard', () => heard.length === 2)
    expect(faults).toHaveLength(1)
  })
})

describe('when the queue is away', () => {
  test.each([
    { name: 'Redis', redisUrl: 'redis://127.0.0.1:1', databaseUrl: null },
    { name: 'Postgres', redisUrl: null, databaseUrl: 'postgres://127.0.0.1:1/none' },
  ])('ringing on $name says so at once and drops the bell', async ({ redisUrl, databaseUrl }) => {
    const bell = openDoorbell({ name: 'delivery', redisUrl, databaseUrl: databaseUrl ?? database.url })
    open.push(bell)
    const from = performance.now()
    expect(await bell.ringAndTell(['dsp_1'])).toBe(false)
    expect(performance.now() - from).toBeLessThan(1_500)
    bell.ring(['dsp_2', 'dsp_3'])
    await waitFor('the bells are dropped', () => bell.dropped() === 3)
    expect(await bell.answers()).toBe(false)
    expect(await bell.forgot()).toBe(false)
  })

  test('both sides close all the same', async () => {
    const away = { name: 'delivery', redisUrl: 'redis://127.0.0.1:1', databaseUrl: database.url } as const
    const answering = answerDoorbell({ ...away, concurrency: 1, answer: async () => {}, faulted: () => {} })
    const bell = openDoorbell(away)
    bell.ring(['dsp_1'])
    await answering.close()
    await bell.close()
  })
})

const redis = await aRedis({ appendOnly: false })

describe.skipIf(redis === null)('a Redis that is killed', () => {
  test('has forgotten everything, says so once, and is rung again', async () => {
    if (redis === null) return
    const { heard } = somebody(redis.url)
    const bell = aBell(redis.url)
    await waitFor('the queue answers', () => bell.answers())
    expect(await bell.forgot()).toBe(true)
    expect(await bell.forgot()).toBe(false)

    await redis.kill9()
    await waitFor('the queue is away', async () => !(await bell.ringAndTell(['dsp_lost'])))
    await redis.restart()
    await waitFor('the queue answers', () => bell.answers())
    expect(await bell.forgot()).toBe(true)
    expect(await bell.forgot()).toBe(false)
    await waitFor('a bell is heard', async () => (await bell.ringAndTell(['dsp_after'])) && heard.includes('dsp_after'))
  })
})

describe('a queue on Postgres that cannot be reached when a process starts', () => {
  test('is opened anew, on both sides, and bells are heard from then on', async () => {
    const postgres = new URL(database.url)
    const port = await freePort()
    const through = new URL(database.url)
    through.port = String(port)
    const heard: string[] = []
    const address = { name: 'delivery', redisUrl: null, databaseUrl: through.href } as const
    open.push(
      answerDoorbell({ ...address, concurrency: 1, answer: async (id: string) => void heard.push(id), faulted: () => {} }),
    )
    const bell = openDoorbell(address)
    open.push(bell)
    expect(await bell.ringAndTell(['dsp_1'])).toBe(false)
    const way = createServer((socket) => {
      const on = connect(Number(postgres.port), postgres.hostname)
      pipeline(socket, on, socket).catch(() => {})
    })
    open.push({ close: async () => void way.close() })
    way.listen(port, '127.0.0.1')
    await waitFor('a bell is taken', () => bell.ringAndTell(['dsp_2']))
    await waitFor('a bell is heard', () => heard.length > 0)
  })
})
