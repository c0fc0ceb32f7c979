import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aQueue, aSchool } from '../../test/support/recipient-bodies.ts'
import { anOpenDatabase, type OpenDatabase } from '../../test/support/stored-notification.ts'
import { asAgency } from '../database/connection.ts'
import { findRecipients, type WantedRecipients } from './find-recipients-store.ts'
import { recipientBody } from './recipient-body.ts'
import { writeRecipients } from './write-recipient.ts'

const at = Temporal.Instant.from('2026-03-06T21:10:00Z')
let database: OpenDatabase

beforeAll(async () => {
  database = await anOpenDatabase()
})
afterAll(() => database.close())

async function put(id: string, body: unknown) {
  const read = recipientBody(new Set()).parse(body)
  const client = { id: 'cli_test', agency: 'operator', scopes: [], desks: null }
  await asAgency(database.app, 'operator', (trx) =>
    writeRecipients(trx, database.keys.ring, [{ id, body: read }], { client, at, lookAgainAt: at }),
  )
}

const nobody: WantedRecipients = { authorities: [], urns: [], odsCodes: [], ids: [] }
const find = (wanted: Partial<WantedRecipients>) =>
  findRecipients(database.worker.kysely, database.keys, { ...nobody, ...wanted }, Temporal.Instant.from('2026-03-02T09:00:00Z'))
const idsOf = async (wanted: Partial<WantedRecipients>) => (await find(wanted)).map(({ id }) => id)

describe('whom there is to tell', () => {
  test('is found by authority, school number, health code and id, each once and in the order of ids', async () => {
    await put('b-team', aQueue({ authorities: ['E06000015', 'E10000007'] }))
    await put('a-health', aQueue({ service: 'health', authorities: ['E10000007'], odsCode: 'RTG', serves: ['maternity'] }))
    await put('c-named', aQueue({ authorities: [] }))
    await put('d-school', aSchool({ urn: '900111' }))
    const wanted = { authorities: ['E06000015', 'E10000007'], urns: ['900111'], odsCodes: ['RTG'], ids: ['c-named', 'b-team'] }
    expect(await idsOf(wanted)).toEqual(['a-health', 'b-team', 'c-named', 'd-school'])
  })

  test('is nobody where nobody is named', async () => {
    expect(await find({})).toEqual([])
  })

  test('is told whole: contacts, calendar and channel', async () => {
    await put('whole', aSchool({ urn: '900112', channel: { kind: 'email', address: 'alerts@school.example' } }))
    expect(await find({ urns: ['900112'] })).toEqual([
      {
        id: 'whole',
        service: 'education_setting',
        name: 'Larkspur Primary',
        agency: 'whole',
        authorities: [],
        urn: '900112',
        channel: { kind: 'email', address: 'alerts@school.example' },
        contacts: [{ name: 'Alder Penhaligon', role: 'key_adult', email: 'key-adult@school.example', phone: '01632 960001' }],
        serves: [],
        calendar: { opensAt: '08:50', terms: [['2026-09-02', '2026-10-23']], closedDays: ['2026-09-02'] },
        disabled: false,
      },
    ])
  })

  test('a change of contacts is seen by a process that had read the old ones', async () => {
    await put('changing', aSchool({ urn: '900113' }))
    expect((await find({ urns: ['900113'] }))[0]?.contacts[0]?.name).toBe('Alder Penhaligon')
    await put('changing', aSchool({ urn: '900113', contacts: [{ name: 'Bryony Tolliver', role: 'deputy' }] }))
    expect((await find({ urns: ['900113'] }))[0]?.contacts[0]?.name).toBe('Bryony Tolliver')
  })

  test('a closed school brings its successor, and that one its own; a circle of successors ends', async () => {
    await put('closed', aSchool({ urn: '900114', successorId: 'merged' }))
    await put('merged', aSchool({ urn: '900115', successorId: 'academy' }))
    await put('academy', aSchool({ urn: '900116' }))
    expect(await idsOf({ urns: ['900114'] })).toEqual(['academy', 'closed', 'merged'])
    await put('circle-a', aSchool({ urn: '900117', successorId: 'circle-b' }))
    await put('circle-b', aSchool({ urn: '900118', successorId: 'circle-a' }))
    expect(await idsOf({ urns: ['900117'] })).toEqual(['circle-a', 'circle-b'])
  })

  test('an authority does not bring all its schools: a school is told by its number', async () => {
    await put('local-school', aSchool({ urn: '900119', authorities: ['E09000007'] }))
    expect(await idsOf({ authorities: ['E09000007'] })).toEqual([])
  })

  test('one whose address was gone is found and says so', async () => {
    await put('gone', aQueue({ authorities: ['E06000017'] }))
    await database.worker.kysely.updateTable('recipient').set({ disabled_at: at }).where('id', '=', 'gone').execute()
    expect((await find({ authorities: ['E06000017'] }))[0]?.disabled).toBe(true)
  })
})
