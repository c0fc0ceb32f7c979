import { CompiledQuery } from 'kysely'
import type { Database, Trx } from '../../database/connection.ts'
import type { DispatchState } from '../../words/dispatch.ts'
import type { DispatchId, NotificationId, PromptId, TaskId } from '../../words/ids.ts'
import type { Contact, Service } from '../../words/recipient.ts'
import type { PromptReason } from '../prompt-store.ts'

type Instant = Temporal.Instant

/** A prompt that is to be sent now, with everything that says to whom, and whether still. */
export interface PromptToSend {
  id: PromptId
  why: PromptReason
  recipient_id: string
  recipient_name: string
  role: Contact['role']
  urgency: 'now' | 'today'
  attempts: number
  opened_at: Instant
  try_until: Instant
  dispatch_id: DispatchId | null
  task_id: TaskId | null
  task_state: 'open' | 'claimed' | 'decided' | null
  /** Of its dispatch, else of its task. */
  notification_id: NotificationId | null
  about: string[] | null
  rules: string[] | null
  victim_risk: string | null
  due_by: Instant | null
  dispatch_state: DispatchState | null
  dispatch_recipient: string | null
  service: Service | null
  replaced_by: DispatchId | null
  clear_contacts: Buffer[] | null
  data_key: Buffer
  wrapped_by: string
  sealed: Buffer
}

const CLAIM = `
  with due as (select id from prompt where next_at <= $1 order by next_at, id limit $2 for update skip locked)
  update prompt p set next_at = $3, attempts = p.attempts + 1 from due where p.id = due.id returning p.id`

/** Takes prompts that are due, until the lease ends: a process that dies leaves them due again, and somebody may be asked twice. */
export async function claimPrompts(
  database: Database,
  lease: { at: Instant; until: Instant },
  limit: number,
): Promise<PromptId[]> {
  return (await database.query<{ id: PromptId }>(CLAIM, [lease.at, limit, lease.until])).map(({ id }) => id)
}

const READ = `
  select p.id, p.why, p.recipient_id, p.role, p.urgency, p.attempts, p.opened_at, p.try_until, p.dispatch_id, p.task_id,
    t.state as task_state, coalesce(d.notification_id, t.notification_id) as notification_id, coalesce(d.about, t.about) as about, d.rules,
    coalesce(d.victim_risk, t.victim_risk) as victim_risk, coalesce(d.due_by, t.due_by) as due_by, d.state as dispatch_state,
    d.recipient_id as dispatch_recipient, d.service, d.replaced_by, d.clear_contacts, r.name as recipient_name, r.data_key, r.wrapped_by, r.sealed
  from prompt p join recipient r on r.id = p.recipient_id left join dispatch d on d.id = p.dispatch_id left join task t on t.id = p.task_id
  where p.id = $1 and p.state = 'due'`

/** A prompt that was claimed; null where it has ended since. */
export async function readPrompt(database: Database, id: string): Promise<PromptToSend | null> {
  return (await database.query<PromptToSend & Record<string, unknown>>(READ, [id]))[0] ?? null
}

const SETTLE = `
  update prompt set state = $3, next_at = $4, cause = $5, ended_at = case when $3 = 'due' then null else $6::timestamptz end
  where id = $1 and attempts = $2 and state = 'due'`

/** Writes how a sending ended. @returns false where a later sending has begun since: then nothing is written */
export async function settlePrompt(
  trx: Trx,
  prompt: Pick<PromptToSend, 'id' | 'attempts'>,
  became: { state: 'due' | 'sent' | 'not_sent' | 'not_needed'; nextAt: Instant | null; cause: string | null },
  at: Instant,
): Promise<boolean> {
  const values = [prompt.id, prompt.attempts, became.state, became.nextAt, became.cause, at]
  return (await trx.executeQuery(CompiledQuery.raw(SETTLE, values))).numAffectedRows === 1n
}
