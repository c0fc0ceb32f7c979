import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anOpenDatabase, type OpenDatabase } from '../../test/support/stored-notification.ts'
import { ROWS_PER_KEY_MAX } from '../history/earlier-incidents-store.ts'
import { keysOfPeople } from '../history/keys-of-people.ts'
import type { Notification, Person, Restriction } from '../words/notification.ts'
import { accept } from './accept-store.ts'
import { knownRestrictions } from './known-restrictions.ts'
import { prepare } from './receive-notification.ts'

const at = Temporal.Instant.from('2026-04-01T21:00:00Z')
let database: OpenDatabase

beforeAll(async () => {
  database = await anOpenDatabase()
})
afterAll(() => database.close())

const victim = (familyName: string): Person => ({
  ref: 'v1',
  role: 'victim',
  givenNames: 'Isolde',
  familyName,
  dateOfBirth: '1990-02-03',
  address: { lines: ['3 Thistledown Wynd'], postcode: 'ZZ8 8QQ' },
})
const brother: Restriction = { kind: 'must_not_receive', recipientId: 'csc', reason: 'Her brother leads that team.' }

interface Given {
  force?: string
  version?: number
  restrictions?: Restriction[]
}

/** Receives a notification, and returns it as triage would have it. */
async function receive(reference: string, people: Person[], { force = 'police-here', version = 1, restrictions }: Given = {}) {
  const notification: Notification = {
    policeReference: reference,
    version,
    incident: { occurredAt: '2026-04-01T20:00:00Z', reportedAt: '2026-04-01T20:30:00Z', localAuthority: 'E06000015' },
    people,
    ...(restrictions ? { restrictions } : {}),
  }
  const room = { keys: database.keys, now: () => at }
  const accepted = prepare(room, { client: { id: 'cli_test', agency: force }, notification, idempotencyKey: null })
  expect(await accept(database.intake, [accepted])).toBe(true)
  return {
    id: accepted.id,
    agency: force,
    notification,
    people: keysOfPeople(database.keys.service.index.key, notification, force),
  }
}

type Received = Awaited<ReturnType<typeof receive>>

async function known(one: Received) {
  const found = (await knownRestrictions(database.worker.kysely, database.keys, [one])).get(one.id)
  if (!found) throw new Error('It was left out of its own look-up')
  return found
}

describe('what binds somebody', () => {
  test('is known by whoever it names, with why of one’s own force and without it of another', async () => {
    await receive('K-1', [victim('Amberwick')], { restrictions: [brother] })
    const ours = await known(await receive('K-2', [victim('Amberwick')]))
    expect(ours.living).toMatchObject([{ from: 'this force', binds: ['v1'], recipientId: 'csc', reason: brother.reason }])
    const theirs = await known(await receive('T-1', [victim('Amberwick')], { force: 'police-there' }))
    expect(theirs.living).toMatchObject([{ from: 'another force', binds: ['v1'], recipientId: 'csc', reason: null }])
    expect(JSON.stringify(theirs)).not.toMatch(/K-1|police-here|brother/)
    expect((await known(await receive('K-3', [victim('Bramble')]))).living).toEqual([])
  })

  test('is known with the places it protects', async () => {
    await receive('K-4', [victim('Cinder')], { restrictions: [{ kind: 'address_protected', reason: 'Afraid.' }] })
    const { living } = await known(await receive('K-5', [{ ...victim('Cinder'), address: { lines: ['9 Elsewhere'] } }]))
    expect(living).toMatchObject([{ protects: { addresses: [{ lines: ['3 Thistledown Wynd'], postcode: 'ZZ8 8QQ' }] } }])
  })

  test('protects a family’s address from a suspect, and follows him only where accounts conflict', async () => {
    const suspect: Person = { ...victim('Dappled'), ref: 's1', role: 'suspect' }
    const restrictions: Restriction[] = [{ kind: 'address_protected', reason: 'Afraid.' }]
    await receive('K-6', [victim('Other'), suspect], { restrictions })
    const his = await receive('K-7', [{ ...suspect, ref: 'v1', role: 'victim' }])
    expect((await known(his)).living).toEqual([])
  })

  test('whom nobody could find again binds everyone of the same reference, and nobody else', async () => {
    const nameless: Person = { ref: 'c1', role: 'child', approximateAge: 7 }
    await receive('K-8', [victim('Esker'), nameless], { restrictions: [{ ...brother, personRef: 'c1' }] })
    const second = await receive('K-8', [victim('Esker'), nameless], { version: 2 })
    expect((await known(second)).living).toMatchObject([{ binds: 'everyone' }])
    expect((await known(await receive('K-9', [victim('Esker')]))).living).toEqual([])
  })

  test('who has left the notification binds nobody there', async () => {
    const child: Person = { ...victim('Fallow'), ref: 'c1', role: 'child', dateOfBirth: '2016-01-01' }
    await receive('K-10', [victim('Fallow'), child], { restrictions: [{ ...brother, personRef: 'c1' }] })
    expect((await known(await receive('K-10', [victim('Fallow')], { version: 2 }))).living).toEqual([])
  })
})

describe('what cannot be known', () => {
  test('is said where a look-up stopped', async () => {
    const many = Array.from({ length: ROWS_PER_KEY_MAX }, (_, number) => ({ ...brother, recipientId: `csc-${number}` }))
    await receive('C-1', [victim('Garrow')], { restrictions: many })
    const { living, doubts } = await known(await receive('C-2', [victim('Garrow')]))
    expect(living).toHaveLength(ROWS_PER_KEY_MAX)
    expect(doubts).toEqual([expect.stringContaining(`v1 stands under ${ROWS_PER_KEY_MAX} restrictions or more`)])
  })

  test('is said where a restriction can be read no more, and it is not passed over', async () => {
    const stated = await receive('C-3', [victim('Hazel')], { restrictions: [brother] })
    await database.owner.query("update restriction set sealed = '\\x00' where notification_id = $1", [stated.id])
    const { living, doubts } = await known(await receive('C-4', [victim('Hazel')]))
    expect(living).toMatchObject([{ kind: 'must_not_receive', reason: null }])
    expect(doubts).toEqual([expect.stringContaining('can be read no more')])
  })

  test('is taken from the notification itself where nothing of it is stored', async () => {
    const stated = await receive('C-5', [victim('Isle')], { restrictions: [brother] })
    await database.owner.query('delete from restriction where notification_id = $1', [stated.id])
    expect((await known(stated)).living).toMatchObject([{ id: null, from: 'this notification', reason: brother.reason }])
  })
})
