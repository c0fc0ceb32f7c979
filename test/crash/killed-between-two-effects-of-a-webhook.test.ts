import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import type { DaymarkProcess } from '../support/processes.ts'
import { waitFor } from '../support/wait-for.ts'
import { aServiceToBreak, type BreakableService, numbersFrom } from './breakable-service.ts'
import { expectNothingLost, idOf } from './expect-nothing-lost.ts'
import { processForgotten, whileHolding } from './hold.ts'

/** No more than a process sends to one address at one time, so that every school has its POST while it is held. */
const FAMILIES = 15
const KILL_TIMEOUT_MS = 60_000

let service: BreakableService
let worker: DaymarkProcess
let next = 0

beforeAll(async () => {
  // The queue is BullMQ on Postgres here and on Redis in the other crash tests.
  service = await aServiceToBreak(null)
  worker = await service.aWorker()
})

beforeEach(async () => {
  service.school.answerWith({ kind: 'status', status: 200 })
  if (worker.pid() === 0) await worker.restart()
})

const sendSomeFamilies = () => {
  const numbers = numbersFrom(next, FAMILIES)
  next += FAMILIES
  return service.send(numbers)
}

async function killTheWorker(): Promise<void> {
  await worker.kill9()
}

/** The worker is gone, and Postgres knows. Another takes over, and the schools answer as they should. */
async function anotherTakesOver(): Promise<void> {
  await processForgotten(service, ['daymark_worker'])
  service.school.answerWith({ kind: 'status', status: 200 })
  await worker.restart()
  await expectNothingLost(service)
}

/** How often the school heard of those that came after the first `before` calls, by id. */
const heardSince = (before: number) => Map.groupBy(service.school.received.slice(before), idOf)

test('a worker killed after the bell and before its claim is written has told nobody, and nothing is lost', {
  timeout: KILL_TIMEOUT_MS,
}, async () => {
  const before = service.school.received.length
  await whileHolding(service, 'lock table attempt in share mode', async (caught) => {
    await sendSomeFamilies()
    await caught(/with asked as/)
    await killTheWorker()
  })
  expect(service.school.received).toHaveLength(before)
  await anotherTakesOver()
})

test('a worker killed after the claim with its attempt row and before the school reads the POST loses nothing', {
  timeout: KILL_TIMEOUT_MS,
}, async () => {
  const before = service.school.received.length
  const deaf = await aDeafServerInPlaceOfTheSchool()
  await sendSomeFamilies()
  await waitFor('every claim has its attempt row', async () => (await attemptsUnderWay()) === FAMILIES)
  await killTheWorker()
  await deaf.close()
  expect(service.school.received).toHaveLength(before)
  await anotherTakesOver()
  expect(await outcomesOfFirstAttempts(before)).toEqual(['unknown'])
})

test('a worker killed after the school has the POST and before it answers: the school hears again, under the same id', {
  timeout: KILL_TIMEOUT_MS,
}, async () => {
  const before = service.school.received.length
  service.school.answerWith({ kind: 'hang' })
  await sendSomeFamilies()
  await waitFor('every school has its POST', () => heardSince(before).size === FAMILIES)
  await killTheWorker()
  await anotherTakesOver()
  expect([...heardSince(before).values()].map(({ length }) => length)).toEqual(Array(FAMILIES).fill(2))
  expect(await outcomesOfFirstAttempts(before)).toEqual(['unknown'])
})

