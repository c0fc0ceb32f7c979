import { beforeAll, describe, expect, test } from 'vitest'
import { aClock } from '../../test/support/clock.ts'
import { aDeliveryRig, type DeliveryRig, FORCE } from '../../test/support/delivery-rig.ts'
import { asAgency } from '../database/connection.ts'
import { collect } from './collect.ts'
import { numberDispatches, queueStatus } from './queue-number-store.ts'
import { reportNonCollection } from './report-non-collection.ts'
import { settleDueDispatches } from './settle-due.ts'

const clock = aClock('2026-03-06T21:10:00Z')
let rig: DeliveryRig
let queues = 0

beforeAll(async () => {
  rig = await aDeliveryRig()
})

async function aQueue() {
  const id = `csc-upkeep-${++queues}`
  await rig.addRecipient({ id, service: 'childrens_social_care', channel: { kind: 'pull_queue' } }, clock.now())
  const client = { id: 'cli_collector', agency: id, scopes: [], desks: null }
  const room = { database: rig.app, keys: rig.keys, now: clock.now }
  return {
    id,
    store: (victimRisk = 'standard', hours = 24) =>
      rig.store(
        [{ recipientId: id, service: 'childrens_social_care', kind: 'notification', dueBy: clock.now().add({ hours }) }],
        { at: clock.now(), victimRisk },
      ),
    collect: async (max = 10, leaseSeconds = 60) =>
      JSON.parse((await collect(room, client, id, { max, leaseSeconds }))?.body ?? '').dispatches,
    status: (after = 0) => asAgency(rig.app, id, (trx) => queueStatus(trx, { id, agency: id }, after, 100)),
  }
}

describe('the numbers of a queue', () => {
  test('run from 1 without a gap, whoever commits late, and two workers at once give none twice', async () => {
    const queue = await aQueue()
    for (let count = 0; count < 7; count += 1) await queue.store()
    await Promise.all([numberDispatches(rig.worker.kysely, 3), numberDispatches(rig.worker.kysely, 3)])
    for (let count = 0; count < 5; count += 1) await queue.store()
    while ((await numberDispatches(rig.worker.kysely, 3)) > 0);
    const { last, gaps, firstUncollected } = await queue.status()
    expect(last).toBe(12)
    expect(gaps.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1))
    expect(firstUncollected?.sequence).toBe(1)
  })

  test('a dispatch whose transaction is still open is numbered after it, and is not skipped', async () => {
    const queue = await aQueue()
    const { ids } = await queue.store()
    await rig.worker.kysely.transaction().execute(async (trx) => {
      await trx
        .updateTable('dispatch')
        .set({ attempts: 0 })
        .where('id', '=', ids[0] ?? 'dsp_')
        .execute()
      await queue.store()
      await numberDispatches(rig.worker.kysely, 100)
    })
    expect((await queue.status()).last).toBe(1)
    await numberDispatches(rig.worker.kysely, 100)
    expect((await queue.status()).gaps.map(({ sequence }) => sequence)).toEqual([1, 2])
  })

  test('stand on what is collected, and name what was withdrawn', async () => {
    const queue = await aQueue()
    await queue.store('high')
    const { ids } = await queue.store()
    await numberDispatches(rig.worker.kysely, 100)
    expect((await queue.collect(1))[0]).toMatchObject({ sequence: 1 })
    await rig.worker.query(`update dispatch set state = 'withdrawn', next_at = null where id = $1`, [ids[0]])
    expect((await queue.status()).gaps).toEqual([
      expect.objectContaining({ sequence: 1, state: 'collected', collected: true }),
      { sequence: 2, id: ids[0], state: 'withdrawn', collected: false },
    ])
    expect((await queue.status(1)).gaps.map(({ sequence }) => sequence)).toEqual([2])
  })

  test('are not given to what nobody there may know of', async () => {
    const queue = await aQueue()
    const { ids } = await queue.store()
    await rig.worker.query(`update dispatch set state = 'held', hold_reason = 'restriction' where id = $1`, [ids[0]])
    await numberDispatches(rig.worker.kysely, 100)
    expect((await queue.status()).last).toBe(0)
  })
})

describe('what nobody collects', () => {
  const report = () => reportNonCollection(rig.due(), clock.now(), 500)
  const kinds = async (stream: string) => (await rig.events(stream)).map(({ kind }) => kind)
  const prompts = (recipient: string) =>
    rig.worker.query<{ key: string; role: string }>('select key, role from prompt where recipient_id = $1 order by key', [
      recipient,
    ])

  test('is told to its duty contact and to the force before the deadline, once', async () => {
    const queue = await aQueue()
    const { notification, ids } = await queue.store('high', 24)
    clock.moveBy({ minutes: 359, seconds: 59 })
    await report()
    expect(await kinds(notification)).toEqual(['dispatch released'])
    clock.moveBy({ seconds: 1 })
    await report()
    await report()
    expect(await kinds(notification)).toEqual(['dispatch released', 'dispatch not collected', 'task opened'])
    const tasks = await rig.worker.query('select desk, agency from task where notification_id = $1', [notification])
    expect(tasks).toEqual([{ desk: 'domestic_abuse_review', agency: FORCE }])
    expect(await prompts(queue.id)).toEqual([{ key: `${ids[0]}|not collected`, role: 'duty' }])
  })

  test('is told of also where one before it cannot be written down, and that one is looked at again later', async () => {
    const queue = await aQueue()
    const { notification: bad } = await queue.store('high', 24)
    const { notification: good } = await queue.store('high', 24)
    clock.moveBy({ hours: 6 })
    await rig.refuseEventsOf(bad)
    const faults: unknown[] = []
    await reportNonCollection(
      rig.due((fault) => faults.push(fault)),
      clock.now(),
      500,
    )
    expect(await kinds(good)).toContain('dispatch not collected')
    expect(faults.length).toBeGreaterThan(0)
    await report()
    await rig.refuseEventsOf(null)
    clock.moveBy({ minutes: 15 })
    await report()
    expect(await kinds(bad)).toContain('dispatch not collected')
  })

  test('is in the digest of each day from then on, one prompt a queue however much lies there', async () => {
    const queue = await aQueue()
    await queue.store('standard', 2)
    await queue.store('standard', 2)
    clock.moveBy({ hours: 1 })
    await report()
    clock.moveBy({ hours: 24 })
    await report()
    expect((await prompts(queue.id)).filter(({ key }) => key.startsWith(queue.id))).toHaveLength(1)
    clock.moveBy({ hours: 24 })
    await report()
    expect((await prompts(queue.id)).filter(({ key }) => key.startsWith(queue.id))).toHaveLength(2)
  })

  test('is not told of what is collected, unless its lease ends without an acknowledgement', async () => {
    const queue = await aQueue()
    const { notification } = await queue.store('standard', 2)
    await queue.collect(10, 3_600)
    clock.moveBy({ minutes: 59, seconds: 59 })
    await report()
    expect(await kinds(notification)).not.toContain('dispatch not collected')
    clock.moveBy({ seconds: 1 })
    await settleDueDispatches(rig.due(), clock.now(), 500)
    await report()
    expect((await rig.events(notification)).find(({ kind }) => kind === 'dispatch not collected')?.body).toContain(
      '"collectedBefore":true',
    )
  })
})
