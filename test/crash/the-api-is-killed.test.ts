import { beforeAll, expect, test } from 'vitest'
import { aRedis } from '../support/redis.ts'
import { waitFor } from '../support/wait-for.ts'
import { aServiceToBreak, type BreakableService, numbersFrom, type Receipt } from './breakable-service.ts'
import { expectNothingLost } from './expect-nothing-lost.ts'
import { referenceOf } from './families.ts'
import { processForgotten, whileHolding } from './hold.ts'

const LOAD_TIMEOUT_MS = 90_000

let service: BreakableService

beforeAll(async () => {
  const redis = await aRedis({ appendOnly: false })
  service = await aServiceToBreak(redis?.url ?? null)
  await service.aWorker()
})

test('an API killed after its notification is on its way to Postgres and before it answers: the same body gets the same id', {
  timeout: LOAD_TIMEOUT_MS,
}, async () => {
  const numbers = numbersFrom(1_000, 8)
  let sending: Promise<Receipt[]> = Promise.resolve([])
  await whileHolding(service, 'lock table audit_event in share mode', async (caught) => {
    sending = service.send(numbers)
    await caught(/insert into notification/)
    await waitFor('every one is on its way', async () => (await acceptsWaiting()) === numbers.length)
    await service.api.kill9()
  })
  // Postgres has the whole statement and finishes it, though nobody is there to hear.
  await waitFor('every one is kept', async () => (await kept(numbers)) === numbers.length)
  await service.api.restart()
  const receipts = await sending
  expect(receipts.map(({ replayed }) => replayed)).toEqual(numbers.map(() => true))
  await expectNothingLost(service)
})

test('an API killed while a force posts, again and again: every body is taken in once', {
  timeout: LOAD_TIMEOUT_MS,
}, async () => {
  const before = service.accepted.size
  const sending = service.send(numbersFrom(2_000, 120))
  for (const taken of [20, 60, 90]) {
    await waitFor(`${taken} more are taken in`, () => service.accepted.size >= before + taken)
    await service.api.kill9()
    await processForgotten(service, ['daymark_intake', 'daymark_app'])
    await service.api.restart()
  }
  await sending
  const again = await service.send(numbersFrom(2_000, 120))
  expect(again.every(({ replayed }) => replayed)).toBe(true)
  await expectNothingLost(service)
})

async function acceptsWaiting(): Promise<number> {
  const rows = await service.database.query(
    `select 1 from pg_stat_activity
     where datname = current_database() and application_name = 'daymark_intake' and wait_event_type = 'Lock'`,
    [],
  )
  return rows.length
}

async function kept(numbers: readonly number[]): Promise<number> {
  const references = numbers.map(referenceOf)
  return (await service.database.query('select 1 from notification where police_reference = any($1)', [references])).length
}
