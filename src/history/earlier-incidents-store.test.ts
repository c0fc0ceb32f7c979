import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anOpenDatabase, type OpenDatabase, type Stored, storeNotification } from '../../test/support/stored-notification.ts'
import { asAgency } from '../database/connection.ts'
import type { Person } from '../words/notification.ts'
import { type Earlier, findEarlierIncidents, type LookedUp } from './earlier-incidents-store.ts'
import { setCompleteFrom } from './force-history-store.ts'

let database: OpenDatabase
let family = 0

beforeAll(async () => {
  database = await anOpenDatabase()
  await says('police-derbyshire', '2020-01-01T00:00:00Z')
})
afterAll(() => database.close())

/** The force says from when its history here is whole. */
function says(force: string, from: string) {
  const at = Temporal.Instant.from('2026-01-01T00:00:00Z')
  return asAgency(database.app, force, (trx) => setCompleteFrom(trx, force, Temporal.Instant.from(from), at))
}

/** A family nobody else in this file belongs to. */
function aFamily(): { victim: Person; suspect: Person; child: Person } {
  family += 1
  const familyName = `Larkmoor${'abcdefghijklmnopqrstuvwxyz'[family] ?? ''}`
  return {
    victim: { ref: 'v1', role: 'victim', givenNames: 'Isolde', familyName, dateOfBirth: '1990-02-03' },
    suspect: { ref: 's1', role: 'suspect', givenNames: 'Tarquin', familyName, dateOfBirth: '1988-05-06' },
    child: { ref: 'c1', role: 'child', givenNames: 'Wren', familyName, dateOfBirth: '2018-07-08' },
  }
}

const store = (stored: Stored) => storeNotification(database, stored)

async function earlierOf(of: LookedUp): Promise<Earlier> {
  const found = (await findEarlierIncidents(database.worker.kysely, [of])).get(of.id)
  if (!found) throw new Error('nothing was answered')
  return found
}

const references = (earlier: Earlier) => earlier.incidents.map(({ policeReference }) => policeReference)

