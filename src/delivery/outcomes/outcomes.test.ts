import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aClock } from '../../../test/support/clock.ts'
import { aDeliveryRig, type DeliveryRig, FORCE } from '../../../test/support/delivery-rig.ts'
import { aReceiver, type Receiver } from '../../../test/support/receiver.ts'
import { openAccess } from '../../access/access.ts'
import type { App } from '../../access/app.ts'
import { createKey } from '../../access/keys-store.ts'
import type { Scope } from '../../access/scopes.ts'
import { buildWeb } from '../../web.ts'
import { outcomeCodes } from '../../words/outcome-codes.ts'
import { queueRoutes } from '../queue-routes.ts'
import { outcomeWebhookRoutes } from './outcome-webhook-routes.ts'
import { openOutcomes } from './tell-outcomes.ts'

const clock = aClock('2026-03-06T21:10:00Z')
let rig: DeliveryRig
let app: App
let force: Receiver
let outcomes: ReturnType<typeof openOutcomes>
let queues = 0
const SERVICES = [
  'childrens_social_care',
  'education_setting',
  'education_authority',
  'health',
  'marac',
  'idva',
  'specialist_support',
  'police_child_protection',
] as const

beforeAll(async () => {
  rig = await aDeliveryRig()
  force = await aReceiver()
  const allow = new Set([force.host])
  app = await buildWeb({
    logger: false,
    requestsPerSecondMax: 100_000,
    version: 'test',
    addRoutes: (to) => {
      const deps = { access: openAccess(rig.app.kysely, clock.now), database: rig.app, keys: rig.keys, now: clock.now }
      queueRoutes(to, deps)
      outcomeWebhookRoutes(to, { ...deps, webhookAllow: allow })
    },
  })
  outcomes = openOutcomes({
    database: rig.worker,
    ring: rig.keys.ring,
    now: clock.now,
    wallSeconds: () => Temporal.Now.instant().epochMilliseconds / 1000,
    jitter: () => 0.5,
    allow,
    timeoutMs: 500,
    faulted: (fault) => {
      throw fault
    },
  })
})
afterAll(async () => {
  await outcomes.close()
  await app.close()
})

async function aCaller(agency: string, scopes: readonly Scope[]) {
  const { key } = await rig.asOwner((db) => createKey(db, agency, scopes, clock.now()))
  return async (method: 'PUT' | 'POST', url: string, payload: Record<string, unknown>) => {
    const answer = await app.inject({ method, url, headers: { authorization: `Bearer ${key}` }, payload })
    return { status: answer.statusCode, body: answer.json() }
  }
}

async function aDispatch(service: keyof typeof outcomeCodes = 'childrens_social_care') {
  const id = `answering-${++queues}`
  await rig.addRecipient({ id, service, channel: { kind: 'pull_queue' } }, clock.now())
  const { notification, ids } = await rig.store([{ recipientId: id, service }], { at: clock.now() })
  const call = await aCaller(id, ['dispatches:collect'])
  const say = (said: Record<string, unknown>) => call('POST', `/v1/dispatches/${ids[0]}/outcome`, said)
  const events = async () => (await rig.events(notification)).map(({ kind }) => kind)
  return { id, dispatch: ids[0], notification, say, events }
}

/** What the worker's due loop does. */
const pass = () => outcomes.source.hintDue(clock.now(), 500)
const listen = async () => {
  const put = await aCaller(FORCE, ['notifications:write'])
  const answer = await put('PUT', `/v1/forces/${FORCE}/outcome-webhook`, { url: force.url, newSecret: true })
  force.trust(answer.body.secret)
  return answer
}

describe('an outcome', () => {
  test.each(SERVICES)('of %s is one of its list, and any other is answered with the list', async (service) => {
    const { say } = await aDispatch(service)
    const codes = outcomeCodes[service]
    for (const code of codes) expect((await say({ code })).status).toBe(200)
    const refused = await say({ code: 'of_our_own' })
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '/code', code: 'not-a-choice' }] } })
    expect(refused.body.errors[0].detail).toContain(codes.join(', '))
  })

  test('said again is one event; another word is another', async () => {
    const { say, events } = await aDispatch()
    for (const said of [{ code: 'early_help' }, { code: 'early_help' }, { code: 'early_help', note: 'Agreed with her' }])
      expect((await say(said)).status).toBe(200)
    await say({ code: 'early_help', note: 'Agreed with her' })
    expect((await events()).filter((kind) => kind === 'dispatch outcome')).toHaveLength(2)
  })
})

