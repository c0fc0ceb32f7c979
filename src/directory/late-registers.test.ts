import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aClock } from '../../test/support/clock.ts'
import { aDoor } from '../../test/support/door.ts'
import { aQueue, aSchool } from '../../test/support/recipient-bodies.ts'
import { anOpenDatabase, type OpenDatabase, storeNotification } from '../../test/support/stored-notification.ts'
import { type Findable, personKeys } from '../history/person-keys.ts'
import type { NotificationId } from '../words/ids.ts'
import type { Person } from '../words/notification.ts'
import { directoryRoutes } from './directory-routes.ts'
import { matchRegisters } from './register-matches-store.ts'
import { registerRoutes } from './register-routes.ts'

const clock = aClock('2026-03-06T21:10:00Z')
const WOKEN = '2026-03-06T21:10:02Z'
let database: OpenDatabase
let door: Awaited<ReturnType<typeof aDoor>>
let operator: Awaited<ReturnType<typeof door.client>>
let marac: Awaited<ReturnType<typeof door.client>>

beforeAll(async () => {
  database = await anOpenDatabase()
  door = await aDoor(database, clock.now, (app, access) => {
    const room = { access, database: database.app, keys: database.keys, now: clock.now }
    directoryRoutes(app, { ...room, webhookAllow: new Set() })
    registerRoutes(app, room)
  })
  operator = await door.client('operator')
  await operator.send('PUT', '/v1/directory/recipients/csc-E06000015', aQueue())
  await operator.send('PUT', '/v1/directory/recipients/school-900101', aSchool())
  await operator.send('PUT', '/v1/directory/recipients/marac-here', aQueue({ service: 'marac' }))
  marac = await door.client('marac-here')
})
afterAll(async () => {
  await door.close()
  await database.close()
})

const named = (familyName: string) => ({ givenNames: 'Wren', familyName, dateOfBirth: '2018-07-08' })
const putCase = (reference: string, asOf: string, familyName: string) =>
  operator.send('PUT', `/v1/registers/open-cases/E06000015/${reference}`, { people: [named(familyName)], asOf })
const close = (reference: string, asOf = '') =>
  operator.send('DELETE', `/v1/registers/open-cases/E06000015/${reference}${asOf === '' ? '' : `?asOf=${asOf}`}`)
const putRoll = (urn: string, asOf: string, ...families: string[]) =>
  operator.send('PUT', `/v1/registers/pupils/${urn}`, { asOf, pupils: families.map(named) })

async function found(person: Findable): Promise<number> {
  const keys = personKeys(database.keys.service.index.key, person, null).filter(({ kind }) => kind === 'name+birth')
  const wanted = keys.map(({ key }) => key)
  return (await matchRegisters(database.worker.kysely, wanted, [])).matches.length
}

describe('what a register said before what stands', () => {
  test('does not overwrite a newer open case, and the sender is told', async () => {
    await putCase('A-1', '2026-03-06T06:00:00Z', 'Larkmoor')
    const late = await putCase('A-1', '2026-03-05T06:00:00Z', 'Sedgewick')
    expect([late.status, late.body.type, late.body.detail]).toEqual([
      409,
      'urn:daymark:problem:newer-kept',
      expect.stringContaining('2026-03-06T06:00:00Z'),
    ])
    expect([await found(named('Larkmoor')), await found(named('Sedgewick'))]).toEqual([1, 0])
  })

  test('does not overwrite a newer roll, and the sender is told', async () => {
    await putRoll('900201', '2026-03-02T06:00:00Z', 'Ashcombe')
    const late = await putRoll('900201', '2026-03-01T06:00:00Z', 'Birkwood')
    expect([late.status, late.body.type]).toEqual([409, 'urn:daymark:problem:newer-kept'])
    expect([await found(named('Ashcombe')), await found(named('Birkwood'))]).toEqual([1, 0])
  })

  test('is answered the same each time it is sent', async () => {
    // Finer than Postgres keeps a time.
    const asOf = '2026-03-06T06:00:00.123456789Z'
    await putCase('A-2', asOf, 'Thistledown')
    const again = [await putCase('A-2', asOf, 'Thistledown'), await putCase('A-2', asOf, 'Thistledown')]
    expect(again[0]).toEqual({ ...again[1], status: 200 })
    const late = [
      await putCase('A-2', '2026-03-06T05:00:00Z', 'Thistledown'),
      await putCase('A-2', '2026-03-06T05:00:00Z', 'Thistledown'),
    ]
    expect(late.map(({ status, body }) => [status, body.detail])).toEqual(Array(2).fill([409, late[0]?.body.detail]))
  })

  test('opens no case that was closed since', async () => {
    await putCase('A-3', '2026-03-06T06:00:00Z', 'Fernhollow')
    expect((await close('A-3')).status).toBe(204)
    expect((await putCase('A-3', '2026-03-06T06:00:00Z', 'Fernhollow')).status).toBe(409)
    expect(await found(named('Fernhollow'))).toBe(0)
    clock.moveBy({ minutes: 1 })
    expect((await putCase('A-3', clock.now().toString(), 'Fernhollow')).status).toBe(201)
    clock.moveBy({ minutes: -1 })
    expect(await found(named('Fernhollow'))).toBe(1)
  })

  test('closes no case that was said to be open since', async () => {
    await putCase('A-4', '2026-03-06T06:00:00Z', 'Hartsease')
    expect((await close('A-4', '2026-03-06T05:59:59Z')).status).toBe(409)
    expect(await found(named('Hartsease'))).toBe(1)
    expect((await close('A-4', '2026-03-06T06:00:01Z')).status).toBe(204)
    expect((await close('A-4', '2026-03-06T21:16:00Z')).status).toBe(400)
  })

  test('leaves nobody in a case that is closed', async () => {
    await putCase('A-5', '2026-03-06T06:00:00Z', 'Ivyrood')
    await close('A-5')
    const { rows } = await sql`select sealed, data_key from open_case where case_reference = 'A-5'`.execute(
      database.worker.kysely,
    )
    expect(rows).toEqual([{ sealed: null, data_key: null }])
  })

  test('and two first words that meet leave the newer one', async () => {
    const both = await Promise.all([
      putCase('A-6', '2026-03-06T06:00:00Z', 'Juniper'),
      putCase('A-6', '2026-03-06T07:00:00Z', 'Kestrow'),
    ])
    expect(both.map(({ status }) => status).filter((status) => status >= 400 && status !== 409)).toEqual([])
    expect([await found(named('Juniper')), await found(named('Kestrow'))]).toEqual([0, 1])
  })
})

