import { afterAll, beforeAll, expect, test } from 'vitest'
import { aNotification } from '../../test/support/builders.ts'
import { anOpenDatabase, type OpenDatabase } from '../../test/support/stored-notification.ts'
import type { Accepted } from './accept-store.ts'
import { acceptTogether } from './accept-together.ts'
import { prepare } from './receive-notification.ts'

let database: OpenDatabase
const at = Temporal.Instant.from('2026-11-04T20:12:00Z')

beforeAll(async () => {
  database = await anOpenDatabase()
})
afterAll(() => database.close())

const prepared = (policeReference: string): Accepted =>
  prepare(
    { keys: database.keys, now: () => at },
    { client: { id: 'cli_zz', agency: 'police-zz' }, notification: aNotification({ policeReference }), idempotencyKey: null },
  )

const stored = async () =>
  (await database.worker.query<{ ref: string }>('select police_reference as ref from notification order by id', [])).map(
    ({ ref }) => ref,
  )

test('notifications that arrive together are each stored, and one that was there already is refused alone', async () => {
  const acceptOne = acceptTogether(database.intake)
  expect(await acceptOne(prepared('ZZ-1'))).toBe(true)
  const [second, again, ...twice] = await Promise.all(
    ['ZZ-2', 'ZZ-1', 'ZZ-3', 'ZZ-3'].map((reference) => acceptOne(prepared(reference))),
  )
  expect([second, again]).toEqual([true, false])
  // Which of two that come at once is the first, only Postgres can say.
  expect(twice.toSorted()).toEqual([false, true])
  expect((await stored()).toSorted()).toEqual(['ZZ-1', 'ZZ-2', 'ZZ-3'])
})

test('one that Postgres cannot store fails alone', async () => {
  const acceptOne = acceptTogether(database.intake)
  const impossible = { ...prepared('ZZ-4'), occurredAt: '0000-00-00T00:00:00Z' }
  const [first, second, third] = await Promise.allSettled([prepared('ZZ-5'), impossible, prepared('ZZ-6')].map(acceptOne))
  expect([first?.status, second?.status, third?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(await stored()).toEqual(expect.arrayContaining(['ZZ-5', 'ZZ-6']))
})
