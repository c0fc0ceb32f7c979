import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anOpenDatabase, type OpenDatabase, type Stored, storeNotification } from '../../test/support/stored-notification.ts'
import type { Person } from '../words/notification.ts'
import { findLaterTriaged } from './later-incidents-store.ts'

let database: OpenDatabase
let family = 0

beforeAll(async () => {
  database = await anOpenDatabase()
})
afterAll(() => database.close())

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

describe('an incident that is told late', () => {
  test('makes later ones of the same person due again that were triaged before it came', async () => {
    const { victim, child } = aFamily()
    const later = await store({
      reference: 'P2',
      occurredAt: '2026-04-01T20:00:00Z',
      people: [victim],
      state: 'triaged',
      triagedAt: '2026-04-01T20:00:05Z',
    })
    const late = await store({
      reference: 'P1',
      occurredAt: '2026-03-30T20:00:00Z',
      reportedAt: '2026-04-02T09:00:00Z',
      people: [victim, child],
    })
    expect(await findLaterTriaged(database.worker.kysely, [late])).toEqual([later.id])
  })

  test('leaves alone those that knew of it, are withdrawn, are its own versions or share nobody', async () => {
    const { victim, suspect } = aFamily()
    const occurredAt = '2026-04-01T20:00:00Z'
    const triaged = { occurredAt, people: [victim], state: 'triaged', triagedAt: '2026-04-01T20:00:05Z' } as const
    await store({ ...triaged, reference: 'Q2', triagedAt: '2026-04-02T09:02:00Z' })
    await store({ ...triaged, reference: 'Q3', state: 'withdrawn' })
    await store({ ...triaged, reference: 'Q1', version: 2 })
    await store({ ...triaged, reference: 'Q4', people: [suspect] })
    const late = await store({
      reference: 'Q1',
      occurredAt: '2026-03-30T20:00:00Z',
      reportedAt: '2026-04-02T09:00:00Z',
      people: [victim],
    })
    expect(await findLaterTriaged(database.worker.kysely, [late])).toEqual([])
  })
})
