import { CompiledQuery } from 'kysely'
import type { Database, Trx } from '../../database/connection.ts'
import type { DispatchState } from '../../words/dispatch.ts'
import type { AttemptId, DispatchId, LeaseToken, NotificationId } from '../../words/ids.ts'

type Instant = Temporal.Instant

/** A dispatch this process may send, until `lease_until` or for as long as it renews. Nothing else authorises it. */
export interface Claimed {
  id: DispatchId
  attempt_id: AttemptId
  notification_id: NotificationId
  attempts: number
  fence: number
  release_at: Instant
  content: Buffer
  wrapped: Buffer
  wrapped_by: string
  recipient_id: string
  due_by: Instant
  channel: 'webhook' | 'email'
  /** Of a webhook; empty for a mailbox, whose address stands sealed. */
  url: string
  written_at: Instant
}

// The lease, the fence and the attempt row are one statement, so that nothing can be sent without all three. `next_at` is
// nextAttention() of a leased row, in SQL because the row is not in our hands before. Whoever rang looked at the time on their
// own clock: a quarter of a second is let pass, or a bell heard by a clock a millisecond behind would go unanswered.
const CLAIM = `
  with asked as (select * from unnest($1::text[], $2::text[]) as asked (id, attempt_id)),
  due as (
    select d.id, coalesce(r.url, '') as url, r.written_at, k.wrapped, k.wrapped_by
    from dispatch d join recipient r on r.id = d.recipient_id join data_key k on k.notification_id = d.notification_id
    where d.id = any($1) and d.channel = r.channel and d.state = 'released' and d.lease_until is null and d.retry_at <= $3::timestamptz + interval '250 ms'
      and d.content is not null and not d.changing and d.replaced_by is null and d.recipient_id <> all($6) and (r.channel = 'email' or r.channel = 'webhook' and r.url is not null)
      and route_open(r.disabled_at, r.suspended_until, $3) and r.closed_on is null
    order by d.id for update of d skip locked),
  claimed as (
    update dispatch d set lease_token = $4, lease_until = $5, fence = d.fence + 1, attempts = d.attempts + 1, hinted_until = null,
      next_at = least($5, d.escalate_at, case when d.overdue then null else d.due_by end)
    from due where d.id = due.id
    returning d.id, d.notification_id, d.attempts, d.fence, d.release_at, d.content, d.recipient_id, d.due_by, d.channel, due.url, due.written_at,
      due.wrapped, due.wrapped_by),
  written as (
    insert into attempt (id, dispatch_id, number, fence, started_at)
    select asked.attempt_id, claimed.id, claimed.attempts, claimed.fence, $3 from claimed join asked using (id))
  select claimed.*, asked.attempt_id from claimed join asked using (id)`

/**
 * Claims whichever of these are still due and nobody else's. One that is not answered needs nothing done.
 * @param lease.notTo recipients that are too slow to be given more now
 */
export function claimWebhooks(
  database: Database,
  asked: readonly { id: string; attemptId: AttemptId }[],
  lease: { token: LeaseToken; at: Instant; until: Instant; notTo: readonly string[] },
): Promise<Claimed[]> {
  const values = [
    asked.map(({ id }) => id),
    asked.map(({ attemptId }) => attemptId),
    lease.at,
    lease.token,
    lease.until,
    lease.notTo,
  ]
  return database.query<Claimed & Record<string, unknown>>(CLAIM, values)
}

const RENEW = `
  update dispatch d set lease_until = $4, next_at = least($4, d.escalate_at, case when d.overdue then null else d.due_by end)
  from unnest($1::text[], $2::int[]) as held (id, fence)
  where d.id = held.id and d.fence = held.fence and d.lease_token = $3 and d.state = 'released' and d.lease_until is not null`

/** Renews every lease this process holds, in one statement. A lease that lapsed is not taken back. */
export async function renewLeases(
  database: Database,
  held: ReadonlyMap<DispatchId, number>,
  lease: { token: LeaseToken; until: Instant },
): Promise<void> {
  if (held.size > 0) await database.query(RENEW, [[...held.keys()], [...held.values()], lease.token, lease.until])
}

/** What a claimed dispatch looks like when its attempt has ended. */
export interface Sending {
  id: DispatchId
  notification_id: NotificationId
  recipient_id: string
  recipient_name: string
  about: string[]
  rules: string[]
  victim_risk: string
  state: DispatchState
  overdue: boolean
  release_at: Instant
  due_by: Instant
  escalate_at: Instant | null
  retry_at: Instant | null
  lease_until: Instant | null
  lease_token: string | null
  attempts: number
  fence: number
}

