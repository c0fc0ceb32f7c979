import { CompiledQuery } from 'kysely'
import type { Db, Trx } from '../database/connection.ts'
import { openDataKey } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import type { DispatchState } from '../words/dispatch.ts'
import type { DispatchId, NotificationId } from '../words/ids.ts'
import type { Service } from '../words/recipient.ts'
import { rowFault } from './row-fault.ts'

type Instant = Temporal.Instant

/** A dispatch that wants attention, locked. Names are the columns': nothing is copied that is only handed back. */
export interface DueDispatch {
  id: DispatchId
  notification_id: NotificationId
  recipient_id: string
  recipient_name: string
  /** The channel the recipient has now; the dispatch keeps the one it was last attended to by. */
  recipient_channel: 'pull_queue' | 'webhook' | 'email'
  /** The recipient has an address, no 410 disabled it, and nobody has suspended its route. */
  reachable: boolean
  channel: 'pull_queue' | 'webhook' | 'email'
  service: Service
  about: string[]
  rules: string[]
  victim_risk: string
  state: DispatchState
  overdue: boolean
  late_on_arrival: boolean
  release_at: Instant
  due_by: Instant
  escalate_at: Instant | null
  retry_at: Instant | null
  lease_until: Instant | null
  hinted_until: Instant | null
  attempts: number
  fence: number
  content_hmac: Buffer | null
  return_reason: string | null
  /** A later dispatch says it as it is now. */
  replaced_by: DispatchId | null
  /** What it says could not be opened when it was last to be collected. */
  set_aside_until: Instant | null
}

const due = (only: string) => `
  select d.id, d.notification_id, d.recipient_id, r.name as recipient_name, d.channel, d.service, d.about, d.rules, d.victim_risk,
    (r.channel = 'email' or r.url is not null) and route_open(r.disabled_at, r.suspended_until, $1) and r.closed_on is null as reachable, r.channel as recipient_channel, d.state, d.overdue, d.late_on_arrival,
    d.release_at, d.due_by, d.escalate_at, d.retry_at, d.lease_until, d.hinted_until, d.attempts, d.fence, d.content_hmac, d.return_reason, d.replaced_by,
    d.set_aside_until
  from dispatch d join recipient r on r.id = d.recipient_id
  where d.next_at <= $1 and (d.hinted_until is null or d.hinted_until <= $1)${only}
  order by d.next_at limit $2 for update of d skip locked`
const DUE = due('')
const DUE_ONE = due(' and d.id = $3')

/** The dispatches that want attention and that nobody else is attending to, longest waiting first. */
export async function lockDueDispatches(trx: Trx, at: Instant, limit: number): Promise<DueDispatch[]> {
  return (await trx.executeQuery<DueDispatch>(CompiledQuery.raw(DUE, [at, limit]))).rows
}

/** The same of one alone; none where somebody else attends to it. */
export async function lockDueDispatch(trx: Trx, at: Instant, id: DispatchId): Promise<DueDispatch[]> {
  return (await trx.executeQuery<DueDispatch>(CompiledQuery.raw(DUE_ONE, [at, 1, id]))).rows
}

const DUE_IDS = `
  select id from dispatch where next_at <= $1 and (hinted_until is null or hinted_until <= $1) order by next_at limit $2`

/** Which would be on the next page, without a lock. */
export async function dueDispatchIds(db: Db, at: Instant, limit: number): Promise<DispatchId[]> {
  const { rows } = await db.executeQuery<{ id: DispatchId }>(CompiledQuery.raw(DUE_IDS, [at, limit]))
  return rows.map(({ id }) => id)
}

/** Looks at one that cannot be settled again later, so that it does not lead every page until then. */
export async function putOff(db: Db, id: DispatchId, at: Instant, until: Instant): Promise<void> {
  const text = 'update dispatch set next_at = $3 where id = $1 and next_at <= $2'
  await db.executeQuery(CompiledQuery.raw(text, [id, at, until]))
}

const ATTENDED = `
  update dispatch d set state = a.state, overdue = a.overdue, escalate_at = a.escalate_at, retry_at = a.retry_at,
    lease_until = a.lease_until, fence = a.fence, hinted_until = a.hinted_until, next_at = a.next_at, channel = a.channel
  from unnest($1::text[], $2::text[], $3::boolean[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::int[],
    $8::timestamptz[], $9::timestamptz[], $10::text[])
    as a (id, state, overdue, escalate_at, retry_at, lease_until, fence, hinted_until, next_at, channel)
  where d.id = a.id`

/** Writes what became of dispatches that this transaction has locked. */
export async function saveAttended(trx: Trx, rows: readonly (DueDispatch & { next_at: Instant | null })[]): Promise<void> {
  if (rows.length === 0) return
  const column = <T>(pick: (row: (typeof rows)[number]) => T) => rows.map(pick)
  await trx.executeQuery(
    CompiledQuery.raw(ATTENDED, [
      column(({ id }) => id),
      column(({ state }) => state),
      column(({ overdue }) => overdue),
      column(({ escalate_at }) => escalate_at),
      column(({ retry_at }) => retry_at),
      column(({ lease_until }) => lease_until),
      column(({ fence }) => fence),
      column(({ hinted_until }) => hinted_until),
      column(({ next_at }) => next_at),
      column(({ channel }) => channel),
    ]),
  )
}

/** The data keys of notifications that are not erased. One that cannot be opened is reported, and is absent like those. */
export async function dataKeysOf(
  trx: Trx,
  keys: Pick<Keys, 'ring'>,
  ids: Iterable<NotificationId>,
  faulted: (fault: unknown, id: NotificationId) => void,
): Promise<Map<NotificationId, Buffer>> {
  const wanted = [...new Set(ids)]
  if (wanted.length === 0) return new Map()
  const { rows } = await trx.executeQuery<{ notification_id: NotificationId; wrapped: Buffer; wrapped_by: string }>(
    CompiledQuery.raw('select notification_id, wrapped, wrapped_by from data_key where notification_id = any($1)', [wanted]),
  )
  const opened = new Map<NotificationId, Buffer>()
  for (const { notification_id: id, wrapped, wrapped_by: wrappedBy } of rows) {
    try {
      opened.set(id, openDataKey(keys.ring, id, { wrapped, wrappedBy }))
    } catch (fault) {
      // Everybody else on the page is told all the same; without its key no question that names anybody can be sealed.
      faulted(rowFault(id, fault), id)
    }
  }
  return opened
}

/** Every bell that was rung is worth nothing any more: ring again for whatever is due. */
export async function forgetHints(db: Db, at: Instant): Promise<void> {
  await db.executeQuery(
    CompiledQuery.raw('update dispatch set hinted_until = null where next_at <= $1 and hinted_until is not null', [at]),
  )
}
