import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aClock } from '../../test/support/clock.ts'
import { aDeliveryRig, type DeliveryRig } from '../../test/support/delivery-rig.ts'
import { aReceiver, type Receiver } from '../../test/support/receiver.ts'
import { openPushDelivery, type PushDelivery } from './push-dispatches.ts'
import { settleDueDispatches } from './settle-due.ts'

const SECRET = 'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='
const START = '2026-03-06T21:10:00Z'

let rig: DeliveryRig
const open: PushDelivery[] = []
let schools = 0

beforeAll(async () => {
  rig = await aDeliveryRig()
})
afterAll(async () => {
  await Promise.all(open.map((delivery) => delivery.close()))
})

/** A school that listens, a dispatch for it, and a delivery whose clock the test moves. */
async function aSchoolToTell(given: { secrets?: string[]; timeoutMs?: number } = {}) {
  const clock = aClock(START)
  const school = await aReceiver()
  school.trust(SECRET)
  const id = `school-${++schools}`
  await rig.addRecipient({ id, channel: { kind: 'webhook', url: school.url }, secrets: given.secrets ?? [SECRET] }, clock.now())
  const { notification, ids, ring } = await rig.store([{ recipientId: id }], { at: clock.now() })
  const [dispatch = 'none'] = ids
  const { delivery, faults } = aDelivery(school, clock.now, given.timeoutMs)
  return { clock, school, recipient: id, notification, dispatch, ring, delivery, faults }
}

function aDelivery(school: Receiver, now: () => Temporal.Instant, timeoutMs = 2_000) {
  const faults: unknown[] = []
  const delivery = openPushDelivery({
    database: rig.worker,
    keys: rig.keys,
    now,
    wallSeconds: () => Date.now() / 1000,
    jitter: () => 0.5,
    allow: new Set([school.host]),
    mailer: null,
    publicUrl: null,
    faulted: (fault) => faults.push(fault),
    timeoutMs,
  })
  open.push(delivery)
  return { delivery, faults }
}

async function rowOf(id: string) {
  const [row] = await rig.worker.query<{
    state: string
    attempts: number
    retry_at: Temporal.Instant | null
    next_at: Temporal.Instant | null
    lease_until: Temporal.Instant | null
  }>('select state, attempts, retry_at, next_at, lease_until from dispatch where id = $1', [id])
  if (!row) throw new Error('no such dispatch')
  return row
}

const attemptsOf = (id: string) =>
  rig.worker.query<{ number: number; outcome: string | null; status: number | null; detail: string | null }>(
    'select number, outcome, status, detail from attempt where dispatch_id = $1 order by number',
    [id],
  )

const kindsOf = async (stream: string) => (await rig.events(stream)).map(({ kind }) => kind)

const directoryTasks = (notification: string) =>
  rig.worker.query<{ due_by: Temporal.Instant; agency: string }>(
    `select due_by, agency from task where notification_id = $1 and desk = 'directory' and state = 'open'`,
    [notification],
  )

/** Makes what is due at that moment due to the delivery, as the due loop does. */
const settleDue = (at: Temporal.Instant) => settleDueDispatches(rig.due(), at, 500)