const LOCK = `
  select d.id, d.notification_id, d.recipient_id, r.name as recipient_name, d.about, d.rules, d.victim_risk, d.state, d.overdue,
    d.release_at, d.due_by, d.escalate_at, d.retry_at, d.lease_until, d.lease_token, d.attempts, d.fence
  from dispatch d join recipient r on r.id = d.recipient_id where d.id = any($1) order by d.id for update of d`

/** Locks dispatches whose attempts have ended, as they are now. */
export async function lockSent(trx: Trx, ids: readonly DispatchId[]): Promise<Map<DispatchId, Sending>> {
  const { rows } = await trx.executeQuery<Sending>(CompiledQuery.raw(LOCK, [ids]))
  return new Map(rows.map((row) => [row.id, row]))
}

const SETTLE = `
  update dispatch d set state = s.state, retry_at = s.retry_at, next_at = s.next_at, hinted_until = null, lease_until = null,
    lease_token = null, delivered_at = case when s.state = 'delivered' then $5::timestamptz else d.delivered_at end,
    mailed = case when s.state = 'delivered' then d.channel = 'email' else d.mailed end
  from unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[]) as s (id, state, retry_at, next_at)
  where d.id = s.id`

/** Writes what became of dispatches this transaction has locked and whose fence still holds. */
export async function settleSent(trx: Trx, rows: readonly (Sending & { next_at: Instant | null })[], at: Instant): Promise<void> {
  if (rows.length === 0) return
  const column = <T>(pick: (row: (typeof rows)[number]) => T) => rows.map(pick)
  await trx.executeQuery(
    CompiledQuery.raw(SETTLE, [
      column(({ id }) => id),
      column(({ state }) => state),
      column(({ retry_at }) => retry_at),
      column(({ next_at }) => next_at),
      at,
    ]),
  )
}

const ARRIVED = `
  with arrived as (update dispatch set delivered_at = $2 where id = any($1) and delivered_at is null returning notification_id),
  newest as (
    select distinct on (n.agency, n.police_reference) n.id from notification n
    join notification told on told.agency = n.agency and told.police_reference = n.police_reference
    join arrived on arrived.notification_id = told.id order by n.agency, n.police_reference, n.version desc)
  update notification n set next_at = $2, hinted_until = null from newest where n.id = newest.id and n.state in ('triaged', 'withdrawn')`

/** Withdrawn dispatches that arrived all the same: the newest version is looked at again, with what they hold in mind. */
export async function noteLateArrivals(trx: Trx, ids: readonly DispatchId[], at: Instant): Promise<void> {
  if (ids.length > 0) await trx.executeQuery(CompiledQuery.raw(ARRIVED, [ids, at]))
}

// One whose entry the directory writes at this very moment is passed over: its address may be another when we could look, and
// the directory's transaction may wait for the dispatches we hold. If it is still gone, the next attempt hears so.
const DISABLE = `
  with stands as (
    select r.id from recipient r join unnest($1::text[], $2::text[]) as gone (id, url) on r.id = gone.id and r.url = gone.url
    where r.disabled_at is null order by r.id for no key update of r skip locked)
  update recipient r set disabled_at = $3 from stands where r.id = stands.id returning r.id`

/** Stops sending to addresses that said they are gone, where they stand in the directory still. @returns those that were not stopped before */
export async function disableRecipients(
  trx: Trx,
  gone: readonly { recipient: string; url: string }[],
  at: Instant,
): Promise<string[]> {
  if (gone.length === 0) return []
  const values = [gone.map(({ recipient }) => recipient), gone.map(({ url }) => url), at]
  const { rows } = await trx.executeQuery<{ id: string }>(CompiledQuery.raw(DISABLE, values))
  return rows.map(({ id }) => id)
}

const SEALED = `select id, data_key, wrapped_by, sealed, written_at from recipient where id = any($1)`

export interface SealedRecipient {
  id: string
  data_key: Buffer
  wrapped_by: string
  sealed: Buffer
  written_at: Instant
}

/** The sealed part of recipients: their webhook secrets are in it. */
export function sealedRecipients(database: Database, ids: readonly string[]): Promise<SealedRecipient[]> {
  return database.query<SealedRecipient & Record<string, unknown>>(SEALED, [ids])
}
