import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aClock } from '../../test/support/clock.ts'
import { aDoor } from '../../test/support/door.ts'
import { aQueue, aSchool } from '../../test/support/recipient-bodies.ts'
import { anOpenDatabase, type OpenDatabase, storeNotification } from '../../test/support/stored-notification.ts'
import type { Scope } from '../access/scopes.ts'
import { asAgency } from '../database/connection.ts'
import { newId } from '../database/new-id.ts'
import { directoryRoutes } from './directory-routes.ts'

const clock = aClock('2026-03-06T21:10:00Z')
let database: OpenDatabase
let door: Awaited<ReturnType<typeof aDoor>>
let operator: Awaited<ReturnType<typeof door.client>>

beforeAll(async () => {
  database = await anOpenDatabase()
  door = await aDoor(database, clock.now, (app, access) =>
    directoryRoutes(app, {
      access,
      database: database.app,
      keys: database.keys,
      now: clock.now,
      webhookAllow: new Set(['127.0.0.1:4010']),
    }),
  )
  operator = await door.client('operator')
})
afterAll(async () => {
  await door.close()
  await database.close()
})

const at = (id: string) => `/v1/directory/recipients/${id}`
const put = (id: string, body: unknown) => operator.send('PUT', at(id), body)

async function eventsOf(id: string) {
  return database.worker.kysely
    .selectFrom('audit_event')
    .select(['kind', 'body', 'actor'])
    .where('stream', '=', `recipient:${id}`)
    .orderBy('seq')
    .limit(50)
    .execute()
}

async function disable(id: string) {
  await database.worker.kysely.updateTable('recipient').set({ disabled_at: clock.now() }).where('id', '=', id).execute()
}

