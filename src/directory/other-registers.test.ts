import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aClock } from '../../test/support/clock.ts'
import { aDoor } from '../../test/support/door.ts'
import { aQueue, aSchool } from '../../test/support/recipient-bodies.ts'
import { anOpenDatabase, type OpenDatabase } from '../../test/support/stored-notification.ts'
import { asAgency } from '../database/connection.ts'
import { type Findable, personKeys } from '../history/person-keys.ts'
import { directoryRoutes } from './directory-routes.ts'
import { matchRegisters } from './register-matches-store.ts'
import { registerRoutes } from './register-routes.ts'

const clock = aClock('2026-03-06T21:10:00Z')
let database: OpenDatabase
let door: Awaited<ReturnType<typeof aDoor>>
type Client = Awaited<ReturnType<typeof door.client>>
let operator: Client
let school: Client
let marac: Client
let force: Client

beforeAll(async () => {
  database = await anOpenDatabase()
  door = await aDoor(database, clock.now, (app, access) => {
    const room = { access, database: database.app, keys: database.keys, now: clock.now }
    directoryRoutes(app, { ...room, webhookAllow: new Set() })
    registerRoutes(app, room)
  })
  operator = await door.client('operator')
  await operator.send('PUT', '/v1/directory/recipients/school-900101', aSchool())
  await operator.send('PUT', '/v1/directory/recipients/school-900102', aSchool({ urn: '900102', name: 'Foxglove Academy' }))
  await operator.send('PUT', '/v1/directory/recipients/marac-here', aQueue({ service: 'marac' }))
  await operator.send('PUT', '/v1/directory/recipients/marac-there', aQueue({ service: 'marac', authorities: ['E09000007'] }))
  school = await door.client('school-900101')
  marac = await door.client('marac-here')
  force = await door.client('police-derbyshire')
})
afterAll(async () => {
  await door.close()
  await database.close()
})

const wren = { givenNames: 'Wren', familyName: 'Larkmoor', dateOfBirth: '2018-07-08' }
const aRoll = (over: Record<string, unknown> = {}) => ({ asOf: '2026-03-02T06:00:00Z', pupils: [wren], ...over })
const aCase = (over: Record<string, unknown> = {}) => ({
  victim: { givenNames: 'Tamsin', familyName: 'Quillfeather', dateOfBirth: '1994-02-11' },
  suspect: { givenNames: 'Corin', familyName: 'Vance', dateOfBirth: '1991-07-30' },
  referredOn: '2026-02-01',
  ...over,
})
const anIncident = (over: Record<string, unknown> = {}) =>
  JSON.stringify({
    policeReference: 'OLD-1',
    occurredAt: '2025-12-24T20:00:00Z',
    people: [{ role: 'child', ...wren }],
    ...over,
  })
const importing = (client: Client, ...lines: string[]) => client.send('POST', '/v1/registers/earlier-incidents', lines.join('\n'))
const resultsOf = ({ text }: { text: string }) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

async function found(person: Findable) {
  const keys = personKeys(database.keys.service.index.key, person, null).map(({ key }) => key)
  const { matches } = await matchRegisters(database.worker.kysely, keys, [])
  return [...new Set(matches.map((one) => (one.register === 'roll' ? one.urn : one.register === 'marac' ? one.id : 'a case')))]
}

/** How many rows of a table an agency sees in Postgres itself. */
const seen = (agency: string, table: string) =>
  asAgency(database.app, agency, (trx) =>
    sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(trx),
  ).then(({ rows }) => rows[0]?.n)

const columnText = async (table: string) => {
  const { rows } = await sql<{ sealed: Buffer }>`select sealed from ${sql.table(table)}`.execute(database.worker.kysely)
  const events = await database.worker.kysely.selectFrom('audit_event').select('body').limit(500).execute()
  return rows.map(({ sealed }) => sealed.toString('latin1')).join() + events.map(({ body }) => body).join()
}

