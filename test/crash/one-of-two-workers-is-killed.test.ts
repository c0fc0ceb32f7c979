import { beforeAll, expect, test } from 'vitest'
import type { DaymarkProcess } from '../support/processes.ts'
import { aRedis } from '../support/redis.ts'
import { waitFor } from '../support/wait-for.ts'
import { aServiceToBreak, type BreakableService, numbersFrom } from './breakable-service.ts'
import { expectNothingLost, idOf, isSettled } from './expect-nothing-lost.ts'

/** The limit: what a killed worker held is in other hands within this. */
const RECOVERED_WITHIN_MS = 10_000
const HELD = 60

let service: BreakableService
let killed: DaymarkProcess

beforeAll(async () => {
  const redis = await aRedis({ appendOnly: false })
  service = await aServiceToBreak(redis?.url ?? null)
  ;[killed] = await Promise.all([service.aWorker(), service.aWorker()])
})

test('what a killed worker held is done by the other within ten seconds, and nothing is told under a second id', {
  timeout: 60_000,
}, async () => {
  const letGo = Promise.withResolvers<void>()
  service.school.answerWith({ kind: 'held', until: letGo.promise, status: 200 })
  await service.send(numbersFrom(0, HELD))
  await waitFor('both workers hold webhooks', async () => (await leaseHolders()) === 2 && (await leased()) === HELD)
  // More is on its way to being triaged when it dies.
  await service.send(numbersFrom(HELD, 100))
  const killedAt = performance.now()
  await killed.kill9()
  letGo.resolve()
  service.school.answerWith({ kind: 'status', status: 200 })
  await waitFor('all is triaged and told', () => isSettled(service), 3 * RECOVERED_WITHIN_MS)
  const recoveredMs = Math.round(performance.now() - killedAt)
  process.stdout.write(`Recovered from a killed worker in ${recoveredMs} ms.\n`)

  await expectNothingLost(service)
  const twice = [...Map.groupBy(service.school.received, idOf).values()].filter(({ length }) => length > 1)
  expect(twice.length).toBeGreaterThan(0)
  expect(recoveredMs).toBeLessThan(RECOVERED_WITHIN_MS)
})

async function leaseHolders(): Promise<number> {
  return (await service.database.query('select distinct lease_token from dispatch where lease_until is not null', [])).length
}

async function leased(): Promise<number> {
  return (await service.database.query('select 1 from dispatch where lease_until is not null', [])).length
}
