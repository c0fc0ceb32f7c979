import { beforeAll, describe, expect, test } from 'vitest'
import { type Answered, aDaymark, type Daymark, type TestClient } from '../support/daymark.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'

let daymark: Daymark
let police: TestClient
const json = { 'content-type': 'application/json' }

beforeAll(async () => {
  daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z' })
  await loadDirectory(daymark)
  police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
})

/** The example under a reference of its own. */
async function aBody(reference: string, change: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  return { ...(await exampleNotification()), policeReference: reference, ...change }
}

function expectProblem(answer: Answered, status: number): void {
  expect(answer.status, JSON.stringify(answer.body)).toBe(status)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.body).toMatchObject({
    status,
    type: expect.stringMatching(/^urn:daymark:problem:[a-z-]+$/),
    title: expect.any(String),
  })
  expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'))
}

const pointers = (answer: Answered): string[] => answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()

/** How much stands in the store: a refusal leaves nothing half-written. */
async function stored(): Promise<number> {
  const operator = await daymark.client('operator', ['audit:read'])
  return (await operator.get('/v1/audit/completeness')).body.notifications
}

describe('a body with faults', () => {
  test('every fault is answered at once, and nothing is written', async () => {
    const before = await stored()
    const answer = await police.post('/v1/notifications', await aBody('bad-1', { peopel: [], version: 0, people: [] }))
    expectProblem(answer, 400)
    expect(pointers(answer)).toEqual(['/people', '/peopel', '/version'].sort())
    expect(JSON.stringify(answer.body.errors)).toContain('did you mean \\"people\\"?')
    expect(await stored()).toBe(before)
  })

  test('a field given twice is refused, for the second would replace the children of the first', async () => {
    const text = JSON.stringify(await aBody('bad-2'))
    const answer = await police.send('POST', '/v1/notifications', `${text.slice(0, -1)},"people":[]}`, json)
    expectProblem(answer, 400)
    expect(pointers(answer)).toEqual(['/people'])
  })

  test('a lone surrogate and a NUL are refused where they stand', async () => {
    const text = JSON.stringify(await aBody('bad-3'))
      .replace('Merrin', 'Merr\\ud800in')
      .replace('Jory', 'Jo\\u0000ry')
    const answer = await police.send('POST', '/v1/notifications', text, json)
    expectProblem(answer, 400)
    expect(pointers(answer)).toEqual(['/people/2/givenNames', '/people/3/givenNames'])
  })

  test('text that is not JSON and no text at all are refused', async () => {
    expectProblem(await police.send('POST', '/v1/notifications', '{"policeReference": ', json), 400)
    expectProblem(await police.send('POST', '/v1/notifications', '', json), 400)
    expectProblem(await police.send('POST', '/v1/notifications', 'null', json), 400)
  })

  test('a body of 1 MiB is read, and one byte more is not', async () => {
    const open = JSON.stringify(await aBody('big-1'))
    const padded = (bytes: number) => `${open.slice(0, -1)}${' '.repeat(bytes - open.length)}}`
    expect((await police.send('POST', '/v1/notifications', padded(1024 * 1024), json)).status).toBe(202)
    expectProblem(await police.send('POST', '/v1/notifications', padded(1024 * 1024 + 1), json), 413)
  })

  test('another content type, and any content encoding, is refused', async () => {
    const text = JSON.stringify(await aBody('bad-4'))
    expectProblem(await police.send('POST', '/v1/notifications', text, { 'content-type': 'text/plain' }), 415)
    expectProblem(await police.send('POST', '/v1/notifications', text, { 'content-type': 'application/xml' }), 415)
    expectProblem(await police.send('POST', '/v1/notifications', text, { 'content-type': 'application/x-ndjson' }), 415)
    expectProblem(await police.send('POST', '/v1/notifications/imports', text, json), 415)
    expectProblem(await police.send('POST', '/v1/notifications', text, { ...json, 'content-encoding': 'gzip' }), 415)
    expectProblem(await police.send('POST', '/v1/notifications', text, { ...json, 'content-encoding': 'identity' }), 415)
  })

  test('no problem repeats what was sent', async () => {
    const answer = await police.post(
      '/v1/notifications',
      await aBody('bad-5', { parentsInformed: 'CANARY', rolesContested: 'CANARY' }),
    )
    expectProblem(answer, 400)
    expect(JSON.stringify(answer.body)).not.toContain('CANARY')
  })
})

