import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aChild, aSuspect, aVictim } from '../../test/support/builders.ts'
import { anOpenDatabase, type OpenDatabase, type Stored, storeNotification } from '../../test/support/stored-notification.ts'
import type { Person } from '../words/notification.ts'
import { findEarlierChildren } from './children-seen-before-store.ts'

let database: OpenDatabase
beforeAll(async () => {
  database = await anOpenDatabase()
})
afterAll(() => database.close())

const NOW = '2026-04-01T20:00:00Z'
let families = 0

/** A mother, a suspect and a child whom no other test knows. */
function aFamily() {
  families += 1
  const familyName = `Zedwing${'abcdefghijkl'[families]}`
  return { mother: aVictim({ familyName }), suspect: aSuspect({ familyName }), child: aChild({ familyName, ref: 'k1' }) }
}

const store = (reference: string, occurredAt: string, people: Person[], given: Partial<Stored> = {}) =>
  storeNotification(database, { reference, occurredAt, people, state: 'triaged', triagedAt: occurredAt, ...given })

async function foundFor(people: Person[], reference = 'now'): Promise<string[]> {
  const now = await store(`${reference}-${families}`, NOW, people)
  const found = await findEarlierChildren(database.worker.kysely, [now])
  return found.map(({ policeReference, ref, beside, there }) => `${policeReference} ${ref} beside ${beside} there ${there}`)
}

describe('children of earlier notifications', () => {
  test('of the same victim or suspect, in whichever of the two roles they were then', async () => {
    const { mother, suspect, child } = aFamily()
    await store('E-1', '2024-01-01T20:00:00Z', [{ ...mother, ref: 'x1', role: 'suspect' }, child])
    await store('E-2', '2025-01-01T20:00:00Z', [suspect, child])
    expect(await foundFor([mother, suspect])).toEqual(['E-2 k1 beside s1 there s1', 'E-1 k1 beside v1 there x1'])
  })

  test('not of one on whose margins they stood, nor of one that came after', async () => {
    const { mother, child } = aFamily()
    await store('E-3', '2025-01-01T20:00:00Z', [{ ...mother, role: 'other_adult' }, child])
    await store('E-4', '2026-04-01T20:00:00Z', [mother, child])
    expect(await foundFor([mother])).toEqual([])
  })

  test('not of a version that a newer one replaced, one withdrawn, or another version of this one', async () => {
    const { mother, child } = aFamily()
    await store('E-5', '2025-01-01T20:00:00Z', [mother, child], { state: 'superseded' })
    await store('E-6', '2025-01-02T20:00:00Z', [mother, child], { state: 'withdrawn' })
    await store(`same-${families}`, '2025-01-03T20:00:00Z', [mother, child], { version: 2 })
    expect(await foundFor([mother], 'same')).toEqual([])
  })

  test('of the five latest that have a child on them, and no more', async () => {
    const { mother, child } = aFamily()
    for (const month of [1, 2, 3, 4, 5, 6, 7]) await store(`F-${month}`, `2025-0${month}-01T20:00:00Z`, [mother, child])
    for (const month of [8, 9]) await store(`F-${month}`, `2025-0${month}-01T20:00:00Z`, [mother])
    expect((await foundFor([mother])).map((found) => found.slice(0, 3))).toEqual(['F-7', 'F-6', 'F-5', 'F-4', 'F-3'])
  })

  test('with a child’s certain keys alone: an address is shared by a whole house', async () => {
    const { mother, child } = aFamily()
    const { dateOfBirth: _, ...unkeyed } = { ...child, address: { lines: ['1 Zedwing Close'], postcode: 'ZZ1 1ZZ' } }
    await store('G-1', '2025-01-01T20:00:00Z', [mother, unkeyed])
    const now = await store('G-2', NOW, [mother])
    expect(await findEarlierChildren(database.worker.kysely, [now])).toMatchObject([{ ref: 'k1', keys: [] }])
  })

  test('of whom nothing was given by which anybody is found', async () => {
    const { mother } = aFamily()
    const child: Person = { ref: 'k1', role: 'child', givenNames: 'Linnet' }
    await store('H-1', '2025-01-01T20:00:00Z', [mother, child, { ref: 'k2', role: 'other_adult' }])
    const now = await store('H-2', NOW, [mother])
    expect(await findEarlierChildren(database.worker.kysely, [now])).toMatchObject([{ ref: 'k1', keys: [] }])
    expect(now.people.flatMap(({ keys }) => keys).filter(({ kind }) => kind === 'stood here')).toEqual([])
  })
})
