import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { type Database, openDatabase } from '../../src/database/connection.ts'
import { type Keys, openServiceKeys } from '../../src/database/service-keys.ts'
import { keepWatch } from '../../src/watch/keep-watch.ts'
import { aDaymark, type Daymark, type TestClient } from '../support/daymark.ts'
import { aQueue } from '../support/recipient-bodies.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'

const START = '2026-10-14T22:30:00Z'

let daymark: Daymark
let police: TestClient
let operator: TestClient
let worker: Database
let keys: Keys

beforeAll(async () => {
  daymark = await aDaymark({ clock: START })
  operator = await loadDirectory(daymark)
  police = await daymark.client('police-derbyshire', [
    'notifications:write',
    'notifications:read',
    'audit:read',
    'directory:write',
  ])
  worker = openDatabase(daymark.databaseUrl, 'daymark_worker', 2)
  const { keyRing } = readConfig(daymark.settings)
  keys = { ring: keyRing, service: await openServiceKeys(worker.kysely, keyRing) }
})

afterAll(() => worker.close())

/** Looks round as the worker does once a minute, at that moment. */
const watchAt = (time: string) => keepWatch(worker, keys, Temporal.Instant.from(time))

async function send(reference: string): Promise<string> {
  return (await police.post('/v1/notifications', { ...(await exampleNotification()), policeReference: reference })).body.id
}

const alarms = async (client: TestClient, kind: string) =>
  (await client.get('/v1/alarms')).body.alarms.filter((alarm: { kind: string }) => alarm.kind === kind)

describe('a manifest', () => {
  test('answers at once what was sent and never came', async () => {
    await send('m-1')
    const { status, body } = await police.put('/v1/notifications/manifests/2026-10-14', { references: ['m-2', 'm-1'] })
    expect([status, body]).toEqual([
      201,
      { date: '2026-10-14', putAt: expect.any(String), listed: 2, notReceived: ['m-2'], notListed: [] },
    ])
  })

  test('put again as it was is answered the same, and is no second event', async () => {
    const before = await manifestEvents()
    expect((await police.put('/v1/notifications/manifests/2026-10-14', { references: ['m-1', 'm-2'] })).status).toBe(200)
    expect(await manifestEvents()).toBe(before)
  })

  test('that lists what never came is a task for the force, an alarm on /health and a fault, until it comes', async () => {
    await watchAt('2026-10-14T23:00:00Z')
    const [alarm] = await alarms(police, 'manifest differs')
    expect(alarm).toMatchObject({ agency: 'police-derbyshire', day: '2026-10-14', task: expect.stringMatching(/^tsk_/) })
    const desk = await daymark.client('police-derbyshire', ['desk:decide'])
    const { body: task } = await desk.get(`/v1/tasks/${alarm.task}`, { 'daymark-purpose': 'case work' })
    expect(task.questions[0].question).toContain('m-2')
    const decision = { decision: 'resolve', rationale: 'It was sent again.' }
    expect((await desk.post(`/v1/tasks/${alarm.task}/decision`, decision)).status).toBe(200)
    const health = await (await fetch(`${daymark.url}/health`)).json()
    expect(health).toMatchObject({ components: { silence: { status: 'WARN', detail: 'manifest differs: 1' } } })
    expect(await faultCodes()).toEqual(['sent_and_not_received'])

    await triaged(police, await send('m-2'))
    expect(await faultCodes()).toEqual([])
    await watchAt('2026-10-14T23:05:00Z')
    expect(await alarms(police, 'manifest differs')).toEqual([])
  })

  test('names what came without being listed once the next noon has passed', async () => {
    await send('m-3')
    const early = await watchAt('2026-10-15T10:59:00Z')
    expect(early?.raised).toBe(0)
    await watchAt('2026-10-15T11:00:00Z')
    expect(await alarms(police, 'manifest differs')).toHaveLength(1)
    // The next day's manifest may name it: it was sent around midnight.
    await police.put('/v1/notifications/manifests/2026-10-15', { references: ['m-3'] }).then(expectRefusedAsAhead)
  })

  test('is missed on the next noon by a force that usually sends one, and by no other', async () => {
    await watchAt('2026-10-16T10:59:00Z')
    expect(await alarms(operator, 'manifest missing')).toEqual([])
    await watchAt('2026-10-16T11:00:00Z')
    expect(await alarms(operator, 'manifest missing')).toMatchObject([{ agency: 'police-derbyshire', day: '2026-10-15' }])
  })

  test('of a day nobody put is not there, and another force sees none of it', async () => {
    const other = await daymark.client('police-elsewhere', ['notifications:write', 'audit:read'])
    expect((await other.get('/v1/notifications/manifests/2026-10-14')).status).toBe(404)
    expect(await alarms(other, 'manifest missing')).toEqual([])
  })

  function expectRefusedAsAhead({ status, body }: { status: number; body: { errors: { code: string }[] } }) {
    expect([status, body.errors.map(({ code }) => code)]).toEqual([400, ['in-the-future']])
  }

  const manifestEvents = async () =>
    (await operator.get('/v1/audit/events?limit=200')).body.events.filter(({ kind }: { kind: string }) =>
      kind.startsWith('manifest'),
    ).length

  const faultCodes = async () =>
    (await operator.get('/v1/audit/completeness')).body.faults.map(({ code }: { code: string }) => code)
})