/** Each stands for one gap between the school's answer and the commit of its outcome. */
const gaps = [
  {
    killed: 'after the school answered and before its dispatch is locked',
    locking: `select id from dispatch where channel = 'webhook' and state = 'released' order by id for update`,
    waits: /d\.lease_token, d\.attempts, d\.fence\s+from dispatch/,
    status: 200,
  },
  {
    killed: 'after the dispatch is marked delivered and before the outcome of its attempt',
    locking: 'lock table attempt in share mode',
    waits: /update attempt a set outcome = e\.outcome/,
    status: 200,
  },
  {
    killed: 'after the outcome of the attempt and before its stream of events is locked',
    locking: 'lock table audit_stream in exclusive mode',
    waits: /from audit_stream where id = any/,
    status: 200,
  },
  {
    killed: 'after the stream is locked and before the event is written',
    locking: 'lock table audit_event in share mode',
    waits: /insert into audit_event/,
    status: 200,
  },
  {
    killed: 'after a refusal is written and before the task it opens',
    locking: 'lock table task in share mode',
    waits: /insert into task \(id, notification_id/,
    status: 404,
  },
]

for (const { killed, locking, waits, status } of gaps) {
  test(`a worker killed ${killed} loses nothing, and half an outcome never stands`, { timeout: KILL_TIMEOUT_MS }, async () => {
    const before = service.school.received.length
    const letGo = Promise.withResolvers<void>()
    service.school.answerWith({ kind: 'held', until: letGo.promise, status })
    await sendSomeFamilies()
    await waitFor('every school has its POST', () => heardSince(before).size === FAMILIES)
    await whileHolding(service, locking, async (caught) => {
      letGo.resolve()
      await caught(waits)
      await killTheWorker()
    })
    await processForgotten(service, ['daymark_worker'])
    expect(await attemptsUnderWay()).toBe(FAMILIES)
    await anotherTakesOver()
    for (const calls of heardSince(before).values()) expect(calls.length).toBeGreaterThanOrEqual(2)
  })
}

test('a worker killed after the outcome is committed: the school hears no more of it', { timeout: KILL_TIMEOUT_MS }, async () => {
  const before = service.school.received.length
  await sendSomeFamilies()
  await waitFor('every outcome is committed', async () => {
    const rows = await service.database.query(`select 1 from dispatch where channel = 'webhook' and state <> 'delivered'`, [])
    return rows.length === 0 && heardSince(before).size === FAMILIES
  })
  await killTheWorker()
  const told = heardSince(before)
  await anotherTakesOver()
  // What comes after them has been told: whatever was to be told again would have been by then.
  await sendSomeFamilies()
  await expectNothingLost(service)
  for (const id of told.keys()) expect(heardSince(before).get(id)).toHaveLength(1)
})

test('a worker killed between a failed attempt and the next goes on where it was, under the same id', {
  timeout: KILL_TIMEOUT_MS,
}, async () => {
  const before = service.school.received.length
  service.school.answerWith({ kind: 'status', status: 503 })
  await sendSomeFamilies()
  await waitFor('every first attempt has failed', async () => (await outcomesOfFirstAttempts(before)).join() === 'failed')
  await killTheWorker()
  await anotherTakesOver()
  expect(heardSince(before).size).toBe(FAMILIES)
})

async function attemptsUnderWay(): Promise<number> {
  return (await service.database.query('select 1 from attempt where outcome is null', [])).length
}

/** The outcomes there are among the first attempts at telling the schools of the newest families; each once. */
async function outcomesOfFirstAttempts(before: number): Promise<(string | null)[]> {
  const ids = [...heardSince(before).keys()]
  const rows = await service.database.query<{ outcome: string | null }>(
    'select distinct outcome from attempt where number = 1 and dispatch_id = any($1)',
    [ids],
  )
  return rows.map(({ outcome }) => outcome)
}

/** A server at the school's address that lets everybody in and reads nothing. */
async function aDeafServerInPlaceOfTheSchool() {
  await service.school.close()
  const server = createServer({ pauseOnConnect: true })
  const sockets: Socket[] = []
  server.on('connection', (socket) => void sockets.push(socket.on('error', () => {})))
  server.listen(Number(new URL(service.school.url).port), '127.0.0.1')
  await once(server, 'listening')
  return {
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
      await service.school.open()
    },
  }
}
