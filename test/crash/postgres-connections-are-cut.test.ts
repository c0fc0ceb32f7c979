import { beforeAll, describe, expect, test } from 'vitest'
import type { DaymarkProcess } from '../support/processes.ts'
import { queueBackends } from '../support/queue-backends.ts'
import { waitFor } from '../support/wait-for.ts'
import { aServiceToBreak, type BreakableService, numbersFrom } from './breakable-service.ts'
import { expectNothingLost } from './expect-nothing-lost.ts'

describe.each(queueBackends)('with the queue on $name', ({ redisUrl }) => {
  let service: BreakableService
  let worker: DaymarkProcess

  beforeAll(async () => {
    service = await aServiceToBreak(redisUrl)
    worker = await service.aWorker()
  })

  test('every connection to Postgres cut under load, again and again, loses nothing, and no process ends', {
    timeout: 90_000,
  }, async () => {
    const running = [service.api.pid(), worker.pid()]
    const sending = service.send(numbersFrom(0, 200))
    for (const taken of [20, 60, 100, 140, 180]) {
      await waitFor(`${taken} are taken in`, () => service.accepted.size >= taken)
      expect(await cutEveryConnection(service)).toBeGreaterThan(0)
    }
    await sending
    await cutEveryConnection(service)
    await expectNothingLost(service)
    expect([service.api.pid(), worker.pid()]).toEqual(running)
  })
})

/** Of the API, of the worker and of the queue. @returns how many there were */
async function cutEveryConnection({ database }: BreakableService): Promise<number> {
  const rows = await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name like 'daymark\\_%'`,
    [],
  )
  return rows.length
}