describe('the roll of a school', () => {
  test('is replaced whole: who has left is on it no more', async () => {
    expect((await school.send('PUT', '/v1/registers/pupils/900101', aRoll())).status).toBe(201)
    expect(await found(wren)).toEqual(['900101'])
    const upn = { givenNames: 'Linnet', familyName: 'Farrowdale', upn: 'B801200005001' }
    expect((await school.send('PUT', '/v1/registers/pupils/900101', aRoll({ pupils: [upn] }))).status).toBe(200)
    expect([await found(wren), await found({ upn: 'b801200005001' })]).toEqual([[], ['900101']])
  })

  test('is kept by that school and the operator, and by nobody else', async () => {
    expect((await operator.send('PUT', '/v1/registers/pupils/900102', aRoll())).status).toBe(201)
    expect((await school.send('PUT', '/v1/registers/pupils/900102', aRoll())).status).toBe(404)
    expect((await marac.send('PUT', '/v1/registers/pupils/900101', aRoll())).status).toBe(404)
    expect((await school.send('PUT', '/v1/registers/pupils/900999', aRoll())).status).toBe(404)
  })

  test('is seen by no other agency in Postgres either', async () => {
    await school.send('PUT', '/v1/registers/pupils/900101', aRoll())
    await operator.send('PUT', '/v1/registers/pupils/900102', aRoll())
    const agencies = ['school-900101', 'school-900102', 'operator', 'marac-here', 'police-derbyshire', '']
    expect(await Promise.all(agencies.map((agency) => seen(agency, 'pupil_roll')))).toEqual([1, 1, 2, 0, 0, 0])
    expect(await seen('school-900101', 'pupil_key')).toBeLessThan((await seen('operator', 'pupil_key')) ?? 0)
    expect(await seen('marac-here', 'pupil_key')).toBe(0)
  })

  test('keeps its pupils sealed', async () => {
    await school.send('PUT', '/v1/registers/pupils/900101', aRoll())
    expect(await columnText('pupil_roll')).not.toMatch(/Larkmoor|Wren|2018-07-08/)
  })

  test('a pupil number that cannot be right is flagged and not refused', async () => {
    const pupils = [
      { ...wren, upn: 'B801200005002' },
      { givenNames: 'Ivo', familyName: 'Marsh' },
    ]
    const { status, body } = await school.send('PUT', '/v1/registers/pupils/900101', aRoll({ pupils }))
    expect([status, body.flags]).toEqual([
      200,
      [
        expect.objectContaining({ pointer: '/pupils/0/upn', code: 'bad-identifier' }),
        expect.objectContaining({ pointer: '/pupils/1', code: 'cannot-be-matched' }),
      ],
    ])
  })

  test('bad input gets every fault with its place', async () => {
    const { status, body } = await school.send('PUT', '/v1/registers/pupils/900101', { asOf: 'today', pupil: [] })
    expect(status).toBe(400)
    expect(body.errors).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ pointer: '/asOf' }),
        expect.objectContaining({ pointer: '/pupil', detail: expect.stringContaining('"pupils"') }),
      ]),
    )
    const ahead = await school.send('PUT', '/v1/registers/pupils/900101', aRoll({ asOf: '2026-03-06T21:15:01Z' }))
    expect(ahead.body.errors).toEqual([expect.objectContaining({ code: 'in-the-future' })])
    expect((await school.send('PUT', '/v1/registers/pupils/9001', aRoll())).status).toBe(400)
  })
})

describe('the register of MARAC cases', () => {
  test('is kept by whoever coordinates a MARAC, each its own, and by the operator', async () => {
    expect((await marac.send('PUT', '/v1/registers/marac/M-1', aCase())).status).toBe(201)
    expect((await marac.send('PUT', '/v1/registers/marac/M-1', aCase({ referredOn: '2026-03-01' }))).status).toBe(200)
    const there = await door.client('marac-there')
    expect((await there.send('PUT', '/v1/registers/marac/M-1', aCase())).status).toBe(201)
    expect((await school.send('PUT', '/v1/registers/marac/M-1', aCase())).status).toBe(404)
    expect((await force.send('PUT', '/v1/registers/marac/M-1', aCase())).status).toBe(404)
    expect(await found(aCase().victim)).toEqual(['M-1'])
    const agencies = ['marac-here', 'marac-there', 'operator', 'school-900101', '']
    expect(await Promise.all(agencies.map((agency) => seen(agency, 'marac_case')))).toEqual([1, 1, 0, 0, 0])
    expect(await columnText('marac_case')).not.toMatch(/Quillfeather|Vance|1994-02-11/)
  })

  test('a referral of a day that has not come is refused', async () => {
    const { status, body } = await marac.send('PUT', '/v1/registers/marac/M-2', aCase({ referredOn: '2026-03-07' }))
    expect([status, body.errors]).toEqual([400, [expect.objectContaining({ pointer: '/referredOn', code: 'in-the-future' })]])
    const other = await marac.send('PUT', '/v1/registers/marac/M-2', { ...aCase(), suspects: [] })
    expect(other.body.errors).toEqual([
      expect.objectContaining({ pointer: '/suspects', detail: expect.stringContaining('"suspect"') }),
    ])
  })
})

describe('earlier incidents', () => {
  test('are taken in one a line, in order, and again as they are', async () => {
    const lines = [anIncident(), anIncident({ policeReference: 'OLD-2' }), anIncident({ policeReference: 'OLD-1' })]
    expect(resultsOf(await importing(force, ...lines)).map(({ line, status }) => [line, status])).toEqual([
      [1, 201],
      [2, 201],
      [3, 200],
    ])
    expect(await columnText('earlier_incident')).not.toMatch(/Larkmoor|Wren|2018-07-08/)
  })

  test('a line with faults is answered, and the rest go on', async () => {
    const results = resultsOf(
      await importing(
        force,
        anIncident({ policeReference: 'OLD-3', occurredAt: '2026-03-06T21:15:01Z' }),
        '{',
        anIncident({ policeReference: 'OLD-4', people: [] }),
        anIncident({ policeReference: 'OLD-5', people: [{ role: 'victim', givenNames: 'Ivo', nhsNumber: '9434765918' }] }),
      ),
    )
    expect(results.map(({ status }) => status)).toEqual([400, 400, 400, 201])
    expect(results[0].errors).toEqual([expect.objectContaining({ pointer: '/occurredAt', code: 'in-the-future' })])
    expect(results[3].flags.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/people/0/nhsNumber', '/people/0'])
  })

  test('are a force’s own: no school, council or operator gives them, and no other force sees them', async () => {
    await importing(force, anIncident())
    for (const client of [school, operator]) expect((await importing(client, anIncident())).status).toBe(404)
    const other = await door.client('police-elsewhere')
    expect(resultsOf(await importing(other, anIncident()))[0].status).toBe(201)
    expect(await seen('police-elsewhere', 'earlier_incident')).toBe(1)
    for (const agency of ['school-900101', 'operator', '']) expect(await seen(agency, 'earlier_incident_key')).toBe(0)
  })

  test('are lines, and nothing else', async () => {
    expect((await force.send('POST', '/v1/registers/earlier-incidents', {})).status).toBe(415)
  })
})