describe('a webhook', () => {
  test('is delivered once, signed, as a CloudEvent under the dispatch id', async () => {
    const { school, dispatch, ring, delivery, notification, faults } = await aSchoolToTell()
    expect(ring).toEqual([dispatch])
    await Promise.all([delivery.deliver(dispatch), delivery.deliver(dispatch), delivery.deliver(dispatch)])

    expect(faults).toEqual([])
    expect(school.received).toHaveLength(1)
    const [call] = school.received
    expect(call).toMatchObject({ signed: true, method: 'POST' })
    expect(call?.headers).toMatchObject({ 'webhook-id': dispatch })
    expect(JSON.parse(call?.body ?? '')).toEqual({
      specversion: '1.0',
      id: dispatch,
      source: 'urn:daymark:dispatches',
      type: 'uk.daymark.dispatch.released.v1',
      time: '2026-03-06T21:10:00.000Z',
      datacontenttype: 'application/json',
      data: { child: { givenNames: 'Merrin', familyName: 'Quillfeather' } },
    })
    expect(await rowOf(dispatch)).toMatchObject({ state: 'delivered', attempts: 1, lease_until: null })
    expect(await attemptsOf(dispatch)).toEqual([{ number: 1, outcome: 'delivered', status: 200, detail: null }])
    expect(await kindsOf(notification)).toEqual(['dispatch released', 'dispatch delivered'])
  })

  test('carries one signature a live secret', async () => {
    const other = 'whsec_OTg3NjU0MzIxMDk4NzY1NDMyMTA5ODc2NTQzMjEwOTg='
    const { school, dispatch, delivery } = await aSchoolToTell({ secrets: [other, SECRET] })
    await delivery.deliver(dispatch)
    expect(school.received[0]?.headers['webhook-signature']?.split(' ')).toHaveLength(2)
    expect(school.received[0]?.signed).toBe(true)
  })

  test('is never sent unsigned', async () => {
    const { school, dispatch, delivery } = await aSchoolToTell({ secrets: [] })
    await delivery.deliver(dispatch)
    expect(school.received).toEqual([])
    expect(await attemptsOf(dispatch)).toMatchObject([{ outcome: 'failed', detail: 'there is no secret to sign with' }])
  })

  test('of a recipient whose row is damaged fails alone', async () => {
    const { clock, school, recipient, dispatch, delivery } = await aSchoolToTell()
    const other = await aSchoolToTell()
    await rig.worker.query(`update recipient set sealed = sealed || '\\x00' where id = $1`, [other.recipient])
    const { ids } = await rig.store([{ recipientId: recipient }, { recipientId: other.recipient }], { at: clock.now() })
    await Promise.all([dispatch, ...ids].map((id) => delivery.deliver(id)))
    expect(school.received).toHaveLength(2)
    const outcomes = await Promise.all(ids.map(async (id) => (await attemptsOf(id))[0]?.outcome))
    expect(outcomes.toSorted()).toEqual(['delivered', 'failed'])
  })

  test('whose outcome Postgres refuses leaves every other outcome written', async () => {
    const { clock, school, recipient, notification, dispatch, delivery, faults } = await aSchoolToTell()
    const other = await rig.store([{ recipientId: recipient }], { at: clock.now() })
    const [good = 'none'] = other.ids
    await rig.refuseEventsOf(notification)
    await Promise.all([delivery.deliver(dispatch), delivery.deliver(good)])
    await rig.refuseEventsOf(null)
    expect(school.received).toHaveLength(2)
    expect(await rowOf(good)).toMatchObject({ state: 'delivered' })
    // Nobody knows what became of it: its lease ends, and the school hears twice rather than never.
    expect(await rowOf(dispatch)).toMatchObject({ state: 'released', attempts: 1 })
    expect(faults).not.toEqual([])
  })

  test('is tried again with the same bytes under the same id', async () => {
    const { clock, school, dispatch, delivery, notification } = await aSchoolToTell()
    school.answerNextWith({ kind: 'status', status: 500 }, { kind: 'status', status: 502 })
    await delivery.deliver(dispatch)
    expect((await rowOf(dispatch)).retry_at?.toString()).toBe('2026-03-06T21:10:05Z')
    await delivery.deliver(dispatch)
    expect(school.received).toHaveLength(1) // not due yet
    clock.moveBy({ seconds: 5 })
    await delivery.deliver(dispatch)
    clock.moveBy({ seconds: 30 })
    await delivery.deliver(dispatch)

    expect(new Set(school.received.map(({ body }) => body)).size).toBe(1)
    expect(new Set(school.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([dispatch]))
    expect((await attemptsOf(dispatch)).map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'delivered'])
    expect(await kindsOf(notification)).toEqual(['dispatch released', 'attempt failed', 'attempt failed', 'dispatch delivered'])
  })

  test.each([429, 503])('honours Retry-After of a %i', async (status) => {
    const { school, dispatch, delivery } = await aSchoolToTell()
    school.answerNextWith({ kind: 'status', status, retryAfter: '120' })
    await delivery.deliver(dispatch)
    expect((await rowOf(dispatch)).retry_at?.toString()).toBe('2026-03-06T21:12:00Z')
  })

  test('does not follow a redirect', async () => {
    const { school, dispatch, delivery } = await aSchoolToTell()
    school.answerNextWith({ kind: 'redirect', to: `${school.url}/elsewhere` })
    await delivery.deliver(dispatch)
    expect(school.received).toHaveLength(1)
    expect(await attemptsOf(dispatch)).toMatchObject([{ outcome: 'failed', status: 302 }])
  })

  test('gives up waiting for a school that never answers', async () => {
    const { school, dispatch, delivery } = await aSchoolToTell({ timeoutMs: 200 })
    school.answerNextWith({ kind: 'hang' })
    await delivery.deliver(dispatch)
    expect(await attemptsOf(dispatch)).toMatchObject([{ outcome: 'timed_out', status: null }])
    expect((await rowOf(dispatch)).state).toBe('released')
  })

  test('is delivered when the school says 200 and then never stops talking', async () => {
    const { school, dispatch, delivery } = await aSchoolToTell()
    school.answerNextWith({ kind: 'never-ending body' })
    await delivery.deliver(dispatch)
    expect((await rowOf(dispatch)).state).toBe('delivered')
  })

  test('to an address that is gone disables it, asks the directory by the same deadline, and goes out once it is mended', async () => {
    const { clock, school, dispatch, recipient, delivery, notification } = await aSchoolToTell()
    school.answerNextWith({ kind: 'status', status: 410 })
    await delivery.deliver(dispatch)
    expect(await directoryTasks(notification)).toMatchObject([{ agency: 'operator' }])
    expect((await directoryTasks(notification))[0]?.due_by.toString()).toBe('2026-03-07T09:10:00Z')
    expect(await kindsOf(`recipient:${recipient}`)).toEqual(['recipient disabled'])

    clock.moveBy({ seconds: 30 })
    expect((await settleDue(clock.now())).ids).not.toContain(dispatch)
    await delivery.deliver(dispatch)
    expect(school.received).toHaveLength(1)

    await rig.worker.query('update recipient set disabled_at = null where id = $1', [recipient])
    clock.moveBy({ minutes: 15 })
    expect((await settleDue(clock.now())).ids).toContain(dispatch)
    await delivery.deliver(dispatch)
    expect((await rowOf(dispatch)).state).toBe('delivered')
  })

  test('whose school has closed is sent no more, and asks the directory', async () => {
    const { clock, school, dispatch, recipient, delivery, notification } = await aSchoolToTell()
    await rig.worker.query(`update recipient set closed_on = '2026-03-06' where id = $1`, [recipient])
    await delivery.deliver(dispatch)
    expect(school.received).toEqual([])
    clock.moveBy({ seconds: 30 })
    expect((await settleDue(clock.now())).ids).not.toContain(dispatch)
    expect(await directoryTasks(notification)).toHaveLength(1)
  })

  test('whose old address says it is gone leaves the new one, that the directory has written meanwhile', async () => {
    const { school, dispatch, recipient, delivery } = await aSchoolToTell()
    const { promise: written, resolve } = Promise.withResolvers<void>()
    school.answerNextWith({ kind: 'held', until: written, status: 410 })
    const sending = delivery.deliver(dispatch)
    await expect.poll(() => school.received.length).toBe(1)
    await rig.worker.query(`update recipient set url = url || '/new' where id = $1`, [recipient])
    resolve()
    await sending
    expect(await attemptsOf(dispatch)).toMatchObject([{ outcome: 'refused', status: 410 }])
    expect(await rig.worker.query('select disabled_at from recipient where id = $1', [recipient])).toEqual([
      { disabled_at: null },
    ])
    expect(await kindsOf(`recipient:${recipient}`)).toEqual([])
  })

  test('that is refused asks the directory at once, once, and goes on trying', async () => {
    const { clock, school, dispatch, delivery, notification } = await aSchoolToTell()
    school.answerNextWith({ kind: 'status', status: 404 }, { kind: 'status', status: 404 })
    await delivery.deliver(dispatch)
    clock.moveBy({ seconds: 30 })
    await delivery.deliver(dispatch)
    expect(await directoryTasks(notification)).toHaveLength(1)
    expect((await kindsOf(notification)).filter((kind) => kind.startsWith('task'))).toEqual(['task opened'])
    expect((await attemptsOf(dispatch)).map(({ outcome }) => outcome)).toEqual(['refused', 'refused'])
    expect((await rowOf(dispatch)).state).toBe('released')
  })

  test('that nobody took for 75 hours after its deadline is given up, with a task', async () => {
    const { clock, school, dispatch, delivery, notification } = await aSchoolToTell()
    school.answerWith({ kind: 'status', status: 500 })
    clock.moveBy({ hours: 12 + 75 })
    await delivery.deliver(dispatch)
    expect((await rowOf(dispatch)).state).toBe('given_up')
    expect(await directoryTasks(notification)).toHaveLength(1)
    expect(await kindsOf(notification)).toContain('dispatch given up')
  })
})

