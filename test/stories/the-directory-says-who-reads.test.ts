import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { type Working, work } from '../../src/worker.ts'
import { asWebhook, calls } from '../support/changed-notification.ts'
import { aDaymark, type Daymark, type TestClient } from '../support/daymark.ts'
import { aReceiver, type Receiver } from '../support/receiver.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'

/** Told over HTTP: somebody becomes a contact, or an employer is known, after an alert was planned for that place. */

const SOCIAL_CARE = 'csc-E06000015'
let daymark: Daymark
let operator: TestClient
let police: TestClient
let larkspur: TestClient
let foxglove: Receiver
let working: Working
let database: pg.Client

const start = () => work(readConfig(daymark.settings), () => Temporal.Now.instant())

beforeAll(async () => {
  foxglove = await aReceiver()
  daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z', worker: false, webhookAllow: foxglove.host })
  working = await start()
  database = new pg.Client({ connectionString: daymark.databaseUrl })
  await database.connect()
  operator = await loadDirectory(daymark)
  police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
  larkspur = await daymark.client('school-900101', ['dispatches:collect'])
  await contacts([deputy])
})
afterAll(async () => {
  await working.stop()
  await database.end()
})

interface Dispatch {
  id: string
  service: string
  recipient: { id: string }
  state: string
  restricted: boolean
  dueBy: string
}
interface Decided {
  id: string
  dispatches: Dispatch[]
  tasks: { desk: string; question: string; dueBy: string }[]
}

const deputy = { name: 'Bryony Tolliver', role: 'deputy', phone: '01632 960002' }
const keyAdult = (family: string) => ({ name: `Mr A. ${family}`, role: 'key_adult', phone: '01632 960001' })
const suspect = (familyName: string) => ({ givenNames: 'Alder', familyName, dateOfBirth: '1988-02-02' })

async function contacts(named: object[], rest: object = {}): Promise<void> {
  const entry = {
    service: 'education_setting',
    name: 'Larkspur Primary',
    urn: '900101',
    channel: { kind: 'pull_queue' },
    ...rest,
  }
  const answer = await operator.put('/v1/directory/recipients/school-900101', { ...entry, contacts: named })
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
}

async function send(reference: string, changes: Record<string, object>): Promise<Decided> {
  const body = await exampleNotification()
  const people = body.people.map((person: { ref: string }) => ({ ...person, ...changes[person.ref] }))
  const answer = await police.post('/v1/notifications', { ...body, policeReference: reference, people })
  expect(answer.status, JSON.stringify(answer.body)).toBe(202)
  return triaged(police, answer.body.id)
}

const read = async (id: string): Promise<Decided> => (await police.get(`/v1/notifications/${id}`)).body
const toldAt = ({ dispatches }: Decided, recipient = 'school-900101') =>
  dispatches.filter((one) => one.recipient.id === recipient && one.state !== 'withdrawn')
const waiting = async (reference: string): Promise<unknown[]> => {
  const answer = await larkspur.post('/v1/queues/school-900101/collect', { max: 100, leaseSeconds: 10 })
  return answer.body.dispatches.filter(
    ({ content }: { content: { policeReference: string } }) => content.policeReference === reference,
  )
}
const held = (id: string, recipient?: string) =>
  waitFor('it is held', async () => toldAt(await read(id), recipient).find(({ state }) => state === 'held'))

