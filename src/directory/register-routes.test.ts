import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aClock } from '../../test/support/clock.ts'
import { aDoor } from '../../test/support/door.ts'
import { aQueue } from '../../test/support/recipient-bodies.ts'
import { anOpenDatabase, type OpenDatabase } from '../../test/support/stored-notification.ts'
import { asAgency } from '../database/connection.ts'
import { completeFrom } from '../history/force-history-store.ts'
import { type Findable, personKeys } from '../history/person-keys.ts'
import { directoryRoutes } from './directory-routes.ts'
import { matchRegisters } from './register-matches-store.ts'
import { registerRoutes } from './register-routes.ts'

const clock = aClock('2026-03-06T21:10:00Z')
let database: OpenDatabase
let door: Awaited<ReturnType<typeof aDoor>>
let derby: Awaited<ReturnType<typeof door.client>>

beforeAll(async () => {
  database = await anOpenDatabase()
  door = await aDoor(database, clock.now, (app, access) => {
    const room = { access, database: database.app, keys: database.keys, now: clock.now }
    directoryRoutes(app, { ...room, webhookAllow: new Set() })
    registerRoutes(app, room)
  })
  const operator = await door.client('operator')
  await operator.send('PUT', '/v1/directory/recipients/csc-E06000015', aQueue())
  await operator.send('PUT', '/v1/directory/recipients/health-derby', aQueue({ service: 'health' }))
  derby = await door.client('csc-E06000015')
})
afterAll(async () => {
  await door.close()
  await database.close()
})

const at = (reference: string, authority = 'E06000015') => `/v1/registers/open-cases/${authority}/${reference}`
const aCase = (over: Record<string, unknown> = {}) => ({
  people: [{ givenNames: 'Zoë', familyName: "O'Brackenfell", dateOfBirth: '2018-07-08', upn: 'B801200005001' }],
  allocatedWorker: 'Corin Ashdown',
  asOf: '2026-03-06T06:00:00Z',
  ...over,
})

async function casesOf(person: Findable) {
  const keys = personKeys(database.keys.service.index.key, person, null).map(({ key }) => key)
  const { matches } = await matchRegisters(database.worker.kysely, keys, [])
  return matches.flatMap((one) => (one.register === 'open case' ? [[one.authority, one.caseReference, one.asOf.toString()]] : []))
}

describe('the register of open cases', () => {
  test('a child with an open case is found by name and birth, however written, and by number', async () => {
    expect((await derby.send('PUT', at('LCS-1'), aCase())).status).toBe(201)
    const found = [['E06000015', 'LCS-1', '2026-03-06T06:00:00Z']]
    expect(await casesOf({ givenNames: 'ZOE', familyName: 'Obrackenfell', dateOfBirth: '2018-07-08' })).toEqual(
      expect.arrayContaining(found),
    )
    expect(await casesOf({ upn: 'b801200005001' })).toEqual(found)
    expect(await casesOf({ givenNames: 'Zoe', familyName: 'Obrackenfell', dateOfBirth: '2018-07-09' })).toEqual([])
  })

  test('a case put again is replaced, its people with it', async () => {
    await derby.send(
      'PUT',
      at('LCS-2'),
      aCase({ people: [{ givenNames: 'Wren', familyName: 'Larkmoor', nhsNumber: '943 476 5919' }] }),
    )
    const again = await derby.send(
      'PUT',
      at('LCS-2'),
      aCase({ people: [{ givenNames: 'Wren', familyName: 'Larkmoor', nhsNumber: '999 000 0042' }] }),
    )
    expect(again.status).toBe(200)
    expect(await casesOf({ nhsNumber: '9434765919' })).toEqual([])
    expect(await casesOf({ nhsNumber: '9990000042' })).toHaveLength(1)
  })

  test('a closed case is taken out and finds nobody any more', async () => {
    const person = { givenNames: 'Linnet', familyName: 'Farrowdale', nhsNumber: '943 476 5870' }
    await derby.send('PUT', at('LCS-3'), aCase({ people: [person] }))
    expect((await derby.send('DELETE', at('LCS-3'))).status).toBe(204)
    expect((await derby.send('DELETE', at('LCS-3'))).status).toBe(404)
    expect(await casesOf(person)).toEqual([])
  })

  test('is kept by that authority’s social care and the operator, and by nobody else', async () => {
    const operator = await door.client('operator')
    const health = await door.client('health-derby')
    expect((await operator.send('PUT', at('LCS-4'), aCase())).status).toBe(201)
    expect((await health.send('PUT', at('LCS-5'), aCase())).status).toBe(404)
    expect((await health.send('DELETE', at('LCS-4'))).status).toBe(404)
    expect((await derby.send('PUT', at('LCS-5', 'E10000007'), aCase())).status).toBe(404)
  })

  test('is not seen by another agency in Postgres either', async () => {
    await derby.send('PUT', at('LCS-6'), aCase())
    const seen = (agency: string) =>
      asAgency(database.app, agency, (trx) => sql`select 1 from open_case where case_reference = 'LCS-6'`.execute(trx)).then(
        ({ rows }) => rows.length,
      )
    expect(await Promise.all([seen('csc-E06000015'), seen('operator'), seen('health-derby'), seen('')])).toEqual([1, 1, 0, 0])
  })

  test('keeps people and worker sealed, and records who changed it without them', async () => {
    await derby.send('PUT', at('LCS-7'), aCase())
    const { rows } = await sql<{ sealed: Buffer }>`select sealed from open_case where case_reference = 'LCS-7'`.execute(
      database.worker.kysely,
    )
    const events = await database.worker.kysely
      .selectFrom('audit_event')
      .select('body')
      .where('stream', '=', 'register:E06000015')
      .limit(50)
      .execute()
    expect(events.map(({ body }) => JSON.parse(body)).at(-1)).toMatchObject({
      kind: expect.stringMatching(/^open case/),
      actor: derby.id,
    })
    const kept = rows.map(({ sealed }) => sealed.toString('latin1')).join() + JSON.stringify(events)
    for (const word of ['Brackenfell', 'Ashdown', '2018-07-08']) expect(kept).not.toContain(word)
  })

  test('the cases of an authority’s first night may come side by side', async () => {
    const operator = await door.client('operator')
    const all = Array.from({ length: 8 }, (_, number) => operator.send('PUT', at(`N-${number}`, 'E10000018'), aCase()))
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array(8).fill(201))
  })

  test('a register from the future is refused: it would stay fresh for ever', async () => {
    const { status, body } = await derby.send('PUT', at('LCS-8'), aCase({ asOf: '2026-03-06T21:15:01Z' }))
    expect([status, body.errors]).toEqual([400, [expect.objectContaining({ pointer: '/asOf', code: 'in-the-future' })]])
  })
})

describe('the history of a force', () => {
  test('is whole from when that force says, and only for itself', async () => {
    const force = await door.client('police-derbyshire')
    expect((await force.send('PUT', '/v1/registers/history', { completeFrom: '2025-01-01T00:00:00Z' })).status).toBe(200)
    await force.send('PUT', '/v1/registers/history', { completeFrom: '2024-01-01T00:00:00Z' })
    const known = await completeFrom(database.worker.kysely, ['police-derbyshire', 'police-elsewhere'])
    expect([...known].map(([agency, from]) => [agency, from.toString()])).toEqual([['police-derbyshire', '2024-01-01T00:00:00Z']])
  })

  test('cannot be whole from a time that has not come', async () => {
    const force = await door.client('police-derbyshire')
    expect((await force.send('PUT', '/v1/registers/history', { completeFrom: '2027-01-01T00:00:00Z' })).status).toBe(400)
  })
})
