import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aClock } from '../../test/support/clock.ts'
import { aDeliveryRig, type DeliveryRig } from '../../test/support/delivery-rig.ts'
import { aQueueApi } from '../../test/support/queue-api.ts'
import type { App } from '../access/app.ts'
import { createKey } from '../access/keys-store.ts'

/** What a recipient can still be shown, and what counts as shown: on it rests whether it is told that something changed. */
const clock = aClock('2026-03-06T21:10:00Z')
let rig: DeliveryRig
let app: App
let queues = 0

beforeAll(async () => {
  rig = await aDeliveryRig()
  app = await aQueueApi(rig, clock.now)
})
afterAll(() => app.close())

async function aDispatch() {
  const queue = `csc-seen-${++queues}`
  await rig.addRecipient({ id: queue, service: 'childrens_social_care', channel: { kind: 'pull_queue' } }, clock.now())
  const { ids } = await rig.store([{ recipientId: queue, service: 'childrens_social_care' }], { at: clock.now() })
  const { key } = await rig.asOwner((db) => createKey(db, queue, ['dispatches:collect'], clock.now()))
  const call = async (method: 'GET' | 'POST', url: string, payload?: Record<string, unknown>) => {
    const headers = { authorization: `Bearer ${key}`, 'daymark-purpose': 'safeguarding' }
    const answer = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) })
    return { status: answer.statusCode, text: answer.body, body: answer.json() }
  }
  const path = `/v1/dispatches/${ids[0]}`
  return {
    read: () => call('GET', path),
    acknowledge: () => call('POST', `${path}/acknowledgement`, { by: 'duty' }),
    giveBack: () => call('POST', `${path}/return`, { reason: 'not_ours' }),
    collect: async () => (await call('POST', `/v1/queues/${queue}/collect`, { max: 1, leaseSeconds: 60 })).body.dispatches,
    set: (sql: string) => rig.worker.query(`update dispatch set ${sql} where id = $1`, [ids[0]]),
    suspendUntil: (until: Temporal.Instant | null) =>
      rig.worker.query('update recipient set suspended_until = $2 where id = $1', [queue, until]),
    row: async () => {
      const text = 'select state, shown, next_at is null as over from dispatch where id = $1'
      return (await rig.worker.query<{ state: string; shown: boolean; over: boolean }>(text, [ids[0]]))[0]
    },
  }
}

const CHILD = 'Quillfeather'

describe('what was read and never collected', () => {
  test('counts as seen, so that it is corrected and recalled and not taken back in silence', async () => {
    const { read, row, collect } = await aDispatch()
    expect((await read()).text).toContain(CHILD)
    expect(await row()).toMatchObject({ state: 'released', shown: true })
    expect(await collect()).toHaveLength(1)
  })
})

describe('what nobody has seen', () => {
  test('and was withdrawn is shown to nobody any more', async () => {
    const { read, set } = await aDispatch()
    await set(`state = 'withdrawn', next_at = null`)
    const shown = await read()
    expect(shown.text).not.toContain(CHILD)
    expect(shown.body.content).toEqual({ noLongerSo: true, readInstead: null })
  })

  test('and is held back cannot be acknowledged into being seen', async () => {
    const { acknowledge, read, row, set } = await aDispatch()
    await set('changing = true')
    expect((await acknowledge()).status).toBe(409)
    expect((await read()).text).not.toContain(CHILD)
    expect(await row()).toEqual({ state: 'released', shown: false, over: false })
    await set('changing = false')
    expect((await acknowledge()).status).toBe(200)
  })

  test('and was given back all the same stays unseen', async () => {
    const { giveBack, read, row } = await aDispatch()
    expect((await giveBack()).status).toBe(200)
    expect((await read()).status).toBe(404)
    expect(await row()).toMatchObject({ state: 'held', shown: false })
  })
})

test('a suspended route hands nothing out, whoever has a key to the queue, and goes on where it was', async () => {
  const { collect, read, suspendUntil } = await aDispatch()
  await suspendUntil(clock.now().add({ hours: 1 }))
  expect(await collect()).toEqual([])
  expect((await read()).status).toBe(404)
  clock.moveBy({ hours: 1 })
  expect(await collect()).toHaveLength(1)
})