describe('a force that listens', () => {
  test('gets its secret once, and its webhook is nobody else’s to put', async () => {
    expect((await listen()).body).toMatchObject({ agency: FORCE, url: force.url, secret: expect.stringMatching(/^whsec_/) })
    const put = await aCaller(FORCE, ['notifications:write'])
    expect((await put('PUT', `/v1/forces/${FORCE}/outcome-webhook`, { url: force.url })).body.secret).toBeUndefined()
    const other = await aCaller('police-yy', ['notifications:write', 'directory:write'])
    expect((await other('PUT', `/v1/forces/${FORCE}/outcome-webhook`, { url: force.url })).status).toBe(404)
    const reader = await aCaller(FORCE, ['notifications:read'])
    expect((await reader('PUT', `/v1/forces/${FORCE}/outcome-webhook`, { url: force.url })).status).toBe(403)
    const operator = await aCaller('operator', ['directory:write'])
    expect((await operator('PUT', `/v1/forces/${FORCE}/outcome-webhook`, { url: force.url })).status).toBe(200)
    expect((await put('PUT', `/v1/forces/${FORCE}/outcome-webhook`, { url: 'http://10.0.0.1/' })).status).toBe(400)
  })

  test('hears of an outcome in references alone, signed, and the timeline says so', async () => {
    await listen()
    const { say, dispatch, notification, events } = await aDispatch()
    await say({ code: 'strategy_discussion', note: 'Spoke to Tamsin Quillfeather' })
    await pass()
    const heard = force.received.at(-1)
    expect(heard).toMatchObject({ signed: true, headers: { 'webhook-id': expect.stringMatching(/^out_/) } })
    const { type, data } = JSON.parse(heard?.body ?? '')
    expect(type).toBe('uk.daymark.outcome.recorded.v1')
    expect(data).toEqual({
      notification,
      policeReference: notification,
      version: 1,
      dispatch,
      service: 'childrens_social_care',
      code: 'strategy_discussion',
      at: '2026-03-06T21:10:00.000Z',
    })
    expect(heard?.body).not.toContain('Quillfeather')
    expect(await events()).toEqual(['dispatch released', 'dispatch outcome', 'outcome told'])
    await pass()
    expect(force.received.filter(({ body }) => body.includes(`"${dispatch}"`))).toHaveLength(1)
  })

  test('that is away is called again until it hears, with the same id and the same bytes', async () => {
    await listen()
    const { say, dispatch, events } = await aDispatch()
    force.answerNextWith({ kind: 'status', status: 503, retryAfter: '120' }, { kind: 'status', status: 500 })
    await say({ code: 'already_open' })
    await pass()
    clock.moveBy({ seconds: 119 })
    await pass()
    const calls = () => force.received.filter(({ body }) => body.includes(`"${dispatch}"`))
    expect(calls()).toHaveLength(1)
    clock.moveBy({ seconds: 1 })
    await pass()
    clock.moveBy({ minutes: 2 })
    await pass()
    expect(calls()).toHaveLength(3)
    expect(new Set(calls().map(({ body, headers }) => `${headers['webhook-id']} ${body}`)).size).toBe(1)
    expect(await events()).toEqual([
      'dispatch released',
      'dispatch outcome',
      'telling outcome failed',
      'telling outcome failed',
      'outcome told',
    ])
  })

  test('that a process died calling is called by the next, and the attempt between stays unknown', async () => {
    await listen()
    const { say, dispatch } = await aDispatch()
    await say({ code: 'early_help' })
    // The very state that a process killed between its claim and its call leaves behind.
    await rig.worker.query(
      `with n as (update outcome_notice set attempts = 1, fence = 1, lease_token = 'lse_dead', lease_until = $2, next_at = $2 where dispatch_id = $1 returning id)
       insert into outcome_attempt (id, notice_id, number, started_at) select 'att_dead', id, 1, $3 from n`,
      [dispatch, clock.now().add({ seconds: 30 }), clock.now()],
    )
    await pass()
    expect(force.received.some(({ body }) => body.includes(`"${dispatch}"`))).toBe(false)
    clock.moveBy({ seconds: 30 })
    await Promise.all([pass(), pass()])
    expect(force.received.filter(({ body }) => body.includes(`"${dispatch}"`))).toHaveLength(1)
    const attempts = await rig.worker.query(
      'select number, outcome from outcome_attempt a join outcome_notice n on n.id = a.notice_id where n.dispatch_id = $1 order by number',
      [dispatch],
    )
    expect(attempts).toEqual([
      { number: 1, outcome: 'unknown' },
      { number: 2, outcome: 'delivered' },
    ])
  })

  test('that says its address is gone is called no more until it is put again, and then hears all that waited', async () => {
    await listen()
    const { say, dispatch, events } = await aDispatch()
    force.answerNextWith({ kind: 'status', status: 410 })
    await say({ code: 'early_help' })
    await pass()
    clock.moveBy({ hours: 1 })
    await pass()
    const calls = () => force.received.filter(({ body }) => body.includes(`"${dispatch}"`))
    expect(calls()).toHaveLength(1)
    expect(await events()).toContain('task opened')
    await listen()
    clock.moveBy({ minutes: 15 })
    await pass()
    expect(calls()).toHaveLength(2)
  })

  test('and cannot be reached for four days is called no more, and the timeline says that it was not told', async () => {
    await listen()
    const { say, events } = await aDispatch()
    force.answerWith({ kind: 'status', status: 500 })
    await say({ code: 'early_help' })
    clock.moveBy({ hours: 24 + 75 })
    await pass()
    force.answerWith({ kind: 'status', status: 200 })
    // And a person of the force is asked to read it.
    expect((await events()).slice(-2)).toEqual(['outcome not told', 'task opened'])
  })
})

test('a force that does not listen is left no notice', async () => {
  await rig.asOwner((db) => db.deleteFrom('outcome_webhook').execute())
  const { say, dispatch } = await aDispatch()
  await say({ code: 'early_help' })
  expect(await rig.worker.query('select id from outcome_notice where dispatch_id = $1', [dispatch])).toEqual([])
})