describe('a register that arrives late', () => {
  const incident = '2026-03-06T20:00:00Z'
  let notifications = 0
  const store = (people: Person[], given: { occurredAt?: string; reportedAt?: string } = {}) => {
    notifications += 1
    const times = { occurredAt: incident, triagedAt: incident, ...given }
    return storeNotification(database, { reference: `L-${notifications}`, people, state: 'triaged', ...times })
  }
  const child = (familyName: string, over: Partial<Person> = {}): Person => ({
    ref: 'c1',
    role: 'child',
    ...named(familyName),
    ...over,
  })
  const dueAt = async (id: NotificationId) => {
    const row = await database.worker.kysely.selectFrom('notification').select('next_at').where('id', '=', id).executeTakeFirst()
    return row?.next_at?.toString() ?? null
  }
  const rest = (id: NotificationId) =>
    database.worker.kysely.updateTable('notification').set({ next_at: null }).where('id', '=', id).execute()

  test('has the notifications of whom an open case names triaged again', async () => {
    const [one, other] = [await store([child('Quillon')]), await store([child('Nobody')])]
    await putCase('B-1', '2026-03-06T06:00:00Z', 'Quillon')
    expect([await dueAt(one.id), await dueAt(other.id)]).toEqual([WOKEN, null])
  })

  test('has the notifications of whom a roll names triaged again, whether or not a desk looks for the school', async () => {
    const one = await store([child('Rushmere')])
    await putRoll('900301', '2026-03-02T06:00:00Z', 'Rushmere')
    expect(await dueAt(one.id)).toBe(WOKEN)
  })

  test('has the notifications of whom a MARAC case names triaged again, and at each referral', async () => {
    const one = await store([{ ref: 'v1', role: 'victim', ...named('Sorrelby') }])
    const put = (referredOn: string) =>
      marac.send('PUT', '/v1/registers/marac/M-9', { victim: named('Sorrelby'), suspect: named('Vance'), referredOn })
    await put('2026-02-01')
    expect(await dueAt(one.id)).toBe(WOKEN)
    await rest(one.id)
    await put('2026-02-01')
    expect(await dueAt(one.id)).toBeNull()
    await put('2026-03-01')
    expect(await dueAt(one.id)).toBe(WOKEN)
  })

  test('that says each night what it said the night before wakes nobody, and of two people only the new one', async () => {
    const [known, added] = [await store([child('Tansyfield')]), await store([child('Umberley')])]
    await putRoll('900302', '2026-03-02T06:00:00Z', 'Tansyfield')
    await rest(known.id)
    await putRoll('900302', '2026-03-03T06:00:00Z', 'Tansyfield', 'Umberley')
    expect([await dueAt(known.id), await dueAt(added.id)]).toEqual([null, WOKEN])
  })

  test('that had grown too old to count wakes whom it names, though it named them before', async () => {
    const one = await store([child('Vellacott')])
    await putCase('B-2', '2026-03-04T21:09:59Z', 'Vellacott')
    await rest(one.id)
    await putCase('B-2', '2026-03-06T06:00:00Z', 'Vellacott')
    expect(await dueAt(one.id)).toBe(WOKEN)
    await rest(one.id)
    await putCase('B-2', '2026-03-06T07:00:00Z', 'Vellacott')
    expect(await dueAt(one.id)).toBeNull()
  })

  test('touches nothing that was received more than fourteen days ago, and nobody on the margins', async () => {
    const old = await store([child('Wexby')], { occurredAt: '2026-02-20T21:10:00Z', reportedAt: '2026-02-20T21:10:01Z' })
    const within = await store([child('Wexby')], { occurredAt: '2026-02-20T21:10:00Z', reportedAt: '2026-02-20T21:10:02Z' })
    const witness = await store([child('Wexby', { role: 'other_adult' })])
    await putCase('B-3', '2026-03-06T06:00:00Z', 'Wexby')
    expect([await dueAt(old.id), await dueAt(within.id), await dueAt(witness.id)]).toEqual([null, WOKEN, null])
  })

  test('waits for a triage under way, which has not read it', async () => {
    const one = await store([child('Yarrowfield')])
    let waking: Promise<unknown> = Promise.resolve()
    await database.worker.kysely.transaction().execute(async (trx) => {
      await sql`update notification set state = 'received', next_at = received_at where id = ${one.id}`.execute(trx)
      waking = putCase('B-4', '2026-03-06T06:00:00Z', 'Yarrowfield')
      await trx.updateTable('notification').set({ state: 'triaged', next_at: null }).where('id', '=', one.id).execute()
    })
    await waking
    expect(await dueAt(one.id)).toBe(WOKEN)
  })
})
