import { beforeAll, describe, expect, test } from 'vitest'
import { aDaymark, type TestClient } from '../support/daymark.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'

/** Told over HTTP: somebody in the notification works where it would be read. */

let police: TestClient
let operator: TestClient
let socialCare: TestClient
let larkspur: TestClient
let supervisor: TestClient

const suspect = { givenNames: 'Alder', familyName: 'Penhaligon', dateOfBirth: '1988-02-02' }
const deputy = { name: 'Bryony Tolliver', role: 'deputy', phone: '01632 960002' }
const schoolOpens = '2026-10-15T07:45:00Z'

beforeAll(async () => {
  const daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z' })
  operator = await loadDirectory(daymark)
  police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
  supervisor = await daymark.client('police-derbyshire', ['desk:supervise'])
  socialCare = await daymark.client('csc-E06000015', ['dispatches:collect'])
  larkspur = await daymark.client('school-900101', ['dispatches:collect'])
})

interface Dispatch {
  id: string
  service: string
  recipient: { id: string }
  about: string[]
  state: string
  restricted: boolean
  dueBy: string
}
interface Task {
  desk: string
  agency: string
  question: string
  dueBy: string
}
interface Decided {
  id: string
  dispatches: Dispatch[]
  tasks: Task[]
}

async function school(contacts: unknown[]): Promise<void> {
  const entry = {
    service: 'education_setting',
    name: 'Larkspur Primary',
    urn: '900101',
    channel: { kind: 'pull_queue' },
    contacts,
  }
  expect((await operator.put('/v1/directory/recipients/school-900101', entry)).status).toBe(200)
}

/** The example, with people changed by ref. */
async function send(reference: string, changes: Record<string, Record<string, unknown>>, rest: object = {}): Promise<Decided> {
  const body = await exampleNotification()
  const people = body.people.map((person: { ref: string }) => ({ ...person, ...changes[person.ref] }))
  const answer = await police.post('/v1/notifications', { ...body, ...rest, policeReference: reference, people })
  expect(answer.status, JSON.stringify(answer.body)).toBe(202)
  return triaged(police, answer.body.id)
}

const toSchool = ({ dispatches }: Decided) => dispatches.filter(({ recipient }) => recipient.id === 'school-900101')
const ringing = ({ tasks }: Decided) => tasks.find(({ desk }) => desk === 'directory')
async function eventsOf(id: string): Promise<{ kind: string; dispatch?: string; detail: Record<string, unknown> }[]> {
  return (await police.get(`/v1/notifications/${id}/timeline`)).body.events
}

test('an alert never goes to the school where the suspect is the key adult', async () => {
  await school([{ name: 'Mr A. Penhaligon', role: 'key_adult', phone: '01632 960001' }, deputy])
  const decided = await send('w-1', { s1: suspect })
  const [alert] = toSchool(decided)
  expect(alert).toMatchObject({ state: 'held', restricted: true })
  expect(Temporal.Instant.from(alert?.dueBy ?? '').toString()).toBe(schoolOpens)
  expect(ringing(decided)?.question).toContain('ring Bryony Tolliver (deputy) on 01632 960002 and nobody else there')
  const purpose = { 'daymark-purpose': 'safeguarding' }
  expect((await larkspur.get('/v1/queues/school-900101/dispatches')).body.dispatches).toEqual([])
  expect((await larkspur.get(`/v1/dispatches/${alert?.id}`, purpose)).status).toBe(404)
  expect((await larkspur.post(`/v1/dispatches/${alert?.id}/acknowledgement`, { by: 'Alder' })).status).toBe(404)
  const collected = await larkspur.post('/v1/queues/school-900101/collect', { max: 50, leaseSeconds: 60 })
  expect(collected.body.dispatches).toEqual([])
})

test('with no clean contact the alert is held and somebody rings by the same clock', async () => {
  await school([{ name: 'Alder Penhaligon', role: 'key_adult', phone: '01632 960001' }])
  const decided = await send('w-2', { s1: suspect })
  expect(toSchool(decided)).toMatchObject([{ state: 'held' }])
  const task = ringing(decided)
  expect(task).toMatchObject({ agency: 'operator', question: expect.stringContaining('Nobody clear of it') })
  expect(Temporal.Instant.from(task?.dueBy ?? '').toString()).toBe(schoolOpens)
  const held = (await eventsOf(decided.id)).find(({ kind }) => kind === 'dispatch held')
  expect(held?.detail).toMatchObject({ reason: 'conflict_nobody_clear' })
  expect(JSON.stringify(held)).not.toContain('Penhaligon')
  expect((await operator.get('/v1/audit/completeness')).body.faults).toEqual([])
})