describe('earlier incidents of the same people', () => {
  test('the same person written with accents, capitals and another apostrophe is found', async () => {
    const person = { ref: 'v1', role: 'victim', dateOfBirth: '1991-01-01' } as const
    await store({
      reference: 'A1',
      occurredAt: '2026-03-01T20:00:00Z',
      people: [{ ...person, givenNames: 'Zoë', familyName: "O'Brackenfell" }],
    })
    const now = await store({
      reference: 'A2',
      occurredAt: '2026-04-01T20:00:00Z',
      people: [{ ...person, ref: 'x9', givenNames: 'ZOE', familyName: 'OBRACKENFELL' }],
    })
    expect((await earlierOf(now)).incidents).toEqual([
      {
        policeReference: 'A1',
        occurredAt: Temporal.Instant.from('2026-03-01T20:00:00Z'),
        matches: [{ ref: 'x9', role: 'victim' }],
      },
    ])
  })

  test('someone who only sounds alike, or lives at the same address, is not counted', async () => {
    const address = { lines: ['3 Nowhere Row'], postcode: 'ZZ9 9ZZ', uprn: '100' }
    const person: Person = {
      ref: 'v1',
      role: 'victim',
      givenNames: 'Katherine',
      familyName: 'Smythewood',
      dateOfBirth: '1992-02-02',
      address,
    }
    await store({ reference: 'B1', occurredAt: '2026-03-01T20:00:00Z', people: [person] })
    const now = await store({
      reference: 'B2',
      occurredAt: '2026-04-01T20:00:00Z',
      people: [{ ...person, givenNames: 'Catherine', familyName: 'Smithewood' }],
    })
    expect(references(await earlierOf(now))).toEqual([])
  })

  test('a victim who was the suspect then, and a child who was seen then, are matched once a reference with who they are now', async () => {
    const { victim, suspect, child } = aFamily()
    await store({ reference: 'C1', occurredAt: '2026-03-01T20:00:00Z', people: [{ ...victim, role: 'suspect' }, child] })
    await store({ reference: 'C2', occurredAt: '2026-03-05T20:00:00Z', people: [suspect] })
    const now = await store({ reference: 'C3', occurredAt: '2026-04-01T20:00:00Z', people: [victim, suspect, child] })
    const { incidents } = await earlierOf(now)
    expect(incidents.map(({ policeReference, matches }) => [policeReference, matches])).toEqual([
      ['C2', [{ ref: 's1', role: 'suspect' }]],
      [
        'C1',
        [
          { ref: 'v1', role: 'suspect' },
          { ref: 'c1', role: 'child' },
        ],
      ],
    ])
  })

  test('a withdrawn notification never counts as an earlier incident, nor do the older versions of it', async () => {
    const { victim } = aFamily()
    await store({ reference: 'D1', occurredAt: '2026-03-01T20:00:00Z', people: [victim], state: 'withdrawn' })
    await store({ reference: 'D2', occurredAt: '2026-03-02T20:00:00Z', people: [victim], state: 'superseded' })
    await store({ reference: 'D2', version: 2, occurredAt: '2026-03-02T20:00:00Z', people: [victim], state: 'withdrawn' })
    const now = await store({ reference: 'D3', occurredAt: '2026-04-01T20:00:00Z', people: [victim] })
    expect(references(await earlierOf(now))).toEqual([])
  })

  test('several versions of one reference count once, with the newest version’s time', async () => {
    const { victim } = aFamily()
    await store({ reference: 'E1', occurredAt: '2026-03-01T20:00:00Z', people: [victim], state: 'superseded' })
    await store({ reference: 'E1', version: 2, occurredAt: '2026-02-27T20:00:00Z', people: [victim], state: 'triaged' })
    const now = await store({ reference: 'E2', occurredAt: '2026-04-01T20:00:00Z', people: [victim] })
    const { incidents } = await earlierOf(now)
    expect(incidents.map(({ occurredAt }) => occurredAt.toString())).toEqual(['2026-02-27T20:00:00Z'])
  })

  test('a notification is not its own earlier incident, whatever its version', async () => {
    const { victim } = aFamily()
    await store({ reference: 'F1', occurredAt: '2026-03-31T20:00:00Z', people: [victim], state: 'superseded' })
    const now = await store({ reference: 'F1', version: 2, occurredAt: '2026-04-01T20:00:00Z', people: [victim] })
    expect(references(await earlierOf(now))).toEqual([])
  })

  test('another force’s incident counts and its reference is not shown', async () => {
    const { victim } = aFamily()
    await store({ agency: 'police-elsewhere', reference: 'G2', occurredAt: '2026-03-01T20:00:00Z', people: [victim] })
    const now = await store({ reference: 'G2', occurredAt: '2026-04-01T20:00:00Z', people: [victim] })
    expect(references(await earlierOf(now))).toEqual([null])
  })

  test('another force’s number for a person says nothing about ours', async () => {
    const person: Person = { ref: 's1', role: 'suspect', policePersonId: 'P-77' }
    await store({ agency: 'police-elsewhere', reference: 'H1', occurredAt: '2026-03-01T20:00:00Z', people: [person] })
    const now = await store({ reference: 'H2', occurredAt: '2026-04-01T20:00:00Z', people: [person] })
    expect(references(await earlierOf(now))).toEqual([])
  })

  test('an incident that happened later, or at the same moment, is not an earlier one, however early it was told', async () => {
    const { victim } = aFamily()
    await store({ reference: 'I1', occurredAt: '2026-04-01T20:00:00Z', people: [victim] })
    await store({ reference: 'I2', occurredAt: '2026-04-02T20:00:00Z', people: [victim] })
    const now = await store({
      reference: 'I3',
      occurredAt: '2026-04-01T20:00:00Z',
      reportedAt: '2026-04-03T20:00:00Z',
      people: [victim],
    })
    expect(references(await earlierOf(now))).toEqual([])
  })

  test('another adult on the notification brings no history of their own', async () => {
    const { victim, suspect } = aFamily()
    await store({ reference: 'J1', occurredAt: '2026-03-01T20:00:00Z', people: [victim] })
    const now = await store({
      reference: 'J2',
      occurredAt: '2026-04-01T20:00:00Z',
      people: [{ ...victim, role: 'other_adult' }, suspect],
    })
    expect(references(await earlierOf(now))).toEqual([])
  })

  test('many notifications are answered at once, each with its own people', async () => {
    const [one, two] = [aFamily(), aFamily()]
    await store({ reference: 'K1', occurredAt: '2026-03-01T20:00:00Z', people: [one.victim] })
    const first = await store({ reference: 'K2', occurredAt: '2026-04-01T20:00:00Z', people: [one.victim] })
    const second = await store({ reference: 'K3', occurredAt: '2026-04-01T20:00:00Z', people: [two.victim] })
    const found = await findEarlierIncidents(database.worker.kysely, [first, second])
    expect([found.get(first.id)?.incidents.length, found.get(second.id)?.incidents.length]).toEqual([1, 0])
  })
})