describe('what is expected of a force', () => {
  test('is said by itself or by the operator, and by nobody else', async () => {
    const other = await daymark.client('csc-E06000015', ['directory:write'])
    const path = '/v1/forces/police-derbyshire/expected-traffic'
    const floors = [
      { atLeast: 50, withinHours: 24 },
      { authority: 'E06000015', atLeast: 1, withinHours: 24 },
    ]
    expect((await other.put(path, { floors })).status).toBe(404)
    expect((await operator.put(path, { floors })).status).toBe(200)
    expect((await police.put(path, { floors })).status).toBe(200)
  })

  test('and does not come is an alarm for as long as it does not', async () => {
    await watchAt('2026-10-15T22:35:00Z')
    const raised = (await alarms(police, 'too few notifications')).map(({ authority }: { authority: string | null }) => authority)
    expect(raised.sort()).toEqual(['E06000015', null])
    await police.put('/v1/forces/police-derbyshire/expected-traffic', { floors: [] })
    await watchAt('2026-10-15T22:36:00Z')
    expect(await alarms(police, 'too few notifications')).toEqual([])
  })

  test('twice for one authority is a fault', async () => {
    const floors = [
      { atLeast: 1, withinHours: 1 },
      { atLeast: 2, withinHours: 2 },
    ]
    const { status, body } = await police.put('/v1/forces/police-derbyshire/expected-traffic', { floors })
    expect([status, body.errors]).toMatchObject([400, [{ pointer: '/floors/1', code: 'given-twice' }]])
  })
})

describe('a queue', () => {
  test('in which something waits and of which nothing was collected for a day is an alarm, until somebody collects', async () => {
    await triaged(police, await send('q-1'))
    await watchAt('2026-10-15T22:29:00Z')
    expect(await alarms(operator, 'no collection')).toEqual([])
    await watchAt('2026-10-15T23:30:00Z')
    const silent = await alarms(operator, 'no collection')
    expect(silent.map(({ recipient }: { recipient: string }) => recipient)).toContain('csc-E06000015')
    const team = await daymark.client('csc-E06000015', ['dispatches:collect'])
    await team.post('/v1/queues/csc-E06000015/collect', { max: 50, leaseSeconds: 3600 })
    await watchAt('2026-10-15T22:40:00Z')
    const left = (await alarms(operator, 'no collection')).map(({ recipient }: { recipient: string }) => recipient)
    expect(left).not.toContain('csc-E06000015')
  })
})

test('a manifest may name whatever reference a force may send', async () => {
  const references = ['Z'.repeat(100)]
  const put = await police.put('/v1/notifications/manifests/2026-10-01', { references })
  expect(put.status, JSON.stringify(put.body)).toBe(201)
  expect((await police.put('/v1/notifications/manifests/2026-10-01', { references: ['Z'.repeat(101)] })).status).toBe(400)
  expect((await police.put('/v1/notifications/manifests/2026-10-01', { references: [] })).status).toBe(200)
})

