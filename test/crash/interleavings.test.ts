import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findFaults } from '../../src/audit/completeness.ts'
import { accountFor } from '../../src/audit/completeness-store.ts'
import { verifyChains } from '../../src/audit/verify.ts'
import { directoryRoutes } from '../../src/directory/directory-routes.ts'
import { aDoor } from '../support/door.ts'
import { aQueue, aSchool } from '../support/recipient-bodies.ts'
import { anOpenDatabase, type OpenDatabase } from '../support/stored-notification.ts'
import { CLOCK, URNS } from './families.ts'
import { type Steps, stepsOn } from './steps.ts'

/** One seed, so that a run that fails today fails the same way tomorrow. */
const SEED = 20_261_104
const RUNS = 30
const TIME_LIMIT_MS = 20_000
const FAMILIES = 6

let database: OpenDatabase

beforeAll(async () => {
  database = await anOpenDatabase()
  const now = () => Temporal.Instant.from(CLOCK)
  const door = await aDoor(database, now, (app, access) =>
    directoryRoutes(app, { access, database: database.app, keys: database.keys, now, webhookAllow: new Set() }),
  )
  const operator = await door.client('operator')
  const answers = [await operator.send('PUT', '/v1/directory/recipients/csc-E06000015', aQueue())]
  for (const urn of URNS) {
    const school = aSchool({ urn, terms: [], closedDays: [] })
    answers.push(await operator.send('PUT', `/v1/directory/recipients/school-${urn}`, school))
  }
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
  await door.close()
})
afterAll(() => database.close())

const worker = fc.nat({ max: 1 })
const aStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('receive' as const), family: fc.nat({ max: FAMILIES - 1 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('triage' as const, 'triage twice at once' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('claim' as const, 'renew' as const, 'crash' as const), worker }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('both claim at once' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('complete' as const), worker, status: fc.constantFrom(200, 200, 503, 404) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('acknowledge' as const), dispatch: fc.nat({ max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('collect' as const), most: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('jump' as const), seconds: fc.constantFrom(1, 6, 6, 61, 900, 43_200, 86_400) }),
  },
)
/** Two families are in and triaged, so that what follows has something to get wrong. */
const beginning: Step[] = [
  { kind: 'receive', family: 0 },
  { kind: 'receive', family: 1 },
  { kind: 'jump', seconds: 6 },
  { kind: 'triage' },
]
type Step = typeof aStep extends fc.Arbitrary<infer S> ? S : never

test('in whatever order things happen, nothing is lost, nothing is owed twice, and what comes late changes nothing', {
  timeout: 2 * TIME_LIMIT_MS,
}, async () => {
  let late = 0
  const property = fc.asyncProperty(fc.array(aStep, { minLength: 20, maxLength: 60, size: 'max' }), async (steps) => {
    await forgetTheLastRun()
    const service = await stepsOn(database)
    const ids = new Map<number, string>()
    for (const step of [...beginning, ...steps]) {
      await take(service, step, ids)
      await expectEachOwedOnceAndAttended()
    }
    late += service.cameLate()
    await bringToRest(service)
    await expectNothingMissing(service, ids.size)
  })
  await fc.assert(property, { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: TIME_LIMIT_MS, endOnFailure: false })
  // Or the steps never came in the order that this is about.
  expect(late).toBeGreaterThan(5)
})

async function take(service: Steps, step: Step, ids: Map<number, string>): Promise<void> {
  switch (step.kind) {
    case 'receive': {
      const received = await service.receive(step.family)
      const before = ids.get(step.family)
      expect(received.kind).toBe(before === undefined ? 'received' : 'received before')
      if ('receipt' in received) ids.set(step.family, before ?? received.receipt.id)
      if ('receipt' in received) expect(received.receipt.id).toBe(ids.get(step.family))
      return
    }
    case 'triage twice at once':
      return void (await Promise.all([service.triage(), service.triage()]))
    case 'triage':
    case 'look':
      return service[step.kind]()
    case 'claim':
    case 'renew':
    case 'crash':
      return service[step.kind](step.worker)
    case 'both claim at once':
      return void (await Promise.all([service.claim(0), service.claim(1)]))
    case 'complete':
      return service.complete(step.worker, step.status)
    case 'acknowledge':
      return service.acknowledge(step.dispatch)
    case 'collect':
      return void (await service.collect(step.most))
    case 'jump':
      return service.clock.moveBy({ seconds: step.seconds })
    default: {
      const never: never = step
      return never
    }
  }
}

async function forgetTheLastRun(): Promise<void> {
  await database.owner.query(
    'truncate notification, data_key, person_key, dispatch, attempt, task, audit_stream, audit_event cascade',
    [],
  )
}

/** Only what is acknowledged or withdrawn is left alone; nothing is owed twice; an attempt without an end has a live lease. */
async function expectEachOwedOnceAndAttended(): Promise<void> {
  const faults = await database.owner.query(
    `select id, 'nobody attends' as fault from dispatch where (next_at is null) <> (state in ('acknowledged', 'withdrawn'))
     union all select min(id), 'owed twice' from dispatch group by notification_id, service, recipient_id, about having count(*) > 1
     union all select d.id, 'attempts miscounted' from dispatch d
       where d.attempts <> (select count(*) from attempt a where a.dispatch_id = d.id)
     union all select a.id, 'an attempt without end' from attempt a join dispatch d on d.id = a.dispatch_id
       where a.outcome is null and d.state = 'released' and (d.lease_until is null or d.fence <> a.fence)
     union all select dispatch, 'recorded twice: ' || kind from audit_event
       where kind in ('dispatch released', 'dispatch delivered', 'dispatch acknowledged', 'dispatch overdue') group by dispatch, kind having count(*) > 1
     union all select min(id), 'triaged twice' from audit_event where kind = 'notification triaged' group by stream having count(*) > 1`,
    [],
  )
  expect(faults).toEqual([])
}

/** However it was left, a worker that lives and a school that answers bring it to its end. */
async function bringToRest(service: Steps): Promise<void> {
  const dueAgain = { minutes: 16 }
  for (let rounds = 0; rounds < 3; rounds += 1) {
    service.clock.moveBy(dueAgain)
    await service.triage()
    await service.look()
    service.crash(0)
    await service.claim(0)
    for (let told = 0; told < FAMILIES; told += 1) await service.complete(0, 200)
  }
}

async function expectNothingMissing({ clock }: Steps, families: number): Promise<void> {
  const untold = `select id, state from dispatch where channel = 'webhook' and state not in ('delivered', 'acknowledged', 'given_up')`
  expect(await database.owner.query(untold, [])).toEqual([])
  const untriaged = `select id from notification where state <> 'triaged' or next_at is not null`
  expect(await database.owner.query(untriaged, [])).toEqual([])
  let accounted = 0
  for await (const batch of accountFor(database.owner.kysely, Temporal.Instant.from(CLOCK), clock.now())) {
    accounted += batch.length
    expect(batch.flatMap((one) => findFaults(one, clock.now()))).toEqual([])
  }
  expect(accounted).toBe(families)
  expect((await verifyChains(database.owner.kysely, () => {})).broken).toEqual([])
}
