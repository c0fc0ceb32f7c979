import { CompiledQuery } from 'kysely'
import type { Trx } from '../database/connection.ts'
import type { WrappedKey } from '../database/sealing.ts'
import type { NotificationId } from '../words/ids.ts'
import type { PolicyEdition } from '../words/outcome.ts'

/** A bell is worth waiting for this long; then the due loop rings again. */
const HINT_MS = 5_000

const HINT_DUE = `
  with due as (
    select id, hinted_until is not null as hinted from notification
    where next_at <= $1 and (hinted_until is null or hinted_until <= $1)
    order by next_at limit $2 for update skip locked)
  update notification n set hinted_until = $3 from due where n.id = due.id returning n.id, due.hinted`

/** Due notifications: those nobody rang for yet, and those whose bell nobody answered in time. */
export interface DueForTriage {
  ids: NotificationId[]
  unanswered: NotificationId[]
}

/** Takes the next due notifications; nobody else rings for them meanwhile. */
export async function hintDueNotifications(trx: Trx, at: Temporal.Instant, limit: number): Promise<DueForTriage> {
  const until = at.add({ milliseconds: HINT_MS })
  const { rows } = await trx.executeQuery<{ id: NotificationId; hinted: boolean }>(
    CompiledQuery.raw(HINT_DUE, [at, limit, until]),
  )
  return {
    ids: rows.filter(({ hinted }) => !hinted).map(({ id }) => id),
    unanswered: rows.filter(({ hinted }) => hinted).map(({ id }) => id),
  }
}

/** The queue lost what it held: every hint given is worth nothing. */
export async function forgetTriageHints(trx: Trx, at: Temporal.Instant): Promise<void> {
  const text = 'update notification set hinted_until = null where next_at <= $1 and hinted_until is not null'
  await trx.executeQuery(CompiledQuery.raw(text, [at]))
}

/** A notification that is due for triage, locked until the transaction ends. */
export interface DueNotification {
  id: NotificationId
  agency: string
  policeReference: string
  version: number
  body: Buffer
  record: Buffer | null
  receivedAt: Temporal.Instant
  faults: number
  state: 'received' | 'triaged' | 'superseded' | 'withdrawn' | 'erased'
  /** It was decided before, and something that decides it has changed since. */
  again: boolean
  /** Somebody is bound by a restriction somewhere: worth a look-up. */
  restrictionsStand: boolean
  /** A referral by telephone was logged. */
  telephoned: boolean
  victimRisk: string | null
  key: WrappedKey
}

const LOCK_DUE = `
  select n.id, n.agency, n.police_reference, n.version, n.body, n.record, n.received_at, n.faults, n.state, n.telephoned, n.victim_risk, k.wrapped, k.wrapped_by,
    exists (select from restriction r where r.lifted_at is null) as restrictions_stand
  from notification n left join data_key k on k.notification_id = n.id
  where n.id = any($1) and n.next_at is not null and n.body is not null and (select triage_is_under_way())
  order by n.id for update of n skip locked`

interface DueRow {
  id: NotificationId
  agency: string
  police_reference: string
  version: number
  body: Buffer
  record: Buffer | null
  received_at: Temporal.Instant
  faults: number
  state: DueNotification['state']
  telephoned: boolean
  victim_risk: string | null
  restrictions_stand: boolean
  wrapped: Buffer
  wrapped_by: string
}

/**
 * Locks those of the given notifications that still want triage and that nobody else is triaging. Whoever rang has looked
 * at the time: looking again, on a clock a millisecond behind, would leave the bell unanswered. From here on whoever writes the
 * directory waits for us, and we for them: what we plan by one entry, nobody overlooks who changes it.
 */
export async function lockDue(trx: Trx, ids: readonly string[]): Promise<DueNotification[]> {
  const { rows } = await trx.executeQuery<DueRow>(CompiledQuery.raw(LOCK_DUE, [ids]))
  return rows.map((row) => ({
    id: row.id,
    agency: row.agency,
    policeReference: row.police_reference,
    version: row.version,
    body: row.body,
    record: row.record,
    receivedAt: row.received_at,
    faults: row.faults,
    state: row.state,
    again: row.state !== 'received',
    restrictionsStand: row.restrictions_stand,
    telephoned: row.telephoned,
    victimRisk: row.victim_risk,
    key: { wrapped: row.wrapped, wrappedBy: row.wrapped_by },
  }))
}

/** What triage leaves on a notification's row. */
export interface Settled {
  id: NotificationId
  state: 'triaged' | 'superseded'
  record: Buffer | null
  victimRisk: string | null
  policy: PolicyEdition | null
}

const SETTLE = `
  update notification n
  set state = x.state, record = coalesce(x.record, n.record), victim_risk = x.risk, policy_area = x.area, policy_from = x.edition::date,
      policy_sha256 = x.sha256, triaged_at = $1, next_at = null, hinted_until = null, faults = 0
  from unnest($2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::text[]) as x(id, state, record, risk, area, edition, sha256)
  where n.id = x.id`

