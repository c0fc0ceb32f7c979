import { expect } from 'vitest'
import { verifyChains } from '../../src/audit/verify.ts'
import type { Received } from '../support/receiver.ts'
import { waitFor } from '../support/wait-for.ts'
import type { BreakableService } from './breakable-service.ts'

/** Leases last 5 s, hints as long, a retry waits 6 at most: after any one fault everything is settled well within this. */
const SETTLED_WITHIN_MS = 30_000

/**
 * Waits until everything the service took in has reached its end or waits for somebody, and then holds it to its promises:
 * every 202 is triaged, every child's school was told under one id and no other, nothing is doubled, the completeness report
 * finds no fault, and every chain holds.
 */
export async function expectNothingLost(service: BreakableService): Promise<void> {
  try {
    await waitFor('everything is triaged and told', () => isSettled(service), SETTLED_WITHIN_MS)
  } catch (fault) {
    throw new Error(`Not settled: ${JSON.stringify(await whatIsLeft(service))}`, { cause: fault })
  }
  await expectEvery202Kept(service)
  await expectNothingTwice(service)
  await expectEachSchoolToldUnderOneId(service)
  await expectTheReportAndTheChainsHold(service)
}

/** Nothing waits for triage, for a push or for an outcome any more. */
export async function isSettled(service: BreakableService): Promise<boolean> {
  const { triaged, untriaged, untold, unended } = await whatIsLeft(service)
  return triaged >= service.accepted.size && untriaged + untold + unended === 0
}

async function whatIsLeft({ database }: BreakableService) {
  const [counted] = await database.query<{ triaged: number; untriaged: number; untold: number; unended: number }>(
    `select (select count(*) from notification where state = 'triaged') as triaged,
      (select count(*) from notification where next_at is not null) as untriaged,
      (select count(*) from dispatch where channel = 'webhook' and state not in ('delivered', 'acknowledged')) as untold,
      (select count(*) from attempt where outcome is null) as unended`,
    [],
  )
  if (!counted) throw new Error('Postgres counted nothing')
  return counted
}

async function expectEvery202Kept({ database, accepted }: BreakableService): Promise<void> {
  const rows = await database.query<{ id: string; police_reference: string; state: string }>(
    'select id, police_reference, state from notification order by police_reference',
    [],
  )
  const answered = [...accepted.values()].toSorted((one, other) => one.policeReference.localeCompare(other.policeReference))
  expect(rows).toEqual(answered.map(({ id, policeReference }) => ({ id, police_reference: policeReference, state: 'triaged' })))
}

/** What happens once a notification or a dispatch, whatever dies meanwhile. */
const ONCE = ['notification received', 'notification triaged', 'dispatch released', 'dispatch delivered', 'dispatch acknowledged']

async function expectNothingTwice({ database }: BreakableService): Promise<void> {
  const obligations = `
    select notification_id, service, recipient_id, about from dispatch group by 1, 2, 3, 4 having count(*) > 1`
  expect(await database.query(obligations, [])).toEqual([])
  const events = `
    select stream, kind, dispatch from audit_event where kind = any($1) group by 1, 2, 3 having count(*) > 1`
  expect(await database.query(events, [ONCE])).toEqual([])
  const without = `
    select d.id, d.state from dispatch d
    where (d.next_at is null) <> (d.state in ('acknowledged', 'withdrawn'))
      or (d.state = 'delivered' and not exists (select from audit_event e where e.dispatch = d.id and e.kind = 'dispatch delivered'))
      or not exists (select from audit_event e where e.dispatch = d.id and e.kind = 'dispatch released')`
  expect(await database.query(without, [])).toEqual([])
}

/** The receivers are the oracle: the same id may come twice, a second id for the same child at the same school never. */
async function expectEachSchoolToldUnderOneId({ database, school }: BreakableService): Promise<void> {
  const dispatches = await database.query<{ id: string; attempts: number }>(
    `select d.id, (select count(*) from attempt a where a.dispatch_id = d.id) as attempts from dispatch d where d.channel = 'webhook'`,
    [],
  )
  const told = Map.groupBy(school.received, idOf)
  expect([...told.keys()].toSorted()).toEqual(dispatches.map(({ id }) => id).toSorted())
  for (const [id, calls] of told) {
    expect(new Set(calls.map(({ body }) => body)).size, `every call of ${id} says the same`).toBe(1)
  }
  expect(school.received.filter(({ signed }) => !signed)).toEqual([])
  // The attempt row stands before its POST: nobody is ever told without a trace.
  expect(dispatches.filter(({ id, attempts }) => attempts < (told.get(id)?.length ?? 0))).toEqual([])
  const idsOfChild = Map.groupBy(told, ([, [call]]) => childAtSchool(call))
  for (const [child, ids] of idsOfChild) expect(ids.length, `one id for ${child}`).toBe(1)
}

export const idOf = ({ headers }: Received) => headers['webhook-id'] ?? 'without an id'

function childAtSchool(call: Received | undefined): string {
  if (!call) throw new Error('An id without a call')
  const { data } = JSON.parse(call.body)
  return `${data.policeReference}, ${data.child.givenNames} ${data.child.familyName}, at ${call.path}`
}

async function expectTheReportAndTheChainsHold({ operator, database, accepted }: BreakableService): Promise<void> {
  const report = await operator.get('/v1/audit/completeness')
  expect(report.status, JSON.stringify(report.body)).toBe(200)
  expect(report.body).toMatchObject({ notifications: accepted.size, faults: [], faultsTotal: 0 })
  expect(report.body.due).toBeGreaterThanOrEqual(2 * accepted.size)
  const { walked, broken } = await verifyChains(database.kysely, () => {})
  expect(broken).toEqual([])
  expect(walked.streams).toBeGreaterThanOrEqual(accepted.size)
}
