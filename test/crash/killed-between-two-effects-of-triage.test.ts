import { beforeAll, expect, test } from 'vitest'
import type { PrivateRedis } from '../../src/underneath/private-redis.ts'
import type { DaymarkProcess } from '../support/processes.ts'
import { aRedis } from '../support/redis.ts'
import { waitFor } from '../support/wait-for.ts'
import { aServiceToBreak, type BreakableService, numbersFrom } from './breakable-service.ts'
import { expectNothingLost } from './expect-nothing-lost.ts'
import { processForgotten, whileHolding } from './hold.ts'

/** Two batches of triage: both transactions that a worker runs at one time are caught. */
const FAMILIES = 50
const KILL_TIMEOUT_MS = 60_000

let redis: PrivateRedis | null
let service: BreakableService
let worker: DaymarkProcess
let next = 0

beforeAll(async () => {
  redis = await aRedis({ appendOnly: false })
  service = await aServiceToBreak(redis?.url ?? null)
  worker = await service.aWorker()
  await worker.kill9()
})

const someFamilies = () => {
  const numbers = numbersFrom(next, FAMILIES)
  next += FAMILIES
  return numbers
}

/** Each stands for one gap between two effects: what is locked from outside, and the statement that then waits. */
const gaps = [
  {
    killed: 'after the bell and before the notification is locked',
    locking: 'lock table notification in exclusive mode',
    waits: /for update of n skip locked/,
  },
  {
    killed: 'after the notification is locked and before what is known of its people is read',
    locking: 'lock table person_key in access exclusive mode',
    waits: /person_key/,
  },
  {
    killed: 'after it is judged and before its dispatches are written',
    locking: 'lock table dispatch in share mode',
    waits: /insert into dispatch/,
  },
  {
    killed: 'after its dispatches and before its tasks',
    locking: 'lock table task in share mode',
    waits: /insert into task \(id, notification_id/,
  },
  {
    killed: 'after its tasks and before it is marked triaged',
    locking: 'lock table notification in share mode',
    waits: /set state = x\.state/,
  },
  {
    killed: 'after it is marked triaged and before its stream of events is locked',
    locking: 'lock table audit_stream in exclusive mode',
    waits: /from audit_stream where id = any/,
  },
  {
    killed: 'after its stream is locked and before its events are written',
    locking: 'lock table audit_event in share mode',
    waits: /insert into audit_event/,
  },
]

for (const { killed, locking, waits } of gaps) {
  test(`a worker killed ${killed} loses nothing, and half a triage never stands`, { timeout: KILL_TIMEOUT_MS }, async () => {
    const sent = await service.send(someFamilies())
    await whileHolding(service, locking, async (caught) => {
      await worker.restart()
      await caught(waits)
      await worker.kill9()
    })
    await processForgotten(service, ['daymark_worker'])
    await expectUntouched(sent.map(({ id }) => id))
    await worker.restart()
    await expectNothingLost(service)
    await worker.kill9()
  })
}

test('a worker killed after the commit and before the bell for delivery loses nothing', { timeout: KILL_TIMEOUT_MS }, async ({
  skip,
}) => {
  if (redis === null) skip('NOT RUN: there is no Redis on this machine')
  const sent = await service.send(someFamilies())
  // Nobody hears a bell: triage goes by the due loop, and what it rings for delivery is dropped.
  await redis?.kill9()
  await worker.restart()
  await waitFor('everything is triaged', async () => (await standing(sent.map(({ id }) => id))).triaged === sent.length)
  await worker.kill9()
  await processForgotten(service, ['daymark_worker'])
  await redis?.restart()
  await worker.restart()
  await expectNothingLost(service)
})

async function standing(ids: readonly string[]) {
  const [row] = await service.database.query<{ triaged: number; dispatches: number; tasks: number; events: number }>(
    `select (select count(*) from notification where id = any($1) and state <> 'received') as triaged,
      (select count(*) from dispatch where notification_id = any($1)) as dispatches,
      (select count(*) from task where notification_id = any($1)) as tasks,
      (select count(*) from audit_event where stream = any($1)) as events`,
    [ids],
  )
  if (!row) throw new Error('Postgres counted nothing')
  return row
}

async function expectUntouched(ids: readonly string[]): Promise<void> {
  expect(await standing(ids)).toEqual({ triaged: 0, dispatches: 0, tasks: 0, events: ids.length })
}
