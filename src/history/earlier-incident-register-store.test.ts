import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anOpenDatabase, type OpenDatabase, type Stored, storeNotification } from '../../test/support/stored-notification.ts'
import { asAgency } from '../database/connection.ts'
import type { NotificationId } from '../words/ids.ts'
import type { Person } from '../words/notification.ts'
import {
  type RegisteredIncident,
  wakeNotificationsOfPeople,
  writeRegisteredIncidents,
} from './earlier-incident-register-store.ts'
import { findEarlierIncidents, type LookedUp } from './earlier-incidents-store.ts'

const at = Temporal.Instant.from('2026-04-02T08:00:00Z')
const lookAgainAt = at.add({ seconds: 2 })
let database: OpenDatabase

beforeAll(async () => {
  database = await anOpenDatabase()
})
afterAll(() => database.close())

const victim = (familyName: string, over: Partial<Person> = {}): Person => ({
  ref: 'v1',
  role: 'victim',
  givenNames: 'Isolde',
  familyName,
  dateOfBirth: '1990-02-03',
  ...over,
})
const store = (stored: Stored) => storeNotification(database, stored)

const anIncident = (policeReference: string, person: Person, occurredAt = '2026-02-01T20:00:00Z'): RegisteredIncident => {
  const { ref, ...rest } = person
  return { policeReference, occurredAt: Temporal.Instant.from(occurredAt), people: [rest] }
}

const register = (incidents: RegisteredIncident[], force = 'police-derbyshire') =>
  asAgency(database.app, force, (trx) => writeRegisteredIncidents(trx, database.keys, force, incidents, at))

const wake = (incidents: RegisteredIncident[], force = 'police-derbyshire') =>
  asAgency(database.app, force, (trx) => wakeNotificationsOfPeople(trx, database.keys, force, incidents, lookAgainAt))

async function earlierOf(of: LookedUp) {
  const found = (await findEarlierIncidents(database.worker.kysely, [of])).get(of.id)
  if (!found) throw new Error('nothing was answered')
  return found
}

const references = async (of: LookedUp) => (await earlierOf(of)).incidents.map(({ policeReference }) => policeReference)

async function dueAt(id: NotificationId) {
  const row = await database.worker.kysely
    .selectFrom('notification')
    .select('next_at')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return row.next_at?.toString() ?? null
}

describe('an incident from before go-live', () => {
  test('counts beside notifications, newest first', async () => {
    const person = victim('Larkspindle')
    await register([anIncident('OLD-1', person), anIncident('OLD-2', person, '2026-03-20T20:00:00Z')])
    await store({ reference: 'A1', occurredAt: '2026-03-01T20:00:00Z', people: [person] })
    const now = await store({ reference: 'A2', occurredAt: '2026-04-01T20:00:00Z', people: [person] })
    expect(await references(now)).toEqual(['OLD-2', 'A1', 'OLD-1'])
  })

  test('counts once with the notification of the same reference, which stands in its place', async () => {
    const person = victim('Oxbowe')
    await register([anIncident('B1', person)])
    await store({ reference: 'B1', occurredAt: '2026-02-02T20:00:00Z', people: [person] })
    const now = await store({ reference: 'B2', occurredAt: '2026-04-01T20:00:00Z', people: [person] })
    const { incidents } = await earlierOf(now)
    expect(incidents.map(({ occurredAt }) => occurredAt.toString())).toEqual(['2026-02-02T20:00:00Z'])
  })

  test('never counts where the notification of that reference was withdrawn', async () => {
    const person = victim('Pemberfold')
    await register([anIncident('C1', person)])
    await store({ reference: 'C1', occurredAt: '2026-02-01T20:00:00Z', people: [person], state: 'withdrawn' })
    const now = await store({ reference: 'C2', occurredAt: '2026-04-01T20:00:00Z', people: [person] })
    expect(await references(now)).toEqual([])
  })

  test('of another force counts, and its reference is not shown', async () => {
    const person = victim('Quernmoor')
    await register([anIncident('D1', person)], 'police-elsewhere')
    const now = await store({ reference: 'D2', occurredAt: '2026-04-01T20:00:00Z', people: [person] })
    expect(await references(now)).toEqual([null])
  })

  test('put again is replaced, its people with it', async () => {
    const person = victim('Rushcroft')
    expect([...(await register([anIncident('E1', person)]))]).toEqual(['E1'])
    expect([...(await register([anIncident('E1', victim('Somebodyelse'))]))]).toEqual([])
    const now = await store({ reference: 'E2', occurredAt: '2026-04-01T20:00:00Z', people: [person] })
    expect(await references(now)).toEqual([])
  })
})