test('two birth dates tell the key adult from a suspect of the same name', async () => {
  await school([{ name: 'Alder Penhaligon', role: 'key_adult', phone: '01632 960001', dateOfBirth: '1961-06-30' }])
  expect(toSchool(await send('w-3', { s1: suspect }))).toMatchObject([{ state: 'released', restricted: false }])
})

test('the victim’s employer is the council’s own team: it is told at once, restricted', async () => {
  const team = {
    service: 'childrens_social_care',
    name: 'Initial Response Team',
    authorities: ['E06000015'],
    channel: { kind: 'pull_queue' },
  }
  const contacts = [{ name: 'Colm Ashgrove', role: 'duty', phone: '01632 960003' }]
  expect((await operator.put('/v1/directory/recipients/csc-E06000015', { ...team, contacts })).status).toBe(200)
  const decided = await send('w-4', { v1: { employer: { recipientId: 'csc-E06000015' } } })
  const told = decided.dispatches.find(({ service }) => service === 'childrens_social_care')
  expect(told).toMatchObject({ state: 'released', restricted: true })
  expect(ringing(decided)?.question).toContain('Ring Colm Ashgrove (duty) on 01632 960003')
  const shown = await socialCare.get(`/v1/dispatches/${told?.id}`, { 'daymark-purpose': 'safeguarding' })
  expect(shown.body).toMatchObject({ restricted: true, content: { restricted: true, restrictedNote: expect.any(String) } })
})

test('a restriction against the council holds what the law would have it told, and asks the force’s supervisor', async () => {
  const restrictions = [{ kind: 'must_not_receive', recipientId: 'csc-E06000015', reason: 'Her brother leads that team.' }]
  const decided = await send('w-5', {}, { restrictions })
  expect(decided.dispatches.find(({ service }) => service === 'childrens_social_care')).toMatchObject({ state: 'held' })
  const asked = decided.tasks.find(({ desk }) => desk === 'domestic_abuse_review')
  expect(asked).toMatchObject({ agency: 'police-derbyshire', question: expect.stringContaining('Her brother leads that team.') })
  expect((await operator.get('/v1/audit/completeness')).body.faults).toEqual([])
  // The others here are told about the same people.
  const [, imposed] = /restriction (rst_\S+)/.exec(asked?.question ?? '') ?? []
  const lifted = await supervisor.post(`/v1/restrictions/${imposed}/lifting`, { reason: 'He has left the team.' })
  expect(lifted.status).toBe(200)
})

test('a suspect of fifteen goes to child protection, and the other children’s routes go on', async () => {
  await school([deputy])
  const decided = await send('w-6', { s1: { ...suspect, dateOfBirth: '2011-01-09' } })
  const services = new Set(decided.dispatches.map(({ service }) => service))
  expect(services).toContain('police_child_protection')
  expect(services).toContain('childrens_social_care')
  expect(toSchool(decided)).toMatchObject([{ about: ['c1'], state: 'released' }])
})

describe('a protected address', () => {
  test('is in no content, whoever is told and wherever it was written', async () => {
    const address = { lines: ['17 Nettlecombe Rise'], postcode: 'ZZ9 7QQ' }
    const summary = 'Police came to 17, Nettlecombe Rise.'
    const body = await exampleNotification()
    const decided = await send(
      'w-7',
      { v1: { address, relationshipToVictim: 'of 17 Nettlecombe Rise' }, c1: { address, voice: 'We ran to zz9 7qq.' } },
      {
        incident: { ...body.incident, summary },
        restrictions: [{ kind: 'address_protected', personRef: 'v1', reason: 'He has found her before.' }],
      },
    )
    expect(decided.dispatches.length).toBeGreaterThan(2)
    for (const { id, recipient } of decided.dispatches) {
      const client = recipient.id === 'csc-E06000015' ? socialCare : recipient.id === 'school-900101' ? larkspur : null
      if (client === null) continue
      const shown = await client.get(`/v1/dispatches/${id}`, { 'daymark-purpose': 'safeguarding' })
      expect(shown.status).toBe(200)
      expect(
        JSON.stringify(shown.body)
          .toLowerCase()
          .replaceAll(/[^a-z0-9]/g, ''),
      ).not.toMatch(/nettlecomberise|zz97qq/)
    }
  })
})

test('nobody is told of what is held, and its clock is watched all the same', async () => {
  await school([{ name: 'Alder Penhaligon', role: 'key_adult', phone: '01632 960001' }])
  const decided = await send('w-8', { s1: suspect }, {})
  const kinds = await waitFor('it is held', async () => {
    const events = await eventsOf(decided.id)
    return events.some(({ kind }) => kind === 'dispatch held') ? events : null
  })
  const held = kinds.filter(({ dispatch }) => dispatch === toSchool(decided)[0]?.id).map(({ kind }) => kind)
  expect(held).toEqual(['dispatch held'])
})
