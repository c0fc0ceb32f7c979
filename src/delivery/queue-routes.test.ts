import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aClock } from '../../test/support/clock.ts'
import { aDeliveryRig, type DeliveryRig, FORCE } from '../../test/support/delivery-rig.ts'
import { aQueueApi } from '../../test/support/queue-api.ts'
import type { App } from '../access/app.ts'
import { createKey } from '../access/keys-store.ts'
import { emptyStream, link } from '../audit/chain.ts'
import { asAgency, type Db } from '../database/connection.ts'
import { newId } from '../database/new-id.ts'
import { appendCollected, collectDispatches } from './collect-store.ts'
import { settleDueDispatches } from './settle-due.ts'

const clock = aClock('2026-03-06T21:10:00Z')
let rig: DeliveryRig
let app: App
let queues = 0

beforeAll(async () => {
  rig = await aDeliveryRig()
  app = await aQueueApi(rig, clock.now)
})
afterAll(() => app.close())

/** Someone who may call for an agency. */
async function aClientOf(agency: string) {
  const { id, key } = await rig.asOwner((db) => createKey(db, agency, ['dispatches:collect'], clock.now()))
  const call = async (method: 'GET' | 'POST', url: string, payload?: Record<string, unknown>, headers = {}) => {
    const response = await app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${key}`, ...headers },
      ...(payload ? { payload } : {}),
    })
    return { status: response.statusCode, headers: response.headers, body: response.json() }
  }
  return { id, call }
}

/** A queue of an agency of its own, somebody who collects from it, and dispatches in it. */
async function aQueue(dispatches: { victimRisk?: string; dueInHours?: number }[]) {
  const id = `csc-${++queues}`
  await rig.addRecipient({ id, service: 'childrens_social_care', channel: { kind: 'pull_queue' } }, clock.now())
  const stored = []
  for (const { victimRisk = 'standard', dueInHours = 24 } of dispatches) {
    const dueBy = clock.now().add({ hours: dueInHours })
    const planned = { recipientId: id, service: 'childrens_social_care', kind: 'notification', dueBy } as const
    const { notification, ids } = await rig.store([planned], { at: clock.now(), victimRisk })
    stored.push({ notification, id: ids[0] ?? 'none' })
  }
  return { id, stored, client: await aClientOf(id) }
}

const collecting = (max = 10, leaseSeconds = 60) => ({ max, leaseSeconds })
const kindsOf = async (stream: string) => (await rig.events(stream)).map(({ kind }) => kind)

describe('a pull queue', () => {
  test('gives the highest victim risk first, not graded with high, then the soonest due', async () => {
    const { id, stored, client } = await aQueue([
      { victimRisk: 'standard', dueInHours: 1 },
      { victimRisk: 'medium', dueInHours: 2 },
      { victimRisk: 'not_graded', dueInHours: 9 },
      { victimRisk: 'high', dueInHours: 10 },
      { victimRisk: 'high', dueInHours: 8 },
    ])
    const { status, body } = await client.call('POST', `/v1/queues/${id}/collect`, collecting())
    expect(status).toBe(200)
    const order = [4, 2, 3, 1, 0].map((index) => stored[index]?.id)
    expect(body.dispatches.map((one: { id: string }) => one.id)).toEqual(order)
    expect(body.dispatches[0]).toMatchObject({
      state: 'collected',
      content: { child: { givenNames: 'Merrin' } },
      lease: { expiresAt: '2026-03-06T21:11:00Z' },
    })
  })

  test('records each collection as a disclosure with its purpose and the caller', async () => {
    const { id, stored, client } = await aQueue([{}])
    await client.call('POST', `/v1/queues/${id}/collect`, collecting())
    const events = await rig.events(stored[0]?.notification ?? '')
    expect(events.at(-1)).toMatchObject({ kind: 'dispatch collected', actor: client.id, dispatch: stored[0]?.id })
    expect(events.at(-1)?.body).toContain('"purpose":"collection"')
  })

  test('never gives two callers the same dispatch', async () => {
    const { id, stored, client } = await aQueue(Array.from({ length: 60 }, () => ({})))
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => client.call('POST', `/v1/queues/${id}/collect`, collecting(7))),
    )
    const given = answers.flatMap(({ body }) => body.dispatches.map((one: { id: string }) => one.id))
    expect(new Set(given).size).toBe(given.length)
    expect(new Set(given)).toEqual(new Set(stored.map((one) => one.id)))
  })

  test('gives a dispatch again once its lease has ended, with or without the due loop', async () => {
    const { id, stored, client } = await aQueue([{}])
    const first = await client.call('POST', `/v1/queues/${id}/collect`, collecting())
    expect((await client.call('POST', `/v1/queues/${id}/collect`, collecting())).body.dispatches).toEqual([])
    clock.moveBy({ seconds: 60 })
    const second = await client.call('POST', `/v1/queues/${id}/collect`, collecting())
    expect(second.body.dispatches.map((one: { id: string }) => one.id)).toEqual([stored[0]?.id])
    expect(second.body.dispatches[0].lease.token).not.toBe(first.body.dispatches[0].lease.token)
    clock.moveBy({ seconds: 60 })
    await settleDueDispatches(rig.due(), clock.now(), 500)
    expect((await client.call('POST', `/v1/queues/${id}/collect`, collecting())).body.dispatches).toHaveLength(1)
    expect(await kindsOf(stored[0]?.notification ?? '')).toEqual([
      'dispatch released',
      'dispatch collected',
      'lease expired',
      'dispatch collected',
      'lease expired',
      'dispatch collected',
    ])
  })

  test('gives what stands behind a dispatch that cannot be opened, and asks a person about that one', async () => {
    const { id, stored, client } = await aQueue([{ victimRisk: 'high' }, {}, {}])
    const [bad, ...others] = stored
    const damage = (content: string) => rig.worker.query(`update dispatch set content = ${content} where id = $1`, [bad?.id])
    const givenTo = async () =>
      (await client.call('POST', `/v1/queues/${id}/collect`, collecting())).body.dispatches.map((one: { id: string }) => one.id)
    await damage(`content || '\\x00'`)
    expect(await givenTo()).toEqual(others.map((one) => one.id))
    clock.moveBy({ seconds: 60 })
    expect(await givenTo()).toEqual(others.map((one) => one.id))
    const listed = await client.call('GET', `/v1/queues/${id}/dispatches?state=released`)
    expect(listed.body.dispatches).toMatchObject([{ id: bad?.id, collectedAt: null }])
    await settleDueDispatches(rig.due(), clock.now(), 500)
    clock.moveBy({ minutes: 15 })
    await givenTo()
    expect(await kindsOf(bad?.notification ?? '')).toEqual([
      'dispatch released',
      'dispatch set aside',
      'dispatch escalated',
      'task opened',
    ])
    await damage('substr(content, 1, length(content) - 1)')
    clock.moveBy({ minutes: 15 })
    expect(await givenTo()).toContain(bad?.id)
  })

  test.each(['education_setting', 'education_authority'] as const)(
    'of an %s never says how high the risk to the victim is',
    async (service) => {
      const id = `education-${++queues}`
      await rig.addRecipient({ id, service, channel: { kind: 'pull_queue' } }, clock.now())
      const { ids } = await rig.store([{ recipientId: id, service }], { at: clock.now(), victimRisk: 'high' })
      const { call } = await aClientOf(id)
      const answers = [
        await call('GET', '/v1/queues'),
        await call('GET', `/v1/queues/${id}/dispatches`),
        await call('POST', `/v1/queues/${id}/collect`, collecting()),
        await call('GET', `/v1/dispatches/${ids[0]}`, undefined, { 'daymark-purpose': 'reading it' }),
      ]
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
      for (const { body } of answers.slice(1)) {
        const [dispatch = body] = body.dispatches ?? []
        expect(dispatch).toMatchObject({ id: ids[0], victimRisk: null, about: ['c1'] })
      }
      const nobody = { high: null, notGraded: null, medium: null, standard: null }
      expect(answers[0]?.body.queues).toMatchObject([{ waiting: 1, oldestWaiting: nobody, oldestWaitingSeconds: nobody }])
    },
  )

  test('is listed in pages without what its dispatches say', async () => {
    const { id, stored, client } = await aQueue([{ dueInHours: 3 }, { dueInHours: 1 }, { dueInHours: 2 }])
    const first = await client.call('GET', `/v1/queues/${id}/dispatches?limit=2&state=released`)
    expect(first.body.dispatches.map((one: { id: string }) => one.id)).toEqual([stored[1]?.id, stored[2]?.id])
    expect(JSON.stringify(first.body)).not.toContain('Merrin')
    const [, next = ''] = /<(.+)>; rel="next"/.exec(String(first.headers.link)) ?? []
    const second = await client.call('GET', next)
    expect(second.body.dispatches.map((one: { id: string }) => one.id)).toEqual([stored[0]?.id])
    expect(second.headers.link).toBeUndefined()
    expect((await client.call('GET', `/v1/queues/${id}/dispatches?cursor=bm8`)).status).toBe(400)
  })

  test('says how full it is', async () => {
    const { id, client } = await aQueue([{ victimRisk: 'high' }, {}, {}])
    clock.moveBy({ minutes: 5 })
    await client.call('POST', `/v1/queues/${id}/collect`, collecting(1))
    expect((await client.call('GET', '/v1/queues')).body.queues).toMatchObject([
      { id, waiting: 2, collected: 1, overdue: 0, oldestWaitingSeconds: { high: null, standard: 300 } },
    ])
  })

  test.each([
    { max: 0, leaseSeconds: 60 },
    { max: 101, leaseSeconds: 60 },
    { max: 1, leaseSeconds: 9 },
    { max: 1, leaseSeconds: 3_601 },
    { max: 1, leaseSeconds: 60, wait: 1 },
  ])('refuses %o', async (asked) => {
    const { id, client } = await aQueue([])
    expect((await client.call('POST', `/v1/queues/${id}/collect`, asked)).status).toBe(400)
  })
})

describe('an acknowledgement', () => {
  async function aCollected() {
    const queue = await aQueue([{}])
    const { body } = await queue.client.call('POST', `/v1/queues/${queue.id}/collect`, collecting())
    const [dispatch] = body.dispatches
    const acknowledge = (said: Record<string, unknown>) =>
      queue.client.call('POST', `/v1/dispatches/${dispatch.id}/acknowledgement`, { by: 'duty', ...said })
    const notification = queue.stored[0]?.notification ?? ''
    return { ...queue, dispatch, token: dispatch.lease.token, acknowledge, notification }
  }

  test('with the lease’s token is recorded once, and answered the same again', async () => {
    const { acknowledge, token, notification, client } = await aCollected()
    const first = await acknowledge({ leaseToken: token })
    expect(first).toMatchObject({ status: 200, body: { state: 'acknowledged' } })
    clock.moveBy({ seconds: 5 })
    expect((await acknowledge({ leaseToken: token })).body).toEqual(first.body)
    const events = (await rig.events(notification)).filter(({ kind }) => kind === 'dispatch acknowledged')
    expect(events).toMatchObject([{ actor: client.id }])
    expect(events[0]?.body).not.toContain('duty')
  })

  test('without a token is the agency’s own to give', async () => {
    const { acknowledge } = await aCollected()
    expect((await acknowledge({})).status).toBe(200)
  })

  test('that comes late counts while nobody else has collected', async () => {
    const { acknowledge, token } = await aCollected()
    clock.moveBy({ seconds: 61 })
    await settleDueDispatches(rig.due(), clock.now(), 500)
    expect((await acknowledge({ leaseToken: token })).status).toBe(200)
  })

  test('with a token that is somebody else’s by now is refused', async () => {
    const { acknowledge, token, id, client } = await aCollected()
    clock.moveBy({ seconds: 61 })
    await client.call('POST', `/v1/queues/${id}/collect`, collecting())
    expect(await acknowledge({ leaseToken: token })).toMatchObject({ status: 409 })
    expect((await acknowledge({ leaseToken: 'lse_foreign' })).status).toBe(409)
  })

  test('of a delivered webhook is a separate call by the school', async () => {
    const id = `school-of-queues-${++queues}`
    await rig.addRecipient({ id, channel: { kind: 'webhook', url: 'https://school.example/daymark' } }, clock.now())
    const { ids } = await rig.store([{ recipientId: id }], { at: clock.now() })
    await rig.worker.query(`update dispatch set state = 'delivered', retry_at = null where id = $1`, [ids[0]])
    const school = await aClientOf(id)
    const answer = await school.call('POST', `/v1/dispatches/${ids[0]}/acknowledgement`, { by: 'key adult' })
    expect(answer).toMatchObject({ status: 200, body: { state: 'acknowledged' } })
  })

  test('ends every clock of the dispatch', async () => {
    const { acknowledge, dispatch } = await aCollected()
    await acknowledge({})
    clock.moveBy({ hours: 100 })
    await settleDueDispatches(rig.due(), clock.now(), 500)
    const rows = await rig.worker.query('select state, next_at, overdue from dispatch where id = $1', [dispatch.id])
    expect(rows).toEqual([{ state: 'acknowledged', next_at: null, overdue: false }])
  })
})

describe('a lease', () => {
  test('is renewed with its token while it lives, and not after', async () => {
    const { id, client } = await aQueue([{}])
    const { body } = await client.call('POST', `/v1/queues/${id}/collect`, collecting())
    const [{ id: dispatch, lease }] = body.dispatches
    const renew = (leaseToken: string) =>
      client.call('POST', `/v1/dispatches/${dispatch}/renewal`, { leaseToken, leaseSeconds: 600 })
    const renewed = await renew(lease.token)
    expect(renewed).toMatchObject({ status: 200, body: { lease: { token: lease.token } } })
    expect((await renew('lse_foreign')).status).toBe(409)
    clock.moveBy({ seconds: 599 })
    expect((await client.call('POST', `/v1/queues/${id}/collect`, collecting())).body.dispatches).toEqual([])
    clock.moveBy({ seconds: 1 })
    expect((await renew(lease.token)).status).toBe(409)
  })
})

test('a lease that is renewed ends at a whole millisecond, as one that was collected does', async () => {
  const { id, client } = await aQueue([{}])
  clock.moveBy({ nanoseconds: 123_456 })
  const { body } = await client.call('POST', `/v1/queues/${id}/collect`, collecting())
  const [{ id: dispatch, lease }] = body.dispatches
  const renewed = await client.call('POST', `/v1/dispatches/${dispatch}/renewal`, { leaseToken: lease.token, leaseSeconds: 60 })
  clock.moveBy({ nanoseconds: -123_456 })
  expect(renewed.body.lease.expiresAt).toBe(clock.now().add({ seconds: 60 }).toString())
})

describe('reading a dispatch again', () => {
  test('needs a purpose, and is recorded with it', async () => {
    const { stored, client } = await aQueue([{}])
    const [{ id, notification } = { id: '', notification: '' }] = stored
    expect((await client.call('GET', `/v1/dispatches/${id}`)).status).toBe(400)
    const read = await client.call('GET', `/v1/dispatches/${id}`, undefined, { 'daymark-purpose': 'strategy discussion' })
    expect(read).toMatchObject({ status: 200, body: { content: { child: { familyName: 'Quillfeather' } } } })
    const last = (await rig.events(notification)).at(-1)
    expect(last).toMatchObject({ kind: 'dispatch disclosed', actor: client.id, dispatch: id })
    expect(last?.body).toContain('strategy discussion')
  })
})

describe('an answer to a dispatch', () => {
  test('with what came of it goes on the force’s timeline, and its note does not', async () => {
    const { stored, client } = await aQueue([{}])
    const [{ id, notification } = { id: '', notification: '' }] = stored
    const outcome = { code: 'strategy_discussion', note: 'Spoke to Tamsin Quillfeather' }
    expect((await client.call('POST', `/v1/dispatches/${id}/outcome`, outcome)).status).toBe(200)
    const last = (await rig.events(notification)).at(-1)
    expect(last).toMatchObject({ kind: 'dispatch outcome', actor: client.id, dispatch: id })
    expect(last?.body).toContain('strategy_discussion')
    const [row] = await rig.worker.query<{ row: string }>('select d::text as row from dispatch d where id = $1', [id])
    expect(`${last?.body} ${row?.row}`).not.toContain('Quillfeather')
  })

  test('that gives it back holds it, asks a person, and leaves its clock running', async () => {
    const { id: queue, stored, client } = await aQueue([{}])
    const [{ id, notification } = { id: '', notification: '' }] = stored
    const giveBack = () =>
      client.call('POST', `/v1/dispatches/${id}/return`, { reason: 'wrong_child', note: 'No such child here' })
    expect((await giveBack()).status).toBe(200)
    expect((await giveBack()).status).toBe(200)
    expect((await client.call('POST', `/v1/queues/${queue}/collect`, collecting())).body.dispatches).toEqual([])
    expect((await client.call('POST', `/v1/dispatches/${id}/acknowledgement`, { by: 'duty' })).status).toBe(409)
    await settleDueDispatches(rig.due(), clock.now(), 500)
    expect(await kindsOf(notification)).toEqual(['dispatch released', 'dispatch returned', 'task opened'])
    clock.moveBy({ hours: 24 })
    await settleDueDispatches(rig.due(), clock.now(), 500)
    expect(await kindsOf(notification)).toContain('dispatch overdue')
  })

  test('needs a reason of the list', async () => {
    const { stored, client } = await aQueue([{}])
    expect((await client.call('POST', `/v1/dispatches/${stored[0]?.id}/return`, { reason: 'busy' })).status).toBe(400)
  })
})

describe('an agency sees its own and nothing else', () => {
  test('on every route, and another’s is the same 404 as an absent one', async () => {
    const { id, stored, client } = await aQueue([{}])
    const [{ id: dispatch } = { id: '' }] = stored
    const { body } = await client.call('POST', `/v1/queues/${id}/collect`, collecting())
    const leaseToken = body.dispatches[0].lease.token
    const purpose = { 'daymark-purpose': 'looking' }
    for (const agency of ['csc-elsewhere', FORCE, 'operator']) {
      const other = await aClientOf(agency)
      expect((await other.call('GET', '/v1/queues')).body.queues).toEqual([])
      for (const [queueId, dispatchId] of [
        [id, dispatch],
        ['csc-absent', 'dsp_absent'],
      ]) {
        const answers = await Promise.all([
          other.call('GET', `/v1/queues/${queueId}/dispatches`),
          other.call('POST', `/v1/queues/${queueId}/collect`, collecting()),
          other.call('GET', `/v1/dispatches/${dispatchId}`, undefined, purpose),
          other.call('POST', `/v1/dispatches/${dispatchId}/acknowledgement`, { by: 'me', leaseToken }),
          other.call('POST', `/v1/dispatches/${dispatchId}/renewal`, { leaseToken, leaseSeconds: 60 }),
          other.call('POST', `/v1/dispatches/${dispatchId}/outcome`, { code: 'nothing' }),
          other.call('POST', `/v1/dispatches/${dispatchId}/return`, { reason: 'not_ours' }),
        ])
        expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404, 404])
      }
    }
  })

  test('is held by the database too, whatever the code asks for', async () => {
    const { id } = await aQueue([{}])
    const count = async (db: Db) =>
      (await db.selectFrom('dispatch').select('id').where('recipient_id', '=', id).limit(10).execute()).length
    const seen = (agency: string) => asAgency(rig.app, agency, count)
    expect(await seen(id)).toBe(1)
    expect(await seen(FORCE)).toBe(1)
    expect(await seen('csc-elsewhere')).toBe(0)
    expect(await count(rig.app.kysely)).toBe(0)
  })
})

test('what collects and records with its owner’s rights does it for the caller’s own agency alone', async () => {
  const { id, stored } = await aQueue([{}])
  const [{ id: dispatch, notification } = { id: '', notification: '' }] = stored
  const { at, until } = { at: clock.now(), until: clock.now().add({ seconds: 60 }) }
  const tokens = [newId('lse')]
  expect(await asAgency(rig.app, 'somebody-else', (trx) => collectDispatches(trx, id, tokens, { at, until }))).toEqual([])
  const forge = (agency: string, stream: string) => {
    const event = link(emptyStream, at, { stream, kind: 'dispatch acknowledged', actor: 'cli_forger', dispatch })
    return asAgency(rig.app, agency, (trx) => appendCollected(trx, at, [event], new Map([[stream, event]])))
  }
  await expect(forge('somebody-else', notification)).rejects.toThrow('another agency')
  await expect(forge(id, 'service')).rejects.toThrow('another agency')
  // Its own, but from a head that has moved on: the chain is not rewound.
  await expect(forge(id, notification)).rejects.toThrow()
})