describe('an incident that is registered late', () => {
  test('makes later notifications of its people due again, whoever sent them, and no others', async () => {
    const person = victim('Sandpipe')
    const triaged = { people: [person], state: 'triaged' as const, triagedAt: '2026-04-01T21:00:00Z' }
    const later = await store({ reference: 'F1', occurredAt: '2026-04-01T20:00:00Z', ...triaged })
    const elsewhere = await store({
      agency: 'police-elsewhere',
      reference: 'F2',
      occurredAt: '2026-04-01T20:00:00Z',
      ...triaged,
    })
    const before = await store({ reference: 'F3', occurredAt: '2026-01-01T20:00:00Z', ...triaged })
    const longAfter = await store({ reference: 'F4', occurredAt: '2027-04-01T20:00:00Z', ...triaged })
    const other = await store({ reference: 'F5', occurredAt: '2026-04-01T20:00:00Z', ...triaged, people: [victim('Teal')] })
    expect(await wake([anIncident('OLD-F', person)])).toBe(2)
    const woken = [later, elsewhere, before, longAfter, other].map(({ id }) => dueAt(id))
    expect(await Promise.all(woken)).toEqual([lookAgainAt.toString(), lookAgainAt.toString(), null, null, null])
  })

  test('waits for a triage under way, which has not read it', async () => {
    const person = victim('Underhallow')
    const one = await store({ reference: 'G1', occurredAt: '2026-04-01T20:00:00Z', people: [person] })
    let waking = Promise.resolve(0)
    await database.worker.kysely.transaction().execute(async (trx) => {
      await sql`select id from notification where id = ${one.id} for update`.execute(trx)
      waking = wake([anIncident('OLD-G', person)])
      await trx.updateTable('notification').set({ state: 'triaged', next_at: null }).where('id', '=', one.id).execute()
    })
    await waking
    expect(await dueAt(one.id)).toBe(lookAgainAt.toString())
  })
})

describe('a record that may be about somebody here', () => {
  const address = { lines: ['3 Nowhere Row'], postcode: 'ZZ9 9ZZ' }

  test('is shown with who it was there, newest first, and does not count', async () => {
    await store({ reference: 'H1', occurredAt: '2026-03-01T20:00:00Z', people: [victim('Phairweather', { ref: 'x2' })] })
    await register([anIncident('OLD-H', victim('Fairwether'))])
    const now = await store({ reference: 'H2', occurredAt: '2026-04-01T20:00:00Z', people: [victim('Fairweather')] })
    const { incidents, possible } = await earlierOf(now)
    expect(incidents).toEqual([])
    expect(possible.map(({ ref, by, record }) => [ref, by, record])).toEqual([
      ['v1', 'sound and birth', expect.objectContaining({ policeReference: 'H1', ref: 'x2' })],
      ['v1', 'sound and birth', expect.objectContaining({ policeReference: 'OLD-H', ref: null })],
    ])
  })

  test('is named once by its address, whoever of a household lives there', async () => {
    await store({ reference: 'I1', occurredAt: '2026-03-01T20:00:00Z', people: [victim('Wexcombe', { address })] })
    const people = [
      victim('Yarrowby', { address }),
      victim('Yarrowby', { ref: 'c1', role: 'child', dateOfBirth: '2018-01-01', address }),
    ]
    const now = await store({ reference: 'I2', occurredAt: '2026-04-01T20:00:00Z', people })
    expect((await earlierOf(now)).possible.map(({ ref, by }) => [ref, by])).toEqual([['v1', 'address']])
  })

  test('is not named again where it counts already, is withdrawn, or is this one', async () => {
    const other = { lines: ['4 Nowhere Row'], postcode: 'ZZ9 9ZZ' }
    const [person, stranger] = [victim('Zellander', { address: other }), victim('Ashgrove', { address: other })]
    await store({ reference: 'J1', occurredAt: '2026-03-01T20:00:00Z', people: [person] })
    await store({ reference: 'J2', occurredAt: '2026-03-02T20:00:00Z', people: [stranger], state: 'withdrawn' })
    await store({ reference: 'J3', occurredAt: '2026-03-03T20:00:00Z', people: [stranger], state: 'superseded' })
    const now = await store({ reference: 'J3', version: 2, occurredAt: '2026-04-01T20:00:00Z', people: [person] })
    const { incidents, possible } = await earlierOf(now)
    expect([incidents.map(({ policeReference }) => policeReference), possible]).toEqual([['J1'], []])
  })

  test('of another force is shown without its reference', async () => {
    const place = { lines: ['5 Nowhere Row'], postcode: 'ZZ9 9ZZ' }
    await store({
      agency: 'police-elsewhere',
      reference: 'K1',
      occurredAt: '2026-03-01T20:00:00Z',
      people: [victim('Birkett', { address: place })],
    })
    const now = await store({
      reference: 'K2',
      occurredAt: '2026-04-01T20:00:00Z',
      people: [victim('Corley', { address: place })],
    })
    expect((await earlierOf(now)).possible).toEqual([
      expect.objectContaining({ record: expect.objectContaining({ policeReference: null, ref: null }) }),
    ])
  })
})
