import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { aQueue, aSchool } from '../../test/support/recipient-bodies.ts'
import { anOpenDatabase, type OpenDatabase } from '../../test/support/stored-notification.ts'
import { onDatabase } from '../../test/support/template-database.ts'
import { asAgency } from '../database/connection.ts'
import { migrate } from '../database/migrate.ts'
import { type Candidate, clearBest, findNearSchools } from './near-schools-store.ts'
import { recipientBody } from './recipient-body.ts'
import { writeRecipients } from './write-recipient.ts'

const here = 'E06000015'
let database: OpenDatabase

beforeAll(async () => {
  database = await anOpenDatabase()
  const at = Temporal.Instant.from('2026-04-01T21:00:00Z')
  const client = { id: 'cli_test', agency: 'operator', scopes: [], desks: null }
  const schools = [
    ['900101', 'Larkspur Primary School', [here]],
    ['900102', 'Foxglove Academy', [here]],
    ['900103', 'Sorrel Infant School', [here]],
    ['900104', 'Sorrel Junior School', [here]],
    ['900105', 'St Zita’s Catholic Primary School', []],
    ['900106', 'Larkspur High School', ['E09000007']],
    ['900107', 'École Brindleby', [here]],
    ['900108', 'Foxglove Academy', [here], '2026-03-31'],
  ] as const
  const puts = schools.map(([urn, name, authorities, closedOn]) => ({
    id: `school-${urn}`,
    body: recipientBody(new Set()).parse(aSchool({ urn, name, authorities, closedOn })),
  }))
  const council = { id: 'csc', body: recipientBody(new Set()).parse(aQueue({ name: 'Thistle Grove Primary' })) }
  await asAgency(database.app, 'operator', (trx) =>
    writeRecipients(trx, database.keys.ring, [...puts, council], { client, at, lookAgainAt: at }),
  )
})
afterAll(() => database.close())

const nearest = async (name: string, authorities: string[] = [here]) =>
  (await findNearSchools(database.worker.kysely, [{ name, authorities }]))[0]?.urn ?? null

describe('a school whose number police do not give', () => {
  test.each([
    ['Larkspur Primry', '900101'],
    ['LARKSPUR PRIMARY', '900101'],
    ['The Foxglve Academy', '900102'],
    ['Ecole Brindlebey', '900107'],
    ["St. Zita's RC Primary", '900105'],
  ])('“%s” is clearly one', async (name, urn) => expect(await nearest(name)).toBe(urn))

  test.each(['Sorrel School', 'Thistle Grove Primary', 'Primary School', 'Hawksmere High School', '…'])(
    '“%s” is none, or could be two',
    async (name) => expect(await nearest(name)).toBeNull(),
  )

  test('is looked for in the authorities that the child may be in, and among schools that name none', async () => {
    expect(await nearest('Larkspur High', ['E09000007'])).toBe('900106')
    expect(await nearest('Larkspur High')).not.toBe('900106')
    expect(await nearest('St Zitas Catholic Primary', ['E09000007'])).toBe('900105')
  })

  test('many names are looked for at once, each with its own answer', async () => {
    const asked = ['Larkspur Primary', 'Nowhere', 'Foxglove'].map((name) => ({ name, authorities: [here] }))
    const found = await findNearSchools(database.worker.kysely, asked)
    expect(found.map((one) => one?.urn ?? null)).toEqual(['900101', null, '900102'])
  })
})

describe('the clear best', () => {
  const alike = (likeness: number): Candidate => ({ recipientId: `${likeness}`, urn: null, name: 'x', likeness })
  const best = (...likenesses: number[]) => clearBest(likenesses.map(alike))?.likeness ?? null

  test('is half alike at least, and leads by a seventh', () => {
    expect([best(), best(0.49), best(0.5), best(1, 0.86), best(1, 0.85)]).toEqual([null, null, 0.5, null, 1])
  })
})

test('where the extensions may not be created the database is migrated all the same, and exact names are found', async () => {
  const name = `daymark_test_${randomBytes(6).toString('hex')}`
  const server = new pg.Client({ connectionString: inject('postgresUrl') })
  await server.connect()
  await server.query(`create database ${name}`)
  const url = onDatabase(inject('postgresUrl'), name)
  const own = new pg.Client({ connectionString: url })
  try {
    await own.connect()
    await own.query(`
      create function refuse() returns event_trigger language plpgsql as
        $$ begin raise exception 'not here' using errcode = 'insufficient_privilege'; end $$;
      create event trigger no_extensions on ddl_command_start when tag in ('CREATE EXTENSION') execute function refuse()`)
    await migrate(url, inject('daymarkKeys'))
    const alike = 'school_names_alike($1, $2) as alike'
    const of = async (one: string, other: string) => (await own.query(`select ${alike}`, [one, other])).rows[0].alike
    expect(await of('The Larkspur Primary', 'Larkspur Primary School')).toBe(1)
    expect(await of('Larkspur Primry', 'Larkspur Primary School')).toBe(0)
  } finally {
    await own.end()
    await server.query(`drop database ${name} with (force)`)
    await server.end()
  }
})
