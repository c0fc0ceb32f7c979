import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aClock } from '../../test/support/clock.ts'
import { aDoor } from '../../test/support/door.ts'
import { aQueue, aSchool } from '../../test/support/recipient-bodies.ts'
import { anOpenDatabase, type OpenDatabase } from '../../test/support/stored-notification.ts'
import { directoryRoutes } from './directory-routes.ts'

const clock = aClock('2026-03-06T21:10:00Z')
let database: OpenDatabase
let door: Awaited<ReturnType<typeof aDoor>>
let operator: Awaited<ReturnType<typeof door.client>>

beforeAll(async () => {
  database = await anOpenDatabase()
  door = await aDoor(database, clock.now, (app, access) =>
    directoryRoutes(app, { access, database: database.app, keys: database.keys, now: clock.now, webhookAllow: new Set() }),
  )
  operator = await door.client('operator')
})
afterAll(async () => {
  await door.close()
  await database.close()
})

const put = (id: string, body: unknown) => operator.send('PUT', `/v1/directory/recipients/${id}`, body)

describe('an import', () => {
  const lines = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  const send = (client: typeof operator, text: string) => client.send('POST', '/v1/directory/imports', text)

  test('goes on after a malformed line, and answers every line in order', async () => {
    const { status, text } = await send(
      operator,
      [
        JSON.stringify({ id: 'import-1', ...aQueue() }),
        '{"id":"import-2","service":',
        JSON.stringify({ id: 'import-3', ...aQueue({ authorities: ['Derby'] }) }),
        '',
        JSON.stringify({ id: 'import-4', ...aSchool() }),
        JSON.stringify({ id: 'import-1', ...aQueue() }),
      ].join('\r\n'),
    )
    expect(status).toBe(200)
    expect(lines(text)).toEqual([
      { line: 1, status: 201, id: 'import-1', result: 'added' },
      { line: 2, status: 400, result: 'failed', errors: [{ pointer: '', code: 'not-json', detail: 'This is not JSON' }] },
      { line: 3, status: 400, result: 'failed', errors: [expect.objectContaining({ pointer: '/authorities/0' })] },
      { line: 5, status: 201, id: 'import-4', result: 'added', secret: expect.stringMatching(/^whsec_/) },
      { line: 6, status: 200, id: 'import-1', result: 'as it was' },
    ])
  })

  test('goes on after a line that Postgres will not take', async () => {
    await sql`alter table recipient add constraint no_thirteen check (name <> 'Thirteen')`.execute(database.owner.kysely)
    const names = ['Twelve', 'Thirteen', 'Fourteen']
    const { text } = await send(
      operator,
      names.map((name) => JSON.stringify({ id: `nr-${name}`, ...aQueue({ name }) })).join('\n'),
    )
    expect(lines(text).map(({ status }) => status)).toEqual([201, 500, 201])
  })

  test('of many lines is written in several commits and answered whole', async () => {
    const many = Array.from({ length: 120 }, (_, number) =>
      JSON.stringify({ id: `many-${number}`, ...aQueue({ name: `Team ${number}` }) }),
    )
    const answered = lines((await send(operator, many.join('\n'))).text)
    expect(answered.map(({ line, status }) => [line, status])).toEqual(many.map((_, index) => [index + 1, 201]))
  })

  test('by an agency changes its own part, and nobody else’s', async () => {
    await put('school-9', aSchool())
    await put('school-10', aSchool())
    const school = await door.client('school-10')
    const { text } = await send(
      school,
      [
        { id: 'school-10', ...aSchool({ opensAt: '09:10' }) },
        { id: 'school-10', ...aSchool({ urn: '900999' }) },
        { id: 'school-9', ...aSchool({ opensAt: '09:10' }) },
      ]
        .map((line) => JSON.stringify(line))
        .join('\n'),
    )
    expect(lines(text).map(({ status }) => status)).toEqual([200, 403, 404])
  })

  test('is not taken as JSON', async () => {
    expect((await operator.send('POST', '/v1/directory/imports', { id: 'x', ...aQueue() })).status).toBe(415)
  })
})