/** Marks a batch as triaged, with its record. */
export async function settleTriage(trx: Trx, at: Temporal.Instant, settled: readonly Settled[]): Promise<void> {
  const column = <T>(pick: (one: Settled) => T) => settled.map(pick)
  await trx.executeQuery(
    CompiledQuery.raw(SETTLE, [
      at,
      column((one) => one.id),
      column((one) => one.state),
      column((one) => one.record),
      column((one) => one.victimRisk),
      column((one) => one.policy?.area ?? null),
      column((one) => one.policy?.inForceFrom ?? null),
      column((one) => one.policy?.sha256 ?? null),
    ]),
  )
}

const OTHER_VERSIONS = `
  select n.id, n.agency, n.police_reference, n.version, n.state, n.telephoned, n.victim_risk, n.body, n.record, k.wrapped, k.wrapped_by
  from notification n join unnest($1::text[], $2::text[]) as x(agency, reference) on n.agency = x.agency and n.police_reference = x.reference
    left join data_key k on k.notification_id = n.id
  where not n.id = any($3) order by n.id for update of n`

export interface OtherVersion {
  id: NotificationId
  agency: string
  policeReference: string
  version: number
  state: string
  telephoned: boolean
  victimRisk: string | null
  body: Buffer | null
  record: Buffer | null
  key: WrappedKey | null
}

interface OtherRow {
  id: NotificationId
  agency: string
  police_reference: string
  version: number
  state: string
  telephoned: boolean
  victim_risk: string | null
  body: Buffer | null
  record: Buffer | null
  wrapped: Buffer | null
  wrapped_by: string | null
}

/** The other versions of the same police references, locked, so that two versions triaged at once see each other. */
export async function lockOtherVersions(trx: Trx, due: readonly DueNotification[]): Promise<OtherVersion[]> {
  const parameters = [due.map(({ agency }) => agency), due.map(({ policeReference }) => policeReference), due.map(({ id }) => id)]
  const { rows } = await trx.executeQuery<OtherRow>(CompiledQuery.raw(OTHER_VERSIONS, parameters))
  return rows.map((row) => ({
    id: row.id,
    agency: row.agency,
    policeReference: row.police_reference,
    version: row.version,
    state: row.state,
    telephoned: row.telephoned,
    victimRisk: row.victim_risk,
    body: row.body,
    record: row.record,
    key: row.wrapped && row.wrapped_by ? { wrapped: row.wrapped, wrappedBy: row.wrapped_by } : null,
  }))
}

/** A withdrawn notification has nothing more to do, until something of it turns up late. */
export async function settleWithdrawn(trx: Trx, ids: readonly NotificationId[]): Promise<void> {
  if (ids.length === 0) return
  const text = `update notification set next_at = null, hinted_until = null, faults = 0 where id = any($1) and state = 'withdrawn'`
  await trx.executeQuery(CompiledQuery.raw(text, [ids]))
}

/** An older version steps back for the newer one. */
export async function supersede(trx: Trx, ids: readonly NotificationId[]): Promise<void> {
  if (ids.length === 0) return
  const text = `update notification set state = 'superseded', next_at = null, hinted_until = null where id = any($1) and state in ('received', 'triaged')`
  await trx.executeQuery(CompiledQuery.raw(text, [ids]))
}

/**
 * Makes notifications due again: something that decides them has changed. Re-triage only adds. The first statement waits for
 * one that is being triaged at this moment; only the second can see that it was.
 */
export async function makeDueAgain(trx: Trx, ids: readonly NotificationId[], at: Temporal.Instant): Promise<void> {
  if (ids.length === 0) return
  const wait = `select id from notification where id = any($1) and state in ('received', 'triaged') order by id for no key update`
  await trx.executeQuery(CompiledQuery.raw(wait, [ids]))
  const text = `update notification set next_at = $2, hinted_until = null where id = any($1) and state = 'triaged' and next_at is null`
  await trx.executeQuery(CompiledQuery.raw(text, [ids, at]))
}

/** A directory that was written this recently may have been written while we read it. */
const DIRECTORY_SETTLES_MS = 5_000

/**
 * Whoever writes a recipient wakes the notifications that wait for one. A triage under way at that moment would not be
 * seen, and would have read the old directory: where a recipient was written just now, it looks again once, when the
 * directory has settled.
 */
export async function lookAgainWhereDirectoryMoved(
  trx: Trx,
  ids: readonly NotificationId[],
  at: Temporal.Instant,
): Promise<void> {
  if (ids.length === 0) return
  const text = `
    update notification set next_at = moved.at + $3 * interval '1 millisecond'
    from (select max(written_at) as at from recipient) moved
    where id = any($1) and next_at is null and moved.at > $2::timestamptz - $3 * interval '1 millisecond'`
  await trx.executeQuery(CompiledQuery.raw(text, [ids, at, DIRECTORY_SETTLES_MS]))
}