describe('a school that hangs', () => {
  test('gets no more than a few at a time, and everybody else is told meanwhile', async () => {
    const { clock, school, recipient, delivery } = await aSchoolToTell({ timeoutMs: 60_000 })
    school.answerWith({ kind: 'hang' })
    const tell = async () => (await rig.store([{ recipientId: recipient }], { at: clock.now() })).ids[0] ?? ''
    const hanging = []
    for (let told = 0; told < 8; told += 1) hanging.push(delivery.deliver(await tell()))
    await expect.poll(() => school.received.length).toBe(8)
    clock.moveBy({ seconds: 2 })
    const more = await tell()
    await delivery.deliver(more)
    expect(await rowOf(more)).toMatchObject({ attempts: 0, state: 'released', lease_until: null })

    await school.close()
    await Promise.all(hanging)
    await school.open()
    school.answerWith({ kind: 'status', status: 200 })
    await delivery.deliver(more)
    expect((await rowOf(more)).state).toBe('delivered')
  })
})

describe('two processes that are rung for the same dispatches', () => {
  test('send each once', async () => {
    const { clock, school, recipient, delivery } = await aSchoolToTell()
    const other = aDelivery(school, clock.now)
    const ids: string[] = []
    for (let stored = 0; stored < 40; stored += 1)
      ids.push(...(await rig.store([{ recipientId: recipient }], { at: clock.now() })).ids)
    await Promise.all(ids.flatMap((id) => [delivery.deliver(id), other.delivery.deliver(id), delivery.deliver(id)]))
    const sent = school.received.map(({ headers }) => headers['webhook-id'])
    expect(sent.toSorted()).toEqual(ids.toSorted())
  })
})