describe('the operator keeps the directory', () => {
  test('a new recipient is read back as it was put, its agency its own id unless another is named', async () => {
    const made = await put('csc-E06000015', aQueue())
    expect([made.status, made.body.agency, made.body.secret]).toEqual([201, 'csc-E06000015', undefined])
    const school = aSchool({ agency: 'academy-trust', hours: 'Monday to Friday', outOfHours: { phone: '01632 960002' } })
    await put('school-900101', school)
    const { status, body } = await operator.send('GET', at('school-900101'))
    expect(status).toBe(200)
    expect(body).toMatchObject({ id: 'school-900101', disabled: false, ...school })
    expect(body).not.toHaveProperty('secret')
  })

  test('the put that makes a webhook answers its secret, once', async () => {
    const made = await put('school-1', aSchool())
    expect(made.body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const again = await put('school-1', aSchool({ name: 'Larkspur Primary School' }))
    expect([again.status, again.body.secret]).toEqual([200, undefined])
    await put('school-1', aSchool({ channel: { kind: 'pull_queue' } }))
    const newly = await put('school-1', aSchool())
    expect(newly.body.secret).toMatch(/^whsec_/)
    expect(newly.body.secret).not.toBe(made.body.secret)
  })

  test('a webhook whose address is not known yet is kept without one, and the put that gives it answers its secret', async () => {
    const unknown = { channel: { kind: 'webhook', url: '' } }
    const made = await put('school-2', aSchool(unknown))
    expect([made.status, made.body.secret, made.body.channel]).toEqual([201, undefined, unknown.channel])
    const row = database.worker.kysely.selectFrom('recipient').select('url').where('id', '=', 'school-2')
    expect((await row.executeTakeFirstOrThrow()).url).toBeNull()
    const school = await door.client('school-2')
    expect((await school.send('PUT', at('school-2'), aSchool({ ...unknown, opensAt: '09:20' }))).status).toBe(200)
    expect((await put('school-2', aSchool())).body.secret).toMatch(/^whsec_/)
  })

  test('every fault is named at once, with where it is and what was meant', async () => {
    const { status, body } = await put('school-2', {
      ...aSchool({
        channel: { kind: 'webhook', url: 'http://school.example/alerts' },
        opensAt: '8.45',
        terms: [['2026-10-23', '2026-09-02']],
      }),
      contcats: [],
    })
    expect(status).toBe(400)
    expect(body.errors).toEqual(
      expect.arrayContaining([
        { pointer: '/contcats', code: 'unknown-field', detail: 'There is no such field here; did you mean "contacts"?' },
        expect.objectContaining({ pointer: '/channel/url', detail: 'Use https' }),
        expect.objectContaining({ pointer: '/opensAt' }),
        expect.objectContaining({ pointer: '/terms/0' }),
      ]),
    )
  })

  test.each([
    ['http://127.0.0.1:4010/alerts', 201],
    ['http://127.0.0.1:4011/alerts', 400],
    ['https://someone:secret@school.example/', 400],
    ['https://school.example/#part', 400],
    ['ftp://school.example/', 400],
    ['school.example', 400],
  ])('a webhook at %s is answered %i', async (url, status) => {
    expect((await put(`school-url-${url.length}`, aSchool({ channel: { kind: 'webhook', url } }))).status).toBe(status)
  })

  test('whoever writes a disabled recipient again makes it reachable again, with a new address or as it was', async () => {
    await put('school-3', aSchool())
    await disable('school-3')
    expect(
      (await put('school-3', aSchool({ channel: { kind: 'webhook', url: 'https://new.example/alerts' } }))).body.disabled,
    ).toBe(false)
    await disable('school-3')
    expect(
      (await put('school-3', aSchool({ channel: { kind: 'webhook', url: 'https://new.example/alerts' } }))).body.disabled,
    ).toBe(false)
  })

  test('what changed is recorded by name, and no contact, address or secret stands in the record or in the clear', async () => {
    const made = await put('school-4', aSchool())
    await put('school-4', aSchool({ contacts: [{ name: 'Bryony Tolliver', role: 'deputy' }] }))
    await put('school-4', aSchool({ contacts: [{ name: 'Bryony Tolliver', role: 'deputy' }] }))
    const events = await eventsOf('school-4')
    expect(events.map(({ kind }) => kind)).toEqual(['recipient added', 'recipient changed'])
    expect(events[1]?.actor).toBe(operator.id)
    expect(JSON.parse(events[1]?.body ?? '').detail).toEqual({ fields: ['contacts'] })
    const { rows } = await sql`select * from recipient where id = 'school-4'`.execute(database.worker.kysely)
    const kept = JSON.stringify([rows, events]) + String(Object(rows[0]).sealed)
    for (const secret of ['Penhaligon', 'Tolliver', 'key-adult@', '960001', String(made.body.secret)])
      expect(kept).not.toContain(secret)
  })

  test('a notification that waits for somebody to be found is triaged again when the directory is written', async () => {
    const waiting = await storeNotification(database, {
      reference: 'W1',
      occurredAt: '2026-03-01T20:00:00Z',
      people: [],
      state: 'triaged',
    })
    const other = await storeNotification(database, {
      reference: 'W2',
      occurredAt: '2026-03-01T20:00:00Z',
      people: [],
      state: 'triaged',
    })
    await openDirectoryTask(waiting.id)
    await put('school-5', aSchool())
    const due = await database.worker.kysely
      .selectFrom('notification')
      .select(['id', 'next_at'])
      .where('id', 'in', [waiting.id, other.id])
      .execute()
    expect(new Map(due.map(({ id, next_at }) => [id, next_at?.toString() ?? null]))).toEqual(
      new Map([
        [waiting.id, '2026-03-06T21:10:00Z'],
        [other.id, null],
      ]),
    )
  })
})

test('a notification older than two weeks stays with the person who has its task, whoever joins the directory', async () => {
  const received = (reportedAt: string) => ({
    occurredAt: '2026-02-20T20:00:00Z',
    reportedAt,
    people: [],
    state: 'triaged' as const,
  })
  const old = await storeNotification(database, { reference: 'W3', ...received('2026-02-20T21:09:59Z') })
  const young = await storeNotification(database, { reference: 'W4', ...received('2026-02-20T21:10:00Z') })
  await openDirectoryTask(old.id)
  await openDirectoryTask(young.id)
  await put('school-two-weeks', aSchool())
  const { rows } = await sql<{ id: string }>`select id from notification where next_at is not null`.execute(
    database.worker.kysely,
  )
  const due = rows.map(({ id }) => id)
  expect([due.includes(old.id), due.includes(young.id)]).toEqual([false, true])
})

async function openDirectoryTask(id: `ntf_${string}`) {
  await database.worker.kysely
    .insertInto('task')
    .values({
      id: newId('tsk'),
      notification_id: id,
      agency: 'operator',
      desk: 'directory',
      questions: Buffer.alloc(1),
      due_by: clock.now(),
      opened_at: clock.now(),
      next_at: clock.now(),
    })
    .execute()
}

describe('a recipient keeps its own part', () => {
  test('a school may change its own contacts and terms but not its address', async () => {
    await put('school-6', aSchool())
    const school = await door.client('school-6')
    const changed = await school.send('PUT', at('school-6'), aSchool({ terms: [['2027-01-04', '2027-02-12']], contacts: [] }))
    expect([changed.status, changed.body.terms]).toEqual([200, [['2027-01-04', '2027-02-12']]])
    const refused = await school.send(
      'PUT',
      at('school-6'),
      aSchool({ name: 'Other', channel: { kind: 'webhook', url: 'https://evil.example/' } }),
    )
    expect(refused.status).toBe(403)
    expect(refused.body.errors).toEqual([
      expect.objectContaining({ pointer: '/name', code: 'operator-only' }),
      expect.objectContaining({ pointer: '/channel', code: 'operator-only' }),
    ])
    expect((await operator.send('GET', at('school-6'))).body).toMatchObject({
      name: 'Larkspur Primary',
      terms: [['2027-01-04', '2027-02-12']],
    })
  })

  test('a school leaves out what is the operator’s, and it stays', async () => {
    await put('school-7', aSchool({ agency: 'trust-7', authorities: ['E06000015'] }))
    const trust = await door.client('trust-7')
    const { urn, ...own } = aSchool({ opensAt: '09:00' })
    const changed = await trust.send('PUT', at('school-7'), own)
    expect([changed.status, changed.body.urn, changed.body.agency]).toEqual([200, urn, 'trust-7'])
  })

  test('another agency’s recipient is neither read, changed nor told apart from none', async () => {
    await put('school-8', aSchool())
    const other = await door.client('school-other')
    const answers = [
      await other.send('GET', at('school-8')),
      await other.send('GET', at('school-nobody')),
      await other.send('PUT', at('school-8'), aSchool()),
      await other.send('PUT', at('school-other'), aSchool()),
    ]
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404])
    expect(new Set(answers.map(({ body }) => body.detail)).size).toBe(1)
  })

  test('another agency’s contacts cannot be read in Postgres either', async () => {
    await put('school-9', aSchool())
    const read = (agency: string) =>
      asAgency(database.app, agency, (trx) => sql`select * from recipient_sealed('school-9')`.execute(trx)).then(
        ({ rows }) => rows.length,
      )
    expect(await Promise.all([read('school-9'), read('operator'), read('school-other'), read('')])).toEqual([1, 1, 0, 0])
    await expect(asAgency(database.app, 'operator', (trx) => sql`select sealed from recipient`.execute(trx))).rejects.toThrow(
      'permission denied',
    )
  })

  test('without the scope it is refused before the body is read', async () => {
    const scope: Scope = 'dispatches:collect'
    const reader = await door.client('school-6', [scope])
    expect((await reader.send('PUT', at('school-6'), { anything: true })).status).toBe(403)
  })
})
