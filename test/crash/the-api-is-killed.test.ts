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

test('an API killed with notifications on their way to Postgres and before it answers: the same body gets the same id', {
  timeout: LOAD_TIMEOUT_MS,
}, async () => {
  const numbers = numbersFrom(1_000, 16)
  let sending: Promise<Receipt[]> = Promise.resolve([])
  await whileHolding(service, 'lock table audit_event in share mode', async (caught) => {
    sending = service.send(numbers)
    await caught(/insert into notification/)
    await service.api.kill9()
  })
  // What Postgres has of a dead client it still finishes, though nobody is there to hear.
  await processForgotten(service, ['daymark_intake'])
  const kept = await keptOf(numbers)
  expect(kept.size).toBeGreaterThan(0)
  await service.api.restart()
  for (const { id, policeReference, replayed } of await sending) {
    expect(replayed, policeReference).toBe(kept.has(policeReference))
    expect(kept.get(policeReference) ?? id).toBe(id)
  }
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

/** The ids under which these families are in Postgres already. */
async function keptOf(numbers: readonly number[]): Promise<Map<string, string>> {
  const rows = await service.database.query<{ id: string; police_reference: string }>(
    'select id, police_reference from notification where police_reference = any($1)',
    [numbers.map(referenceOf)],
  )
  return new Map(rows.map(({ id, police_reference }) => [police_reference, id]))
}