describe('an alert that nobody has seen', () => {
  test('is held back as soon as the suspect is a contact there, and then waits for somebody clear, by the same clock', async () => {
    const sent = await send('d-1', { s1: suspect('Penhaligon') })
    const [alert] = toldAt(sent)
    expect(alert?.state).toBe('released')
    await working.stop()
    await contacts([keyAdult('Penhaligon'), deputy])
    expect(await waiting('d-1')).toEqual([])
    working = await start()
    const now = await held(sent.id)
    expect(now).toMatchObject({ dueBy: alert?.dueBy, restricted: true })
    expect(await waiting('d-1')).toEqual([])
    const ring = (await read(sent.id)).tasks.find(({ question }) => question.includes('Penhaligon'))
    expect(ring?.question).toContain('ring Bryony Tolliver (deputy) on 01632 960002 and nobody else there')
    expect(Temporal.Instant.compare(ring?.dueBy ?? '', alert?.dueBy ?? '')).toBeLessThanOrEqual(0)
    expect((await operator.get('/v1/audit/completeness')).body.faults).toEqual([])
  })

  test('goes out once the suspect is a contact there no longer', async () => {
    await contacts([keyAdult('Quarrington'), deputy])
    const sent = await send('d-2', { s1: suspect('Quarrington') })
    expect(toldAt(sent)).toMatchObject([{ state: 'held' }])
    await contacts([deputy])
    await waitFor('it goes out', async () => toldAt(await read(sent.id)).some(({ state }) => state === 'released'))
    await waitFor('it is collected', async () => (await waiting('d-2')).length === 1)
  })

  test('stays as it is, under its own id, where somebody else becomes a contact', async () => {
    const sent = await send('d-3', { s1: suspect('Rosedale') })
    const events = async () => (await police.get(`/v1/notifications/${sent.id}/timeline`)).body.events.length
    const before = await events()
    await contacts([{ name: 'Somebody Newcome', role: 'key_adult', email: 'newcome@school.example' }, deputy])
    const collected = await waitFor('it can be collected again', async () => {
      const found = await waiting('d-3')
      return found.length > 0 ? found : null
    })
    expect(collected).toMatchObject([{ id: toldAt(sent)[0]?.id }])
    // Nobody had judged the new key adult when it was planned; now somebody has, and they may be written to.
    const { rows } = await database.query('select cardinality(clear_contacts) as clear from dispatch where id = $1', [
      toldAt(sent)[0]?.id,
    ])
    expect(rows).toEqual([{ clear: 1 }])
    // Collecting is one event; that it was looked at, and found as it should be, is none.
    expect(await events()).toBe(before + 1)
  })

  test('on its way to a school that does not answer is called no more', async () => {
    await asWebhook(operator, '900102', 'Foxglove Academy', foxglove)
    foxglove.answerWith({ kind: 'status', status: 503 })
    const education = { status: 'on_roll', urns: ['900102'] }
    const sent = await send('d-4', { s1: suspect('Silverdale'), c1: { education } })
    await calls(foxglove, 'd-4', 1)
    const written = await operator.put('/v1/directory/recipients/school-900102', {
      service: 'education_setting',
      name: 'Foxglove Academy',
      urn: '900102',
      channel: { kind: 'webhook', url: foxglove.url },
      contacts: [keyAdult('Silverdale')],
    })
    expect(written.status).toBe(200)
    await held(sent.id, 'school-900102')
    expect(toldAt(await read(sent.id), 'school-900102')).toHaveLength(1)
  })
})

test('where the victim turns out to work, what the council has not seen yet is marked restricted', async () => {
  const sent = await send('d-5', { v1: { employer: { odsCode: 'ZZ9Y1' } } })
  expect(toldAt(sent, SOCIAL_CARE)).toMatchObject([{ state: 'released', restricted: false }])
  const team = { service: 'childrens_social_care', name: 'Initial Response Team', authorities: ['E06000015'] }
  const entry = { ...team, odsCode: 'ZZ9Y1', channel: { kind: 'pull_queue' } }
  expect((await operator.put(`/v1/directory/recipients/${SOCIAL_CARE}`, entry)).status).toBe(200)
  await waitFor('it is restricted', async () => toldAt(await read(sent.id), SOCIAL_CARE).some(({ restricted }) => restricted))
  expect(toldAt(await read(sent.id), SOCIAL_CARE)).toMatchObject([{ state: 'released', restricted: true }])
})

test('whoever writes a contact waits for a triage under way, which may have planned by the old entry', async () => {
  const triage = new pg.Client({ connectionString: daymark.databaseUrl })
  await triage.connect()
  await triage.query('begin; select triage_is_under_way()')
  let written = false
  const writing = contacts([keyAdult('Thornbury'), deputy]).then(() => {
    written = true
  })
  await waitFor('it waits', async () => {
    const { rows } = await triage.query("select 1 from pg_locks where locktype = 'advisory' and not granted")
    return rows.length > 0
  })
  expect(written).toBe(false)
  await triage.query('commit')
  await writing
  await triage.end()
})
