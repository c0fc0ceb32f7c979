import type { Client } from '../access/scopes.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { asAgency, type Database, type Trx } from '../database/connection.ts'
import { open, seal } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import type { Clock } from '../words/clock.ts'
import { dataKeyOf } from './queue-bodies.ts'
import { extendLease, isKeptBack, lockOwnDispatch, markAcknowledged, type SealedDispatch } from './queue-store.ts'

/** What the queue stories need. `database` is the role that sees one agency at a time. */
export interface QueueRoom {
  database: Database
  keys: Keys
  now: Clock
}

export type Acknowledgement =
  | { kind: 'acknowledged'; at: Temporal.Instant }
  | { kind: 'already acknowledged'; at: Temporal.Instant }
  | { kind: 'no such dispatch' }
  | { kind: 'somebody else has it' }
  | { kind: 'not to be acknowledged'; state: 'held' | 'withdrawn' }

/**
 * What an acknowledgement of a dispatch in this state comes to. Pure. One that comes after its lease ended still counts while
 * nobody else has collected it: what matters is that the recipient has it.
 */
export function weigh(
  row: Pick<SealedDispatch, 'state' | 'lease_token' | 'acknowledged_at'>,
  token: string | undefined,
  at: Temporal.Instant,
): Acknowledgement {
  if (row.state === 'held' || row.state === 'withdrawn') return { kind: 'not to be acknowledged', state: row.state }
  if (token !== undefined && token !== row.lease_token) return { kind: 'somebody else has it' }
  if (row.acknowledged_at) return { kind: 'already acknowledged', at: row.acknowledged_at }
  return { kind: 'acknowledged', at }
}

/** A recipient says it has a dispatch, collected or delivered. Saying it again changes nothing. */
export function acknowledge(
  { database, keys, now }: QueueRoom,
  client: Client,
  id: string,
  said: { leaseToken?: string | undefined; by: string },
): Promise<Acknowledgement> {
  return asAgency(database, client.agency, async (trx) => {
    const at = now().round('millisecond')
    const row = await lockOwnDispatch(trx, id, client.agency)
    if (!row) return { kind: 'no such dispatch' }
    const weighed = isKeptBack(row, at)
      ? { kind: 'not to be acknowledged' as const, state: 'held' as const }
      : weigh(row, said.leaseToken, at)
    if (weighed.kind !== 'acknowledged') return weighed
    await recordAcknowledgement(trx, keys, row, { by: said.by, actor: client.id, at })
    return weighed
  })
}

/** Ends every clock of a dispatch this transaction has locked, by whatever door the recipient came. */
export async function recordAcknowledgement(
  trx: Trx,
  keys: Keys,
  row: SealedDispatch,
  said: { by: string; actor: string; at: Temporal.Instant; detail?: Record<string, unknown> },
): Promise<void> {
  const { by, actor, at } = said
  await markAcknowledged(trx, row.id, at, seal(dataKeyOf(keys, row), placeOfBy(row.id), by))
  const detail = { recipient: row.recipient_id, ...(row.overdue ? { overdue: true } : {}), ...said.detail }
  await appendAuditEvents(trx, at, [
    { stream: row.notification_id, kind: 'dispatch acknowledged', actor, dispatch: row.id, detail },
  ])
}

/** Who acknowledged it, in the recipient's own words: it may name somebody, so it is sealed and in no event. */
export function acknowledgedBy(keys: Keys, row: SealedDispatch): string | null {
  if (!row.acknowledged_by) return null
  return open(dataKeyOf(keys, row), placeOfBy(row.id), row.acknowledged_by).toString('utf8')
}

const placeOfBy = (id: string) => `dispatch.acknowledged_by|${id}`

export type Renewal =
  | { kind: 'renewed'; until: Temporal.Instant }
  | { kind: 'no such dispatch' }
  | { kind: 'the lease is not yours' }

/** Gives a collector longer, while the lease is still its own. */
export function renewLease(
  { database, now }: QueueRoom,
  client: Client,
  id: string,
  asked: { leaseToken: string; leaseSeconds: number },
): Promise<Renewal> {
  return asAgency(database, client.agency, async (trx) => {
    const at = now().round('millisecond')
    const row = await lockOwnDispatch(trx, id, client.agency)
    if (!row) return { kind: 'no such dispatch' }
    const live = row.state === 'collected' && row.lease_until && Temporal.Instant.compare(row.lease_until, at) > 0
    if (!live || row.lease_token !== asked.leaseToken) return { kind: 'the lease is not yours' }
    const until = at.add({ seconds: asked.leaseSeconds })
    await extendLease(trx, row.id, until)
    return { kind: 'renewed', until }
  })
}