describe('the same and another body', () => {
  test('the same body again is answered the same', async () => {
    const body = await aBody('same-1')
    const first = await police.post('/v1/notifications', body)
    const again = await police.post('/v1/notifications', Object.fromEntries(Object.entries(body).reverse()))
    expect(first.status).toBe(202)
    expect(again.status).toBe(202)
    expect(first.headers.get('idempotent-replayed')).toBe(null)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(again.body).toEqual(first.body)
  })

  test('another body under the same reference and version is a conflict', async () => {
    await police.post('/v1/notifications', await aBody('same-2'))
    expectProblem(await police.post('/v1/notifications', await aBody('same-2', { parentsInformed: 'no' })), 409)
  })

  test('an Idempotency-Key belongs to one body', async () => {
    const key = { 'idempotency-key': 'k-1' }
    const first = await police.post('/v1/notifications', await aBody('same-3'), key)
    const again = await police.post('/v1/notifications', await aBody('same-3'), key)
    expect(again.body.id).toBe(first.body.id)
    expectProblem(await police.post('/v1/notifications', await aBody('same-4'), key), 422)
  })

  test('thirty-two senders of one body get one notification', async () => {
    const body = await aBody('same-5')
    const answers = await Promise.all(Array.from({ length: 32 }, () => police.post('/v1/notifications', body)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1)
  })

  test('two forces may use one reference', async () => {
    const other = await daymark.client('police-elsewhere', ['notifications:write'])
    const body = await aBody('same-6')
    expect((await police.post('/v1/notifications', body)).body.id).not.toBe((await other.post('/v1/notifications', body)).body.id)
  })
})

describe('what policy does not know is accepted, and a person decides', () => {
  test('an authority nobody has a procedure for gets the statutory alert and a desk', async () => {
    const example = await exampleNotification()
    const body = await aBody('where-1', { incident: { ...example.incident, localAuthority: 'E99999999' } })
    const decided = await triaged(police, (await police.post('/v1/notifications', body)).body.id)
    expect(decided.policy.area).toBe('england-and-wales')
    expect(decided.dispatches.map(({ service }: { service: string }) => service)).toContain('education_setting')
    expect(decided.tasks.map(({ desk }: { desk: string }) => desk)).toContain('domestic_abuse_review')
  })
})

describe('who may', () => {
  test('a call without a key, or with one nobody made, is not authenticated', async () => {
    const answer = await fetch(`${daymark.url}/v1/notifications`, { method: 'POST', headers: json, body: '{}' })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('Bearer')
    expectProblem(await police.send('POST', '/v1/notifications', '{}', { ...json, authorization: 'Bearer dmk_nobody' }), 401)
  })

  test('a key without the scope may not', async () => {
    const reader = await daymark.client('police-derbyshire', ['notifications:read'])
    expectProblem(await reader.post('/v1/notifications', await aBody('who-1')), 403)
    expectProblem(await police.get('/v1/audit/events'), 403)
  })

  test("another agency's id and an id that was never made are the same answer", async () => {
    const { body } = await police.post('/v1/notifications', await aBody('who-2'))
    const other = await daymark.client('police-elsewhere', ['notifications:read'])
    const theirs = await other.get(`/v1/notifications/${body.id}`)
    const never = await other.get('/v1/notifications/ntf_00000000-0000-7000-8000-000000000000')
    expectProblem(theirs, 404)
    expect({ ...theirs.body, requestId: '' }).toEqual({ ...never.body, requestId: '' })
  })

  test('an address that leads nowhere is a problem too', async () => {
    expectProblem(await police.get('/v1/nothing'), 404)
  })
})

describe('an import', () => {
  const ndjson = { 'content-type': 'application/x-ndjson' }
  const results = (answer: Answered) =>
    String(answer.body)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))

  test('a malformed line in the middle is one result, and the rest go on in order', async () => {
    const lines = [
      JSON.stringify(await aBody('imp-1')),
      '{"policeReference":',
      JSON.stringify(await aBody('imp-2', { peopel: 1 })),
      '',
      JSON.stringify(await aBody('imp-3')),
    ]
    const answer = await police.send('POST', '/v1/notifications/imports', lines.join('\n'), ndjson)
    expect(answer.status).toBe(200)
    expect(results(answer)).toMatchObject([
      { line: 1, status: 202, policeReference: 'imp-1', replayed: false },
      { line: 2, status: 400, errors: [{ code: 'not-json' }] },
      { line: 3, status: 400, errors: [{ pointer: '/peopel', code: 'unknown-field' }] },
      { line: 5, status: 202, policeReference: 'imp-3' },
    ])
  })

  test('a batch that holds a known reference goes in line by line', async () => {
    await police.post('/v1/notifications', await aBody('imp-7'))
    const bodies = await Promise.all(Array.from({ length: 120 }, (_, i) => aBody(`imp-${i + 7}`)))
    bodies.push(await aBody('imp-8', { parentsInformed: 'no' }))
    const answer = await police.send(
      'POST',
      '/v1/notifications/imports',
      `${bodies.map((body) => JSON.stringify(body)).join('\n')}\n`,
      ndjson,
    )
    const told = results(answer)
    expect(told.map(({ line }) => line)).toEqual(Array.from({ length: 121 }, (_, i) => i + 1))
    expect(told[0]).toMatchObject({ status: 202, replayed: true })
    expect(told.slice(1, 120).every(({ status, replayed }) => status === 202 && replayed === false)).toBe(true)
    expect(told[120]).toMatchObject({ status: 409, errors: [{ pointer: '/policeReference' }] })
  })

  test('a line longer than 1 MiB is refused without being kept', async () => {
    const answer = await police.send(
      'POST',
      '/v1/notifications/imports',
      `"${'x'.repeat(1024 * 1024)}"\n${JSON.stringify(await aBody('imp-200'))}`,
      ndjson,
    )
    expect(results(answer)).toMatchObject([
      { line: 1, status: 413 },
      { line: 2, status: 202 },
    ])
  })
})
