import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aDatabase } from '../../test/support/database.ts'
import { inTransaction } from './again.ts'
import { type Database, openDatabase, type Trx } from './connection.ts'

let database: Database

beforeAll(async () => {
  database = openDatabase((await aDatabase()).url, null, 4)
})

afterAll(() => database.close())

const lock = (trx: Trx, key: number) => sql`select pg_advisory_xact_lock(${key}::bigint)`.execute(trx)

test('two transactions that wait for each other both come to their end, for the one that is undone is run again', async () => {
  let runs = 0
  let bothHoldOne: () => void = () => {}
  const held = new Promise<void>((resolve) => {
    bothHoldOne = resolve
  })
  let holding = 0
  const inOrder = (first: number, second: number) =>
    inTransaction(database.kysely, async (trx) => {
      runs += 1
      await lock(trx, first)
      holding += 1
      if (holding === 2) bothHoldOne()
      await held
      await lock(trx, second)
      return first
    })
  expect(await Promise.all([inOrder(1, 2), inOrder(2, 1)])).toEqual([1, 2])
  expect(runs).toBe(3)
})

test('what no other transaction caused is thrown as it came, and not tried again', async () => {
  let runs = 0
  const failing = inTransaction(database.kysely, async (trx) => {
    runs += 1
    await sql`select 1 / 0`.execute(trx)
  })
  await expect(failing).rejects.toThrow('division by zero')
  expect(runs).toBe(1)
})