describe('a lease that lapses', () => {
  test('leaves the attempt unknown, and the late answer changes nothing but the attempt log', async () => {
    const { clock, school, dispatch, delivery, notification } = await aSchoolToTell({ timeoutMs: 10_000 })
    school.answerNextWith({ kind: 'hang' })
    const first = delivery.deliver(dispatch)
    await expect.poll(() => school.received.length).toBe(1)
    const leased = (await rowOf(dispatch)).lease_until
    expect(leased).not.toBeNull()

    // The process that sends is alive but its lease is not renewed: its clock stands still while the others' moves on.
    const later = clock.now().add({ seconds: 6 })
    expect((await settleDue(later)).ids).toContain(dispatch)
    expect(await attemptsOf(dispatch)).toMatchObject([{ number: 1, outcome: 'unknown' }])
    const other = aDelivery(school, () => later)
    await other.delivery.deliver(dispatch)
    expect((await rowOf(dispatch)).state).toBe('delivered')

    await school.close()
    await first
    expect(await rowOf(dispatch)).toMatchObject({ state: 'delivered', attempts: 2 })
    expect((await attemptsOf(dispatch)).map(({ outcome }) => outcome)).toEqual(['failed', 'delivered'])
    expect(await kindsOf(notification)).toEqual(['dispatch released', 'attempt outcome unknown', 'dispatch delivered'])
    expect((await rig.events(notification)).find(({ kind }) => kind === 'attempt outcome unknown')?.body).toContain(
      'possiblyDeliveredTwice',
    )
  })

  test('is renewed while a school takes its time', async () => {
    const { clock, school, dispatch, delivery } = await aSchoolToTell({ timeoutMs: 5_000 })
    school.answerNextWith({ kind: 'hang' })
    const sending = delivery.deliver(dispatch)
    await expect.poll(() => school.received.length).toBe(1)
    clock.moveBy({ seconds: 4 })
    await expect
      .poll(async () => (await rowOf(dispatch)).lease_until?.toString(), { timeout: 5_000 })
      .toBe('2026-03-06T21:10:09Z')
    await school.close()
    await sending
    expect((await rowOf(dispatch)).lease_until).toBeNull()
  })
})
