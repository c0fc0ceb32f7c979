import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aClock } from '../../test/support/clock.ts'
import { aDeliveryRig, type DeliveryRig } from '../../test/support/delivery-rig.ts'
import { waitFor } from '../../test/support/wait-for.ts'
import { openAccess } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { createKey } from '../access/keys-store.ts'
import { buildWeb } from '../web.ts'
import { queueRoutes } from './queue-routes.ts'
import { watchQueues } from './queue-watch.ts'

const clock = aClock('2026-03-06T21:10:00Z')
let rig: DeliveryRig
let app: App
let url: string
let queues = 0

async function aWeb(arrived = () => {}): Promise<App> {
  return buildWeb({
    logger: false,
    requestsPerSecondMax: 100_000,
    version: 'test',
    addRoutes: (to) => {
      to.addHook('preHandler', async () => arrived())
      queueRoutes(to, { access: openAccess(rig.app.kysely, clock.now), database: rig.app, keys: rig.keys, now: clock.now })
    },
  })
}

beforeAll(async () => {
  rig = await aDeliveryRig()
  app = await aWeb()
  url = await app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => app.close())

async function aCollector(at = url) {
  const id = `csc-waiting-${++queues}`
  await rig.addRecipient({ id, service: 'childrens_social_care', channel: { kind: 'pull_queue' } }, clock.now())
  const { key } = await rig.asOwner((db) => createKey(db, id, ['dispatches:collect'], clock.now()))
  const collect = (asked: Record<string, unknown>, signal?: AbortSignal) =>
    fetch(`${at}/v1/queues/${id}/collect`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ max: 1, leaseSeconds: 60, ...asked }),
      signal: signal ?? null,
    })
  return { id, collect, store: () => rig.store([{ recipientId: id }], { at: clock.now() }) }
}

const idsIn = async (answer: Response): Promise<string[]> =>
  JSON.parse(await answer.text()).dispatches.map(({ id }: { id: string }) => id)

describe('a collector that waits', () => {
  test('is answered as soon as something comes', async () => {
    const { collect, store } = await aCollector()
    const waiting = collect({ waitSeconds: 20 })
    const { ids } = await store()
    expect(await idsIn(await waiting)).toEqual(ids)
  })

  test('is answered empty when its time is up', async () => {
    const { collect } = await aCollector()
    expect(await idsIn(await collect({ waitSeconds: 1 }))).toEqual([])
  })

  test('and hangs up is given nothing: what comes later is there for the next', async () => {
    const { collect, store } = await aCollector()
    const leaving = new AbortController()
    const left = collect({ waitSeconds: 20 }, leaving.signal).catch((fault: Error) => fault.name)
    const stayed = collect({ waitSeconds: 20 })
    leaving.abort()
    expect(await left).toBe('AbortError')
    const { ids } = await store()
    expect(await idsIn(await stayed)).toEqual(ids)
  })

  test('beside many others of its queue is given its own, and nobody the same', async () => {
    const { collect, store } = await aCollector()
    const waiting = Array.from({ length: 20 }, () => collect({ waitSeconds: 20 }).then(idsIn))
    const stored = await Promise.all(Array.from({ length: 20 }, store))
    const given = (await Promise.all(waiting)).flat()
    expect(given.toSorted()).toEqual(stored.flatMap(({ ids }) => ids).toSorted())
  })

  test('holds no connection meanwhile', async () => {
    const { collect, store } = await aCollector()
    const waiting = Array.from({ length: 12 }, () => collect({ waitSeconds: 20 }).then(idsIn))
    const idle = await waitFor('nobody is in a transaction while twelve wait', async () => {
      const rows = await rig.worker.query<{ open: number }>(
        `select count(*)::int as open from pg_stat_activity where application_name = 'daymark_app' and datname = current_database() and state like 'idle in%'`,
        [],
      )
      return rows[0]?.open === 0
    })
    expect(idle).toBe(true)
    await Promise.all(Array.from({ length: 12 }, store))
    await Promise.all(waiting)
  })

  test('is let go with an empty answer when the process stops', async () => {
    let arrived = false
    const own = await aWeb(() => {
      arrived = true
    })
    const { collect } = await aCollector(await own.listen({ host: '127.0.0.1', port: 0 }))
    const waiting = collect({ waitSeconds: 20 })
    await waitFor('the request has arrived', () => arrived)
    const [answer] = await Promise.all([waiting, own.close()])
    expect(answer.status).toBe(200)
    expect(await idsIn(answer)).toEqual([])
  })

  test.each([-1, 21, 1.5])('may not ask to wait %s seconds', async (waitSeconds) => {
    const { collect } = await aCollector()
    expect((await collect({ waitSeconds })).status).toBe(400)
  })
})

test('a look that fails ends nobody’s wait, and the next one finds what is there', async () => {
  let looks = 0
  const faults: unknown[] = []
  const watch = watchQueues(
    async () => {
      looks += 1
      if (looks === 1) throw new Error('Postgres is away')
      return new Map([['q', 1]])
    },
    (fault) => void faults.push(fault),
  )
  expect(await watch.wait('q', new AbortController().signal)).toBe(true)
  expect(faults).toHaveLength(1)
  watch.close()
  expect(await watch.wait('q', new AbortController().signal)).toBe(false)
})
