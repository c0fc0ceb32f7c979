import { beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { work } from '../../src/worker.ts'
import { aDaymark, type Daymark, type TestClient } from '../support/daymark.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'

/** Told over HTTP: what one notification forbids holds for its people in every other. */

const SOCIAL_CARE = 'csc-E06000015'
let daymark: Daymark
let operator: TestClient
let police: TestClient
let elsewhere: TestClient
let supervisor: TestClient
let socialCare: TestClient

beforeAll(async () => {
  daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z' })
  operator = await loadDirectory(daymark)
  police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
  elsewhere = await daymark.client('police-elsewhere', ['notifications:write', 'notifications:read'])
  supervisor = await daymark.client('police-derbyshire', ['desk:supervise'])
  socialCare = await daymark.client(SOCIAL_CARE, ['dispatches:collect'])
})

interface Dispatch {
  id: string
  service: string
  kind: string
  recipient: { id: string }
  state: string
  dueBy: string
}
interface Decided {
  id: string
  dispatches: Dispatch[]
  tasks: { desk: string; question: string }[]
}
interface Told {
  id: string
  content: Record<string, unknown>
}

interface Given {
  by?: TestClient
  restrictions?: object[]
  /** What differs of one person, by ref. */
  people?: Record<string, object>
  version?: number
  incident?: object
  rest?: object
}

/** The example, of a family of this name; where the same family is told of again, the same people stand on it. */
async function body(family: string, reference: string, given: Given) {
  const example = await exampleNotification()
  const { restrictions, people = {}, version = 1, incident = {}, rest = {} } = given
  return {
    ...example,
    ...rest,
    ...(restrictions ? { restrictions } : {}),
    policeReference: reference,
    version,
    incident: { ...example.incident, ...incident },
    people: example.people.map((person: { ref: string; nhsNumber?: string; upn?: string; policePersonId?: string }) => {
      const { nhsNumber: _nhs, upn: _upn, policePersonId: _number, ...rest } = person
      return { ...rest, familyName: family, ...people[person.ref] }
    }),
  }
}

async function send(family: string, reference: string, given: Given = {}): Promise<Decided> {
  const { by = police } = given
  const answer = await by.post('/v1/notifications', await body(family, reference, given))
  expect(answer.status, JSON.stringify(answer.body)).toBe(202)
  return triaged(by, answer.body.id)
}

const read = async (id: string, by = police): Promise<Decided> => (await by.get(`/v1/notifications/${id}`)).body
const toSocialCare = ({ dispatches }: Decided) =>
  dispatches.filter(({ recipient, state }) => recipient.id === SOCIAL_CARE && state !== 'withdrawn')
const toSchool = ({ dispatches }: Decided) => dispatches.filter(({ recipient }) => recipient.id === 'school-900101')
const asked = ({ tasks }: Decided) => tasks.find(({ desk }) => desk === 'domestic_abuse_review')?.question ?? ''
const shown = async (id: string): Promise<string> =>
  JSON.stringify((await socialCare.get(`/v1/dispatches/${id}`, { 'daymark-purpose': 'looking' })).body)
const collect = async (): Promise<Told[]> =>
  (await socialCare.post(`/v1/queues/${SOCIAL_CARE}/collect`, { max: 100, leaseSeconds: 3600 })).body.dispatches
const eventsOf = async (id: string): Promise<{ kind: string; actor: string; detail?: Record<string, unknown> }[]> =>
  (await police.get(`/v1/notifications/${id}/timeline`)).body.events
const lift = (id: string, by = supervisor) => by.post(`/v1/restrictions/${id}/lifting`, { reason: 'Her brother has left.' })
const restrictionsOf = async (reference: string, by = supervisor) =>
  (await by.get(`/v1/restrictions?policeReference=${reference}`)).body.restrictions

const brother = { kind: 'must_not_receive', recipientId: SOCIAL_CARE, reason: 'Her brother leads that team.' }
const refuge = { kind: 'address_protected', personRef: 'v1', reason: 'He has found her before.' }
const home = { lines: ['3 Thistledown Wynd'], postcode: 'ZZ8 8QQ' }
const HOME = /thistledown|zz8 ?8qq/i

describe('what must not be told to somebody', () => {
  test('is held in a later notification about the same people, and its task names what to lift', async () => {
    await send('Amberwick', 'b-1', { restrictions: [brother] })
    const later = await send('Amberwick', 'b-2')
    expect(toSocialCare(later)).toMatchObject([{ state: 'held' }])
    const [imposed] = await restrictionsOf('b-1')
    expect(asked(later)).toContain(imposed.id)
    expect(asked(later)).toContain('Her brother leads that team.')
    const other = await send('Brambleton', 'b-3')
    expect(toSocialCare(other)).toMatchObject([{ state: 'released' }])
    expect((await operator.get('/v1/audit/completeness')).body.faults).toEqual([])
  })

  test('holds back what an earlier notification planned and nobody has seen, on the same clock', async () => {
    const first = await send('Cinderford', 'b-4')
    const [planned] = toSocialCare(first)
    expect(planned?.state).toBe('released')
    await send('Cinderford', 'b-5', { restrictions: [brother] })
    const held = await waitFor('it is held', async () => toSocialCare(await read(first.id)).find(({ state }) => state === 'held'))
    expect(held.dueBy).toBe(planned?.dueBy)
    expect(await shown(planned?.id ?? '')).not.toContain('Cinderford')
    expect((await collect()).filter(({ content }) => content.policeReference === 'b-4')).toEqual([])
    expect((await operator.get('/v1/audit/completeness')).body.faults).toEqual([])
  })

  test('takes back nothing of what was seen', async () => {
    const first = await send('Dapplemere', 'b-6')
    expect((await collect()).some(({ content }) => content.policeReference === 'b-6')).toBe(true)
    const [told] = toSocialCare(await read(first.id))
    const second = await send('Dapplemere', 'b-7', { restrictions: [brother] })
    expect(toSocialCare(second)).toMatchObject([{ state: 'held' }])
    await waitFor('it is let go', async () => (await shown(told?.id ?? '')).includes('Dapplemere'))
    expect((await read(first.id)).dispatches.filter(({ kind }) => kind === 'recall')).toEqual([])
    expect(toSocialCare(await read(first.id))).toMatchObject([{ id: told?.id, state: 'collected' }])
  })

  test('from another force holds it too, and neither why nor of which incident is said', async () => {
    await send('Eskerby', 'ZZ-8', { restrictions: [brother] })
    const later = await send('Eskerby', 'b-9', { by: elsewhere })
    expect(toSocialCare(later)).toMatchObject([{ state: 'held' }])
    const [imposed] = await restrictionsOf('ZZ-8')
    expect(asked(later)).toContain(imposed.id)
    const said = JSON.stringify([
      later.tasks,
      later.dispatches,
      (await elsewhere.get(`/v1/notifications/${later.id}/timeline`)).body,
    ])
    expect(said).not.toMatch(/brother|ZZ-8|police-derbyshire/)
    const theirs = await daymark.client('police-elsewhere', ['desk:supervise'])
    expect(await restrictionsOf('ZZ-8', theirs)).toEqual([])
    expect((await lift(imposed.id, theirs)).status).toBe(404)
  })

  test('of a child leaves other children alone; of nobody in particular, it follows a suspect and no passer-by', async () => {
    const schoolBarred = { kind: 'must_not_receive', urn: '900101', reason: 'His cousin is the secretary.' }
    const neighbour = {
      ref: 'a1',
      role: 'other_adult',
      givenNames: 'Quentin',
      familyName: 'Passerby',
      dateOfBirth: '1970-05-05',
      relatedTo: [],
    }
    const example = await body('Fallowmere', 'b-10', { restrictions: [schoolBarred] })
    const answer = await police.post('/v1/notifications', { ...example, people: [...example.people, neighbour] })
    await triaged(police, answer.body.id)
    const suspect = example.people.find(({ ref }: { ref: string }) => ref === 's1')
    const hisNextFamily = await send('Garrowby', 'b-11', { people: { s1: suspect } })
    expect(toSchool(hisNextFamily)).toMatchObject([{ state: 'held' }])
    const hisOwn = await send('Hazelrigg', 'b-12', { people: { v1: { ...neighbour, ref: 'v1', role: 'victim' } } })
    expect(toSchool(hisOwn)).toMatchObject([{ state: 'released' }])
  })

  test('stays though a newer version says it no more', async () => {
    const first = await send('Islebrook', 'b-13', { restrictions: [brother] })
    const notification = await body('Islebrook', 'b-13', { version: 2 })
    const answer = await police.post(`/v1/notifications/${first.id}/versions`, { reason: 'Put right.', notification })
    expect(answer.status).toBe(202)
    expect(toSocialCare(await triaged(police, answer.body.id))).toMatchObject([{ state: 'held' }])
  })
})

test('from the moment a restriction is received nobody collects what an earlier notification planned, triage or none', async () => {
  const quiet = await aDaymark({ clock: '2026-10-14T22:30:00Z', worker: false })
  await loadDirectory(quiet)
  const force = await quiet.client('police-derbyshire', ['notifications:write', 'notifications:read'])
  const council = await quiet.client(SOCIAL_CARE, ['dispatches:collect'])
  const gather = async () =>
    (await council.post(`/v1/queues/${SOCIAL_CARE}/collect`, { max: 100, leaseSeconds: 60 })).body.dispatches
  const working = await work(readConfig(quiet.settings), () => Temporal.Now.instant())
  const first = await send('Rushmere', 'q-1', { by: force })
  await working.stop()
  const second = await force.post('/v1/notifications', await body('Rushmere', 'q-2', { restrictions: [brother] }))
  expect(second.status).toBe(202)
  expect(await gather()).toEqual([])
  const again = await work(readConfig(quiet.settings), () => Temporal.Now.instant())
  await triaged(force, second.body.id)
  await waitFor('it is held', async () => toSocialCare(await read(first.id, force)).some(({ state }) => state === 'held'))
  expect(await gather()).toEqual([])
  await again.stop()
})

test('many told of at once, with and without a restriction, wait for one another and are all held in the end', async () => {
  const references = Array.from({ length: 24 }, (_, number) => `ZZ-many-${number}`)
  const sent = await Promise.all(
    references.map(async (reference, number) => {
      const restrictions = number % 3 === 0 ? [brother, { ...brother, personRef: 'v1' }] : undefined
      return police.post('/v1/notifications', await body('Skelderskew', reference, restrictions ? { restrictions } : {}))
    }),
  )
  expect(sent.map(({ status }) => status)).toEqual(references.map(() => 202))
  for (const { body: receipt } of sent) {
    await waitFor('it is held', async () => {
      const told = toSocialCare(await read(receipt.id))
      return told.length > 0 && told.every(({ state }) => state === 'held')
    })
  }
  await waitFor(
    'nothing waits to be looked at',
    async () => (await operator.get('/v1/audit/completeness')).body.faults.length === 0,
  )
})

describe('lifting', () => {
  test('needs a supervisor of the force and a reason, and lets out what was held', async () => {
    const first = await send('Juniperley', 'l-1', { restrictions: [brother] })
    const later = await send('Juniperley', 'l-2')
    const [imposed] = await restrictionsOf('l-1')
    expect(imposed).toMatchObject({ kind: 'must_not_receive', reason: brother.reason, personRef: null, lifted: null })
    expect((await police.get('/v1/restrictions?policeReference=l-1')).status).toBe(403)
    expect((await lift(imposed.id, police)).status).toBe(403)
    const silent = await supervisor.post(`/v1/restrictions/${imposed.id}/lifting`, { reason: ' ' })
    expect(silent).toMatchObject({ status: 400, body: { errors: [{ pointer: '/reason' }] } })
    expect((await lift('rst_none')).status).toBe(404)
    expect(await lift(imposed.id)).toMatchObject({ status: 200, body: { id: imposed.id, notification: first.id } })
    for (const { id } of [first, later]) {
      await waitFor('it goes out', async () => toSocialCare(await read(id)).some(({ state }) => state === 'released'))
    }
    expect(await lift(imposed.id)).toMatchObject({ status: 409, body: { type: 'urn:daymark:problem:already-lifted' } })
    const events = await eventsOf(first.id)
    expect(events.filter(({ kind }) => kind === 'restriction lifted')).toMatchObject([{ detail: { restriction: imposed.id } }])
    expect(JSON.stringify(events)).not.toContain('brother')
    const [collected] = (await collect()).filter(({ content }) => content.policeReference === 'l-2')
    expect(collected).toBeDefined()
    expect(toSocialCare(await send('Juniperley', 'l-3'))).toMatchObject([{ state: 'released' }])
    expect((await operator.get('/v1/audit/completeness')).body.faults).toEqual([])
  })

  test('of what two versions say alike lifts it in both, and a version that comes later imposes it anew', async () => {
    const first = await send('Kestrelby', 'l-4', { restrictions: [brother] })
    const change = async (version: number) => {
      const notification = await body('Kestrelby', 'l-4', { version, restrictions: [brother], rest: { parentsInformed: 'no' } })
      const answer = await police.post(`/v1/notifications/${first.id}/versions`, { reason: 'Put right.', notification })
      return triaged(police, answer.body.id)
    }
    const second = await change(2)
    const [old, fresh] = await restrictionsOf('l-4')
    expect(asked(second)).toContain(fresh.id)
    expect(asked(second)).not.toContain(old.id)
    expect((await lift(fresh.id)).status).toBe(200)
    expect((await lift(old.id)).status).toBe(409)
    await waitFor('it goes out', async () => toSocialCare(await read(second.id)).some(({ state }) => state === 'released'))
    expect(toSocialCare(await change(3))).toMatchObject([{ state: 'held' }])
  })

  test('lets out what was never planned, because that service is told by agreement and may be left out', async () => {
    const incident = { localAuthority: 'E06000016' }
    const conference = { kind: 'must_not_receive', service: 'marac', reason: 'She sits on it.' }
    const usual = await send('Larchmoor', 'l-5', { incident })
    expect(usual.dispatches.map(({ service }) => service)).toContain('marac')
    const barred = await send('Mossgate', 'l-6', { incident, restrictions: [conference] })
    expect(barred.dispatches.map(({ service }) => service)).not.toContain('marac')
    expect((await lift((await restrictionsOf('l-6'))[0].id)).status).toBe(200)
    await waitFor('it is told', async () => (await read(barred.id)).dispatches.some(({ service }) => service === 'marac'))
  })

  test('reads the restrictions of one notification, and asks for one of the two ways to name them', async () => {
    const { id } = await send('Nettlebury', 'l-7', { restrictions: [refuge] })
    const listed = await supervisor.get(`/v1/restrictions?notification=${id}`)
    expect(listed.body.restrictions).toMatchObject([{ kind: 'address_protected', personRef: 'v1', policeReference: 'l-7' }])
    expect((await supervisor.get('/v1/restrictions')).status).toBe(400)
    expect((await supervisor.get(`/v1/restrictions?notification=${id}&policeReference=l-7`)).status).toBe(400)
  })
})

describe('a protected address', () => {
  test('is hidden in what is sent later about the same person, wherever it is written', async () => {
    await send('Oakhanger', 'p-1', { restrictions: [refuge], people: { v1: { address: home } } })
    const incident = { summary: 'She is now at 3, Thistledown Wynd.' }
    const later = await send('Oakhanger', 'p-2', { incident })
    const [told] = toSocialCare(later)
    expect(told?.state).toBe('released')
    const content = await shown(told?.id ?? '')
    expect(content).toContain('Oakhanger')
    expect(content).not.toMatch(HOME)
  })

  test('is hidden in what another force sends, which is not told where it is', async () => {
    await send('Plumtree', 'p-3', { restrictions: [refuge], people: { v1: { address: home } } })
    const later = await send('Plumtree', 'p-4', { by: elsewhere, incident: { summary: 'Seen near Thistledown Wynd.' } })
    const [told] = toSocialCare(later)
    expect(await shown(told?.id ?? '')).not.toMatch(HOME)
    expect(JSON.stringify([later, (await elsewhere.get(`/v1/notifications/${later.id}/timeline`)).body])).not.toMatch(
      /p-3"|found her|Wynd/,
    )
  })

  test('that somebody was shown and has not acknowledged is corrected, and shown to nobody again', async () => {
    const first = await send('Ravenscar', 'p-7', { people: { v1: { address: home } } })
    const mine = ({ content }: Told) => content.policeReference === 'p-7'
    const [leased] = (await collect()).filter(mine)
    expect(JSON.stringify(leased)).toMatch(HOME)
    await send('Ravenscar', 'p-8', { restrictions: [refuge], people: { v1: { address: home } } })
    const correction = await waitFor('it is corrected', async () => (await collect()).find(mine))
    expect(correction).toMatchObject({ content: { kind: 'correction', corrects: leased?.id } })
    expect(JSON.stringify(correction)).not.toMatch(HOME)
    expect(await shown(leased?.id ?? '')).not.toMatch(HOME)
    expect((await read(first.id)).dispatches.filter(({ kind }) => kind === 'recall')).toEqual([])
  })

  test('is taken out of what waits already, and what waits goes out under a new id by the same deadline', async () => {
    const first = await send('Quenby', 'p-5', { people: { v1: { address: home }, c1: { address: home } } })
    const [planned] = toSocialCare(first)
    await send('Quenby', 'p-6', { restrictions: [refuge], people: { v1: { address: home } } })
    const fresh = await waitFor('it is planned anew', async () =>
      toSocialCare(await read(first.id)).find(({ id, state }) => id !== planned?.id && state === 'released'),
    )
    expect(fresh.dueBy).toBe(planned?.dueBy)
    const collected = (await collect()).filter(({ content }) => content.policeReference === 'p-5')
    expect(collected.map(({ id }) => id)).toEqual([fresh.id])
    expect(JSON.stringify(collected)).not.toMatch(HOME)
    const withdrawn = (await eventsOf(first.id)).find(({ kind }) => kind === 'dispatch withdrawn')
    expect(withdrawn?.detail).toMatchObject({ why: 'it was looked at again before anyone saw it', by: fresh.id })
  })
})