describe('a suspended route', () => {
  const path = '/v1/directory/recipients/csc-E06000015/suspension'
  const approved = { approvedBy: 'Superintendent Rowan Thistlewood', reason: 'Its key was lost.' }

  test('wants an approver, a reason, and an end within seven days', async () => {
    const bare = await operator.put(path, { until: '2026-10-16T09:00:00Z' })
    expect(bare.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/approvedBy', '/reason'])
    for (const until of ['2026-10-14T09:00:00Z', '2026-10-21T23:30:00Z']) {
      expect((await operator.put(path, { ...approved, until })).status).toBe(400)
    }
    expect((await police.put(path, { ...approved, until: '2026-10-16T09:00:00Z' })).status).toBe(404)
  })

  test('tells nobody by it: whoever was due is rung, it stands as an alarm, and once it is open the rest is told', async () => {
    expect((await operator.put(path, { ...approved, until: '2026-10-16T09:00:00Z' })).status).toBe(200)
    const decided = await triaged(police, await send('s-1'))
    const services = decided.dispatches.map(({ service }: { service: string }) => service)
    expect(services).not.toContain('childrens_social_care')
    const ring = decided.tasks.find(({ desk }: { desk: string }) => desk === 'directory')
    expect(ring.question).toContain('cannot be reached')
    await watchAt('2026-10-14T23:10:00Z')
    expect(await alarms(operator, 'route suspended')).toMatchObject([{ recipient: 'csc-E06000015' }])

    expect((await operator.send('DELETE', path, Buffer.alloc(0))).status).toBe(204)
    await waitFor('social care is told', async () => {
      const { dispatches } = (await police.get(`/v1/notifications/${decided.id}`)).body
      return dispatches.some(({ service }: { service: string }) => service === 'childrens_social_care')
    })
    await watchAt('2026-10-14T23:11:00Z')
    expect(await alarms(operator, 'route suspended')).toEqual([])
    expect((await operator.send('DELETE', path, Buffer.alloc(0))).status).toBe(204)
  })

  test('ends by itself, and who could not be told is told then', async () => {
    expect((await operator.put(path, { ...approved, until: '2026-10-14T23:30:00Z' })).status).toBe(200)
    const decided = await triaged(police, await send('s-2'))
    const nextAt = async () => {
      const text = 'select next_at from notification where id = $1'
      const [row] = await worker.query<{ next_at: Temporal.Instant | null }>(text, [decided.id])
      return row?.next_at ?? null
    }
    await waitFor('nothing more is due about it', async () => (await nextAt()) === null)
    await watchAt('2026-10-14T23:29:00Z')
    expect(await alarms(operator, 'route suspended')).toHaveLength(1)
    await watchAt('2026-10-14T23:30:00Z')
    expect(await alarms(operator, 'route suspended')).toEqual([])
    // Its triage is due from that moment; the service's own clock has not come there yet.
    expect((await nextAt())?.toString()).toBe('2026-10-14T23:30:00Z')
  })

  test('leaves neither who approved it nor why in the record of events', async () => {
    const events = JSON.stringify((await operator.get('/v1/audit/events?limit=200')).body)
    expect(events).toContain('route suspended')
    expect(events).not.toMatch(/Thistlewood|key was lost/)
  })
})

test('two workers that look round at once raise one alarm', async () => {
  await operator.put('/v1/directory/recipients/csc-quiet', aQueue({ name: 'Quiet Team', authorities: ['E99000009'] }))
  await operator.put('/v1/directory/recipients/csc-quiet/suspension', {
    approvedBy: 'Somebody',
    reason: 'To see.',
    until: '2026-10-15T23:30:00Z',
  })
  await Promise.all([watchAt('2026-10-14T23:40:00Z'), watchAt('2026-10-14T23:40:00Z')])
  await watchAt('2026-10-14T23:41:00Z')
  const mine = (await alarms(operator, 'route suspended')).filter(
    ({ recipient }: { recipient: string }) => recipient === 'csc-quiet',
  )
  expect(mine).toHaveLength(1)
})
