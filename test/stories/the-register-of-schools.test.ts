import { beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/database/connection.ts'
import { aDaymark, type TestClient } from '../support/daymark.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'

/** Rows as Get Information About Schools writes them, of schools there are not. */
let police: TestClient
let operator: TestClient
let databaseUrl: string

beforeAll(async () => {
  const daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z' })
  databaseUrl = daymark.databaseUrl
  await loadDirectory(daymark)
  operator = await daymark.client('operator', ['directory:write', 'audit:read', 'desk:decide'])
  police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
})

const HEADER =
  '"URN","LA (code)","LA (name)","EstablishmentName","EstablishmentStatus (name)","CloseDate","Postcode","GSSLACode (name)"'
type School = [urn: string, name: string, status?: string, closeDate?: string, authority?: string]
const row = ([urn, name, status = 'Open', closeDate = '', authority = 'E06000015']: School) =>
  [urn, '831', 'Nowhere', name, status, closeDate, 'ZZ1 1ZZ', authority].map((field) => `"${field}"`).join(',')
const establishments = (...schools: School[]) => [HEADER, ...schools.map(row)].join('\r\n')
const links = (...rows: [urn: string, linkUrn: string, type?: string][]) =>
  [
    'URN,LinkURN,LinkName,LinkType,LinkEstablishedDate',
    ...rows.map(([a, b, type = 'Successor']) => `${a},${b},"Nowhere, again",${type},`),
  ].join('\n')

interface Result {
  line: number
  status: number
  id?: string
  result: string
  reason?: string
  errors?: { pointer: string; code: string; detail: string }[]
}

async function take(file: string | Buffer, type = 'text/csv'): Promise<Result[]> {
  const { status, body } = await operator.send('POST', '/v1/directory/imports', file, { 'content-type': type })
  expect({ status, body }).toMatchObject({ status: 200 })
  return body
    .trim()
    .split('\n')
    .map((line: string) => JSON.parse(line))
}

const entry = async (urn: string) => (await operator.get(`/v1/directory/recipients/school-${urn}`)).body

/** The example, with the first child at a school of the given number. */
async function send(reference: string, urn: string): Promise<string> {
  const body = await exampleNotification()
  body.people[2].education = { status: 'on_roll', urns: [urn] }
  return (await police.post('/v1/notifications', { ...body, policeReference: reference })).body.id
}

async function schoolsTold(id: string): Promise<string[]> {
  const { dispatches } = (await police.get(`/v1/notifications/${id}`)).body
  return dispatches
    .filter(({ service }: { service: string }) => service === 'education_setting')
    .map(({ recipient }: { recipient: { id: string } }) => recipient.id)
}

const putOwn = (urn: string, over: Record<string, unknown> = {}) =>
  operator.put(`/v1/directory/recipients/school-${urn}`, {
    service: 'education_setting',
    name: 'As It Was School',
    urn,
    authorities: ['E10000007'],
    channel: { kind: 'pull_queue' },
    contacts: [{ name: 'Alder Penhaligon', role: 'key_adult', email: 'key-adult@school.example' }],
    opensAt: '09:05',
    ...over,
  })

describe('a school of the register', () => {
  test('that is new comes in without an address, and says so', async () => {
    expect(await take(establishments(['900301', 'Foxglove "Lower" School'.replaceAll('"', '""')]))).toEqual([
      { line: 2, status: 201, id: 'school-900301', result: 'added' },
    ])
    expect(await entry('900301')).toMatchObject({
      service: 'education_setting',
      name: 'Foxglove "Lower" School',
      urn: '900301',
      authorities: ['E06000015'],
      channel: { kind: 'webhook', url: '' },
    })
  })

  test('that has no address is never a silence: the directory’s desk is asked, and once it has one it is told', async () => {
    await take(establishments(['900302', 'Harebell School']))
    const id = await send('r-1', '900302')
    const { tasks } = await triaged(police, id)
    expect(await schoolsTold(id)).toEqual([])
    expect(tasks).toContainEqual(expect.objectContaining({ desk: 'directory', about: ['c1'] }))
    const { writtenAt: _, disabled: __, ...body } = await entry('900302')
    const { id: ___, ...put } = { ...body, channel: { kind: 'webhook', url: 'https://harebell.example/alerts' } }
    const answer = await operator.put('/v1/directory/recipients/school-900302', put)
    expect(answer).toMatchObject({ status: 200, body: { secret: expect.stringMatching(/^whsec_/) } })
    await waitFor('the school is told', async () => (await schoolsTold(id)).includes('school-900302'))
  })

  test('that is known keeps its channel, contacts, calendar and agency, and takes its name and authority', async () => {
    await putOwn('900303', { agency: 'trust-of-three' })
    const before = await entry('900303')
    expect(await take(establishments(['900303', 'Now Another Name']))).toMatchObject([{ status: 200, result: 'changed' }])
    const { writtenAt: _, ...rest } = before
    expect(await entry('900303')).toMatchObject({ ...rest, name: 'Now Another Name', authorities: ['E06000015'] })
  })

  test('that is known by another id is found by its number', async () => {
    await operator.put('/v1/directory/recipients/old-mill', {
      ...(await entry('900303')),
      ...{ id: undefined, writtenAt: undefined, disabled: undefined },
      urn: '900304',
    })
    expect(await take(establishments(['900304', 'Old Mill School']))).toMatchObject([{ id: 'old-mill', result: 'changed' }])
  })

  test('keeps its authorities where the file has no GSS code', async () => {
    await putOwn('900305')
    await take(
      'URN,EstablishmentName,EstablishmentStatus (name),CloseDate\n900305,Renamed School,"Open, but proposed to close",31-08-2027\n',
    )
    const stored = await entry('900305')
    expect(stored).toMatchObject({ name: 'Renamed School', authorities: ['E10000007'] })
    expect(stored).not.toHaveProperty('closedOn')
  })

  test('whose address said that it is gone is not taken for mended', async () => {
    await putOwn('900300')
    const database = openDatabase(databaseUrl, null, 1)
    const gone = { disabled_at: Temporal.Instant.from('2026-10-14T20:00:00Z') }
    await database.kysely.updateTable('recipient').set(gone).where('id', '=', 'school-900300').execute()
    await database.close()
    await take(establishments(['900300', 'Renamed All The Same School']))
    expect(await entry('900300')).toMatchObject({ name: 'Renamed All The Same School', disabled: true })
  })

  test('whose number stands in two rows is added once', async () => {
    const results = await take(establishments(['900309', 'Double School'], ['900309', 'Double School']))
    expect(results.map(({ result }) => result)).toEqual(['added', 'as it was'])
  })

  test('that two people bring at once is added by one of them', async () => {
    const many = Array.from({ length: 100 }, (_, i): School => [`${920_000 + i}`, `Twofold School ${i}`])
    const both = await Promise.all([take(establishments(...many)), take(establishments(...many.toReversed()))])
    expect(both.flat().map(({ status }) => status)).toEqual(expect.arrayContaining([200, 201]))
    expect(both.flat().filter(({ result }) => result === 'added')).toHaveLength(100)
    expect(both.flat().filter(({ result }) => result === 'as it was')).toHaveLength(100)
  })

  test('that is only proposed is passed over, with the reason', async () => {
    expect(await take(establishments(['900306', 'Castle In The Air School', 'Proposed to open']))).toEqual([
      { line: 2, status: 200, result: 'skipped', reason: 'This school is proposed and has not opened yet' },
    ])
    expect(await entry('900306')).toMatchObject({ status: 404 })
  })

  test('may not take the id of a recipient that is another', async () => {
    await putOwn('900307', { urn: '900308' })
    expect(await take(establishments(['900307', 'Usurper School']))).toMatchObject([
      { status: 400, result: 'failed', errors: [{ pointer: '/URN', code: 'id-taken' }] },
    ])
  })
})

describe('a school that has closed', () => {
  test('leads to its successor, who is told in its place', async () => {
    await putOwn('900311')
    await take(establishments(['900310', 'Closed School', 'Closed', '31-08-2026'], ['900311', 'Successor Academy']))
    expect(await take(links(['900310', '900311'], ['900311', '900310', 'Predecessor']))).toEqual([
      { line: 2, status: 200, id: 'school-900310', result: 'changed' },
      { line: 3, status: 200, result: 'skipped', reason: 'This link names no successor' },
    ])
    expect(await entry('900310')).toMatchObject({ closedOn: '2026-08-31', successorId: 'school-900311' })
    const id = await send('r-2', '900310')
    await triaged(police, id)
    expect(await schoolsTold(id)).toEqual(['school-900311'])
  })

  test('and has no successor has a person asked, whatever its channel, until it has one', async () => {
    await putOwn('900312')
    await putOwn('900313')
    await take(establishments(['900312', 'Gone School', 'Closed', '31/08/2026']))
    const id = await send('r-3', '900312')
    const { tasks } = await triaged(police, id)
    expect(await schoolsTold(id)).toEqual([])
    const task = tasks.find(({ desk }: { desk: string }) => desk === 'directory')
    expect(task.question).toContain('Gone School closed on 2026-08-31, and no school is entered in its place')
    await take(links(['900312', '900313', 'Successor - amalgamated']))
    await waitFor('the successor is told', async () => (await schoolsTold(id)).includes('school-900313'))
  })

  test('into several leads nowhere by itself, and what a person chose stays', async () => {
    await take(
      establishments(
        ['900320', 'Split School', 'Closed', '31-08-2026'],
        ['900323', 'Torn School', 'Closed', '31-08-2026'],
        ['900324', 'Half School'],
      ),
    )
    const { id: _, writtenAt: __, disabled: ___, ...torn } = await entry('900323')
    expect((await operator.put('/v1/directory/recipients/school-900323', { ...torn, successorId: 'school-900324' })).status).toBe(
      200,
    )
    const results = await take(
      links(['900320', '900321'], ['900320', '900322'], ['900323', '900399', 'Successor - Split School']),
    )
    expect(results.map(({ result }) => result)).toEqual(['skipped', 'skipped', 'skipped'])
    expect(await entry('900320')).not.toHaveProperty('successorId')
    expect(await entry('900323')).toMatchObject({ successorId: 'school-900324', closedOn: '2026-08-31' })
  })

  test('by nobody’s account yet does not lead away from itself', async () => {
    await putOwn('900325')
    expect(await take(links(['900325', '900311'], ['900398', '900311']))).toMatchObject([
      { result: 'skipped', reason: expect.stringContaining('has not closed') },
      { result: 'skipped', reason: 'This school is not in the directory' },
    ])
  })

  test('and opens again is told itself', async () => {
    await putOwn('900326')
    await take(establishments(['900326', 'Phoenix School', 'Closed']))
    expect(await entry('900326')).toMatchObject({ closedOn: '2026-10-14' })
    await take(links(['900326', '900311']))
    await take(establishments(['900326', 'Phoenix School']))
    const id = await send('r-4', '900326')
    await triaged(police, id)
    expect(await schoolsTold(id)).toEqual(['school-900326'])
  })
})

describe('a file of the register', () => {
  test('changes nothing the second time', async () => {
    const file = establishments(['900330', 'Twice School'], ['900331', 'Shut School', 'Closed'], ['900311', 'Successor Academy'])
    const leads = links(['900331', '900311'])
    await take(file)
    await take(leads)
    const before = [await entry('900330'), await entry('900331')]
    const again = [...(await take(file)), ...(await take(leads))]
    expect(again.map(({ result }) => result)).toEqual(['as it was', 'as it was', 'as it was', 'as it was'])
    expect([await entry('900330'), await entry('900331')]).toEqual(before)
  })

  test('is read as Windows-1252 or as UTF-8, as it says or as it shows', async () => {
    const name = 'Côte d’Ébène – Œuvre'
    const text = establishments(['900341', 'Plain School'], ['900342', name])
    const windows = Buffer.from([...text].map((letter) => ({ '’': 0x92, '–': 0x96, Œ: 0x8c })[letter] ?? letter.charCodeAt(0)))
    const named = async (file: Buffer, type?: string) => {
      await take(establishments(['900342', 'Unnamed']))
      await take(file, type)
      return (await entry('900342')).name
    }
    expect(await named(windows)).toBe(name)
    expect(await named(windows, 'text/csv; charset=windows-1252')).toBe(name)
    expect(await named(Buffer.from(text))).toBe(name)
    expect(await named(Buffer.from(`\uFEFF${text}`), 'text/csv; charset=utf-8')).toBe(name)
    expect(await take(windows, 'text/csv;charset=UTF-8')).toMatchObject([
      { line: 2, status: 200 },
      { line: 3, status: 400, errors: [{ code: 'not-utf-8' }] },
    ])
  })

  test('goes on after a row that cannot be read, and answers every row in order', async () => {
    const good = (urn: string) => row([urn, 'Steady School'])
    const file = [
      HEADER,
      good('900351'),
      good('900352').replace('"Steady School"', '"Never closed'),
      good('900353'),
      good('900354').replace('Steady', 'A "mid" quote in a'),
      row(['90035', 'Short Number School', 'Ajar', '31-02-2026', 'Derby']),
      '900355,too,few',
      '',
      good('900356').replace('Steady ', 'Two\r\nLines '),
      good('900357'),
    ].join('\r\n')
    const results = await take(file)
    expect(results.map(({ line, status }) => [line, status])).toEqual([
      [2, 201],
      [3, 400],
      [4, 201],
      [5, 400],
      [6, 400],
      [7, 400],
      [9, 201],
      [11, 201],
    ])
    expect(results[4]?.errors?.map(({ pointer }) => pointer)).toEqual([
      '/URN',
      '/EstablishmentStatus (name)',
      '/CloseDate',
      '/GSSLACode (name)',
    ])
    expect(JSON.stringify(results)).not.toMatch(/mid|Ajar|Derby/)
  })

  test('that lacks columns is refused once, with all their names, and nothing is written', async () => {
    const refused = async (file: string) => operator.send('POST', '/v1/directory/imports', file, { 'content-type': 'text/csv' })
    const { status, body } = await refused('URN,EstablishmentName\n900361,Lost School\n')
    expect({ status, body }).toMatchObject({
      status: 400,
      body: {
        type: 'urn:daymark:problem:columns-missing',
        detail: expect.stringContaining('EstablishmentStatus (name), CloseDate'),
      },
    })
    expect(await entry('900361')).toMatchObject({ status: 404 })
    expect((await refused('URN,LinkURN\n900361,900362\n')).body.errors).toEqual([
      expect.objectContaining({ detail: 'The column LinkType is required' }),
    ])
    expect((await refused('')).body.type).toBe('urn:daymark:problem:columns-missing')
  })

  test('in an alphabet nobody here reads is refused', async () => {
    const headers = { 'content-type': 'text/csv; charset=utf-16' }
    expect((await operator.send('POST', '/v1/directory/imports', HEADER, headers)).status).toBe(415)
  })

  test('is the operator’s alone', async () => {
    const daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z', worker: false })
    const school = await daymark.client('school-900301', ['directory:write'])
    const { status, body } = await school.send('POST', '/v1/directory/imports', establishments(['900301', 'Mine']), {
      'content-type': 'text/csv',
    })
    expect({ status, type: body.type }).toEqual({ status: 403, type: 'urn:daymark:problem:operator-only' })
  })

  test('of 5,000 schools is taken in by one call, and the second time is read through', async () => {
    const file = establishments(...Array.from({ length: 5_000 }, (_, i): School => [`${910_000 + i}`, `Invented School ${i}`]))
    for (const result of ['added', 'as it was']) {
      const results = await take(file)
      expect(results.map(({ line }) => line)).toEqual(Array.from({ length: 5_000 }, (_, i) => i + 2))
      expect(new Set(results.map((one) => one.result))).toEqual(new Set([result]))
    }
  })
})
