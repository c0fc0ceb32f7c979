import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { aClock } from '../../test/support/clock.ts'
import { aDeliveryRig, type DeliveryRig } from '../../test/support/delivery-rig.ts'
import { queueBackends } from '../../test/support/queue-backends.ts'
import { aReceiver } from '../../test/support/receiver.ts'
import { aRedis } from '../../test/support/redis.ts'
import { waitFor } from '../../test/support/wait-for.ts'
import { answerDoorbell, openDoorbell } from './doorbell.ts'
import { startDueLoop } from './due-loop.ts'
import { openDelivery } from './open-delivery.ts'

const SECRET = 'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='
const START = '2026-03-06T21:10:00Z'
let rig: DeliveryRig
let schools = 0
const open: { close: () => Promise<void> }[] = []

beforeAll(async () => {
  rig = await aDeliveryRig()
})
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

/** A worker process's delivery, and a school that listens. */
async function aWorker(redisUrl: string | null, { answering }: { answering: boolean }) {
  const clock = aClock(START)
  const school = await aReceiver()
  const recipientId = `school-${++schools}`
  await rig.addRecipient({ id: recipientId, channel: { kind: 'webhook', url: school.url }, secrets: [SECRET] }, clock.now())
  const faults: unknown[] = []
  const queue = { name: 'delivery', redisUrl, databaseUrl: rig.url } as const
  const bell = openDoorbell(queue)
  const delivery = openDelivery({
    database: rig.worker,
    keys: rig.keys,
    now: clock.now,
    wall: () => Temporal.Instant.from(START),
    webhookAllow: new Set([school.host]),
    mail: null,
    publicUrl: null,
    bell,
    faulted: (fault) => faults.push(fault),
  })
  open.push(bell, delivery)
  if (answering) {
    open.push(answerDoorbell({ ...queue, concurrency: 8, answer: delivery.send, faulted: (fault) => faults.push(fault) }))
  }
  open.push(startDueLoop({ sources: delivery.sources, now: clock.now, faulted: (_, fault) => faults.push(fault) }))
  // Stored as if the bell that was rung after the commit had been lost: the hint stands, and nobody heard.
  const store = () => rig.store([{ recipientId }], { at: clock.now() })
  return { clock, school, store, faults, bell }
}

describe.each(queueBackends)('the due loop with the queue on $name', ({ redisUrl }) => {
  test('rings again for a bell that was lost', async () => {
    const { clock, school, store, faults } = await aWorker(redisUrl, { answering: true })
    await store()
    expect(school.received).toEqual([])
    clock.moveBy({ seconds: 5 })
    await waitFor('the school is told', () => school.received.length === 1)
    expect(faults).toEqual([])
  })

  test('delivers by itself when the queue takes bells and nobody answers them', async () => {
    const { clock, school, store } = await aWorker(redisUrl, { answering: false })
    await store()
    clock.moveBy({ seconds: 5 })
    await waitFor('the school is told', () => school.received.length === 1)
  })

  test('tries again by itself until the school is back', async () => {
    const { clock, school, store } = await aWorker(redisUrl, { answering: true })
    school.answerWith({ kind: 'status', status: 500 })
    const { ids } = await store()
    await waitFor('four attempts', () => {
      clock.moveBy({ minutes: 1 })
      return school.received.length >= 4
    })
    school.answerWith({ kind: 'status', status: 200 })
    await waitFor('it is delivered', async () => {
      clock.moveBy({ minutes: 1 })
      const [row] = await rig.worker.query<{ state: string }>('select state from dispatch where id = $1', [ids[0]])
      return row?.state === 'delivered'
    })
  })
})

describe('without the queue', () => {
  test('the due loop delivers', async () => {
    const { clock, school, store } = await aWorker('redis://127.0.0.1:1', { answering: false })
    await store()
    clock.moveBy({ seconds: 5 })
    await waitFor('the school is told', () => school.received.length === 1)
  })
})

const redis = await aRedis({ appendOnly: false })

describe.skipIf(redis === null)('a Redis that is killed and comes back empty', () => {
  test('loses nothing', async () => {
    if (redis === null) return
    const { clock, school, store, bell } = await aWorker(redis.url, { answering: true })
    await waitFor('the queue answers', () => bell.answers())
    for (let stored = 0; stored < 20; stored += 1) await store()
    await redis.kill9()
    clock.moveBy({ seconds: 5 })
    await waitFor('every school is told', () => school.received.length === 20)
    for (let stored = 0; stored < 20; stored += 1) await store()
    await redis.restart()
    // The clock stands still, so no hint runs out: the sentinel is gone, and with it every hint is forgotten.
    await waitFor('every school is told again', () => school.received.length === 40)
    expect(new Set(school.received.map(({ headers }) => headers['webhook-id'])).size).toBe(40)
  })
})
