import { CompiledQuery } from 'kysely'
import type { Database, Trx } from '../../database/connection.ts'
import type { DispatchId, NotificationId } from '../../words/ids.ts'
import type { Service } from '../../words/recipient.ts'
import type { AttemptOutcome } from '../attempt-store.ts'

type Instant = Temporal.Instant

const TELL = 'select tell_force_of_outcome($1, $2, $3)'

/** Leaves a notice for the force of a dispatch that was just given an outcome, where it listens. */
export async function tellForce(trx: Trx, notice: string, dispatch: DispatchId, at: Instant): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw(TELL, [notice, dispatch, at]))
}

const DUE = 'select id from outcome_notice where next_at <= $1 order by next_at limit $2'

/** Notices whose moment has come, longest waiting first. */
export async function dueNotices(database: Database, at: Instant, limit: number): Promise<string[]> {
  return (await database.query<{ id: string }>(DUE, [at, limit])).map(({ id }) => id)
}

/** A notice this process may send until its lease ends. */
export interface ClaimedNotice {
  id: string
  attempt_id: string
  agency: string
  notification_id: NotificationId
  police_reference: string
  version: number
  dispatch_id: DispatchId
  service: Service
  victim_risk: string
  code: string
  at: Instant
  attempts: number
  fence: number
  url: string
  data_key: Buffer
  wrapped_by: string
  sealed: Buffer
}

// The lease, the fence and the attempt row are one statement, so that no POST can be made without all three. A lease that ended
// without a word leaves its attempt unknown. What may not be sent now is put off, or it would be looked at in every pass.
const CLAIM = `
  with due as (
    select n.id, n.fence, w.url, w.data_key, w.wrapped_by, w.sealed, w.disabled_at
    from outcome_notice n join outcome_webhook w on w.agency = n.agency
    where n.id = $1 and n.state = 'waiting' and n.next_at <= $2 for update of n skip locked),
  put_off as (
    update outcome_notice n set next_at = $2::timestamptz + interval '15 minutes' from due where n.id = due.id and due.disabled_at is not null),
  claimed as (
    update outcome_notice n set lease_token = $3, lease_until = $4, next_at = $4, attempts = n.attempts + 1, fence = n.fence + 1
    from due where n.id = due.id and due.disabled_at is null
    returning n.id, n.agency, n.notification_id, n.dispatch_id, n.code, n.at, n.attempts, n.fence, due.url, due.data_key, due.wrapped_by, due.sealed),
  lapsed as (
    update outcome_attempt a set outcome = 'unknown', ended_at = $2, detail = 'the lease ended without an outcome'
    from claimed where a.notice_id = claimed.id and a.outcome is null),
  written as (
    insert into outcome_attempt (id, notice_id, number, started_at) select $5, claimed.id, claimed.attempts, $2 from claimed)
  select claimed.id, $5 as attempt_id, claimed.agency, claimed.notification_id, n.police_reference, n.version, claimed.dispatch_id, d.service, d.victim_risk,
    claimed.code, claimed.at, claimed.attempts, claimed.fence, claimed.url, claimed.data_key, claimed.wrapped_by, claimed.sealed
  from claimed join notification n on n.id = claimed.notification_id join dispatch d on d.id = claimed.dispatch_id`

/** Claims a notice that is due and nobody else's; null where there is nothing to do. */
export async function claimNotice(
  database: Database,
  id: string,
  lease: { token: string; attemptId: string; at: Instant; until: Instant },
): Promise<ClaimedNotice | null> {
  const values = [id, lease.at, lease.token, lease.until, lease.attemptId]
  const [claimed] = await database.query<ClaimedNotice & Record<string, unknown>>(CLAIM, values)
  return claimed ?? null
}

/** How an attempt ended, and when the next is due; `retryAt` null and not delivered: it was the last. */
export interface NoticeEnd {
  outcome: AttemptOutcome
  status: number | null
  detail: string | null
  retryAt: Instant | null
  disable: boolean
}

const END_ATTEMPT = `
  update outcome_attempt set outcome = $2, status = $3, detail = $4, ended_at = $5 where id = $1 and (outcome is null or outcome = 'unknown')`
const END_NOTICE = `
  update outcome_notice set state = $4, next_at = $5, lease_token = null, lease_until = null, ended_at = case when $4 = 'waiting' then null else $6::timestamptz end
  where id = $1 and fence = $2 and lease_token = $3 and state = 'waiting'`
const DISABLE = 'update outcome_webhook set disabled_at = $3 where agency = $1 and url = $2 and disabled_at is null'

/** Writes how an attempt ended. @returns whether it still counted: whose lease had ended came too late */
export async function endNotice(
  trx: Trx,
  claimed: ClaimedNotice,
  end: NoticeEnd,
  by: { token: string; at: Instant },
): Promise<boolean> {
  const { outcome, status, detail, retryAt } = end
  await trx.executeQuery(CompiledQuery.raw(END_ATTEMPT, [claimed.attempt_id, outcome, status, detail, by.at]))
  if (end.disable) await trx.executeQuery(CompiledQuery.raw(DISABLE, [claimed.agency, claimed.url, by.at]))
  const state = outcome === 'delivered' ? 'delivered' : retryAt === null ? 'given_up' : 'waiting'
  const values = [claimed.id, claimed.fence, by.token, state, state === 'waiting' ? retryAt : null, by.at]
  const { numAffectedRows } = await trx.executeQuery(CompiledQuery.raw(END_NOTICE, values))
  return numAffectedRows === 1n
}