describe('whether the count is whole', () => {
  test('it is, when the force’s history reaches back and every party can be looked up', async () => {
    const { victim, suspect } = aFamily()
    const now = await store({ reference: 'L1', occurredAt: '2026-04-01T20:00:00Z', people: [victim, suspect] })
    expect(await earlierOf(now)).toEqual({
      incidents: [],
      possible: [],
      wholeFrom: Temporal.Instant.from('2020-01-01T00:00:00Z'),
      doubts: [],
    })
  })

  test('it is not, when a party has neither a name with a birth date nor an identifier', async () => {
    const { victim } = aFamily()
    const now = await store({
      reference: 'M1',
      occurredAt: '2026-04-01T20:00:00Z',
      people: [victim, { ref: 's1', role: 'suspect', givenNames: 'Tarquin' }],
    })
    const { wholeFrom, doubts } = await earlierOf(now)
    expect([wholeFrom, doubts]).toEqual([
      null,
      ['The suspect s1 has neither a name with a date of birth nor an identifier, so nobody could look.'],
    ])
  })

  test('it is not, when the force never said from when its history is whole; it is from the day it says', async () => {
    const { victim } = aFamily()
    const silent = await store({ agency: 'police-silent', reference: 'N1', occurredAt: '2026-04-01T20:00:00Z', people: [victim] })
    expect((await earlierOf(silent)).wholeFrom).toBe(null)
    await says('police-young', '2025-04-01T10:00:00Z')
    const young = await store({ agency: 'police-young', reference: 'N2', occurredAt: '2026-04-01T20:00:00Z', people: [victim] })
    const { wholeFrom, doubts } = await earlierOf(young)
    expect([wholeFrom?.toString(), doubts]).toEqual([
      '2025-04-01T10:00:00Z',
      ["The force's history here is whole only from 2025-04-01."],
    ])
  })

  test('a look-up stops at fifty records of one key and says so', async () => {
    const { victim } = aFamily()
    const start = Temporal.Instant.from('2026-01-01T20:00:00Z')
    for (let day = 0; day < 51; day += 1) {
      await store({ reference: `O${day}`, occurredAt: start.add({ hours: 24 * day }).toString(), people: [victim] })
    }
    const now = await store({ reference: 'Onow', occurredAt: '2026-04-01T20:00:00Z', people: [victim] })
    const { incidents, doubts, wholeFrom } = await earlierOf(now)
    expect(incidents).toHaveLength(50)
    expect(doubts).toEqual(['v1 stands on 50 earlier records or more: older than 2026-01-02 nobody looked.'])
    expect(wholeFrom?.toString()).toBe('2026-01-02T20:00:00Z')
  })
})
