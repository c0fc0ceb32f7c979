import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { Client } from '../../src/access/scopes.ts'
import { newId } from '../../src/database/new-id.ts'
import { openDataKey } from '../../src/database/sealing.ts'
import { acknowledge } from '../../src/delivery/acknowledge.ts'
import { collect } from '../../src/delivery/collect.ts'
import { settleDueDispatches } from '../../src/delivery/settle-due.ts'
import { settleDueTasks } from '../../src/delivery/settle-due-tasks.ts'
import { judge } from '../../src/delivery/webhook/judge.ts'
import { settleAttempts } from '../../src/delivery/webhook/settle-attempts.ts'
import { type Claimed, claimWebhooks, renewLeases } from '../../src/delivery/webhook/webhook-store.ts'
import { acceptTogether } from '../../src/intake/accept-together.ts'
import { type Received, receiveNotification } from '../../src/intake/receive-notification.ts'
import { triageNotifications } from '../../src/intake/triage-notifications.ts'
import { hintDueNotifications } from '../../src/intake/triage-store.ts'
import { loadPacks } from '../../src/policy/load.ts'
import type { DispatchId, LeaseToken } from '../../src/words/ids.ts'
import { aClock } from '../support/clock.ts'
import type { OpenDatabase } from '../support/stored-notification.ts'
import { aFamilyOfItsOwn, CLOCK } from './families.ts'

const LEASE_MS = 5_000
const PAGE = 500
const POLICIES = fileURLToPath(new URL('../../policies', import.meta.url))
const force: Client = { id: 'cli_force', agency: 'police-derbyshire', scopes: ['notifications:write'], desks: null }
const socialCare: Client = { id: 'cli_care', agency: 'csc-E06000015', scopes: ['dispatches:collect'], desks: null }

/** A worker process as the steps see it: what it holds is in its memory alone, and dies with it. */
interface Worker {
  token: LeaseToken
  holds: Claimed[]
}

/** The service's own functions on a real database, to be called in any order; `clock` moves only when it is told to. */
export async function stepsOn(database: OpenDatabase) {
  const { worker: pool, app, intake, keys } = database
  const clock = aClock(CLOCK)
  const { now } = clock
  const doorbell = { ring: () => {} }
  const room = { intake, acceptOne: acceptTogether(intake), app, keys, now, ...doorbell }
  const triageRoom = { worker: pool, keys, packs: await loadPacks(POLICIES), now, ringDelivery: doorbell.ring }
  const queue = { database: app, keys, now }
  let late = 0
  const workers: Worker[] = [aWorker(), aWorker()]
  const workerNumber = (number: number) => workers[number % workers.length] ?? aWorker()

  async function receive(family: number): Promise<Received> {
    return receiveNotification(room, { client: force, notification: aFamilyOfItsOwn(family), idempotencyKey: null })
  }

  async function triage(): Promise<void> {
    const { ids, unanswered } = await pool.kysely.transaction().execute((trx) => hintDueNotifications(trx, now(), PAGE))
    await triageNotifications(triageRoom, [...ids, ...unanswered])
  }

  async function claim(number: number): Promise<void> {
    const worker = workerNumber(number)
    const rows = await pool.query<{ id: DispatchId }>(`select id from dispatch where channel = 'webhook' order by id`, [])
    const asked = rows.map(({ id }) => ({ id, attemptId: newId('att') }))
    const at = now()
    const until = at.add({ milliseconds: LEASE_MS })
    worker.holds.push(...(await claimWebhooks(pool, asked, { token: worker.token, at, until, notTo: [] })))
  }

  async function complete(number: number, status: number): Promise<void> {
    const worker = workerNumber(number)
    const claimed = worker.holds.shift()
    if (!claimed) return
    const dataKey = openDataKey(keys.ring, claimed.notification_id, { wrapped: claimed.wrapped, wrappedBy: claimed.wrapped_by })
    const judged = judge({ kind: 'answered', status, retryAfter: null }, 0)
    const before = await standing(claimed)
    const by = { token: worker.token, at: now(), jitter: () => 0.5 }
    const [counted] = await settleAttempts(pool.kysely, [{ claimed, judged, dataKey }], by)
    expect(counted).toBe(before.holds)
    if (before.holds) return
    late += 1
    expect(await standing(claimed)).toEqual(before)
  }

  /** The dispatch and its record as they are, and whether this claim still holds it. */
  async function standing({ id, notification_id, fence }: Claimed) {
    const [row] = await pool.query<{ dispatch: string; events: number; tasks: number; holds: boolean }>(
      `select d::text as dispatch, d.fence = $3 and d.lease_until is not null and d.state = 'released' as holds,
        (select count(*) from audit_event where stream = $2) as events, (select count(*) from task where notification_id = $2) as tasks
       from dispatch d where d.id = $1`,
      [id, notification_id, fence],
    )
    if (!row) throw new Error('A claimed dispatch is gone')
    return row
  }

  return {
    clock,
    receive,
    /** How many attempts ended after their lease was lost. */
    cameLate: () => late,
    triage,
    claim,
    complete,
    /** The due loop's look at everything whose time has come. */
    look: async () => {
      await settleDueDispatches({ db: pool.kysely, keys, faulted }, now(), PAGE)
      await settleDueTasks({ db: pool.kysely, keys, faulted }, now(), PAGE)
    },
    renew: async (number: number) => {
      const { token, holds } = workerNumber(number)
      const held = new Map(holds.map(({ id, fence }) => [id, fence]))
      await renewLeases(pool, held, { token, until: now().add({ milliseconds: LEASE_MS }) })
    },
    /** Everything it knew is gone, its leases stay until they end, and another starts in its place. */
    crash: (number: number) => void workers.splice(number % workers.length, 1, aWorker()),
    acknowledge: async (number: number) => {
      const rows = await pool.query<{ id: DispatchId; agency: string }>('select id, agency from dispatch order by id', [])
      const chosen = rows[number % Math.max(1, rows.length)]
      if (chosen) await acknowledge(queue, { ...socialCare, agency: chosen.agency }, chosen.id, { by: 'somebody' })
    },
    collect: (most: number) => collect(queue, socialCare, 'csc-E06000015', { max: most, leaseSeconds: 60 }),
  }
}

export type Steps = Awaited<ReturnType<typeof stepsOn>>

/** Whatever order things come in, no row may be at fault. */
function faulted(fault: unknown): never {
  throw fault
}

const aWorker = (): Worker => ({ token: `lse_${randomBytes(9).toString('base64url')}`, holds: [] })
