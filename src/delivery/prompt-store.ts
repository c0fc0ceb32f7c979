import { CompiledQuery } from 'kysely'
import type { Trx } from '../database/connection.ts'
import { newId } from '../database/new-id.ts'
import type { DispatchId, TaskId } from '../words/ids.ts'
import type { Contact } from '../words/recipient.ts'

type Instant = Temporal.Instant

/** Why somebody is asked to look. It stands in the mail as a sentence that says nothing of the case. */
export type PromptReason = 'alert waiting' | 'deputy asked' | 'not collected' | 'task overdue' | 'silence' | 'out of hours'

/** A content-free e-mail to whoever has this role at a recipient: reference, urgency and link, never a name. */
export interface PromptToOpen {
  /** One prompt a key, ever: opened again, it changes nothing. */
  key: string
  why: PromptReason
  recipientId: string
  role: Contact['role']
  /** It is dropped once this dispatch is acknowledged, held or withdrawn. Of an alert to a school the mail holds a link. */
  dispatchId?: DispatchId
  /** It is dropped once this task is decided. */
  taskId?: TaskId
  urgency: 'now' | 'today'
}

/** For how long a prompt that cannot be sent is tried. After that, and often before, a person has a task instead. */
const TRY_HOURS = { now: 4, today: 24 } as const

// No conflict target: it would ask for the right to read, and whoever opens a prompt need not see it.
const INSERT = `
  insert into prompt (id, key, why, recipient_id, role, dispatch_id, task_id, urgency, opened_at, try_until, next_at)
  select id, key, why, recipient_id, role, dispatch_id, task_id, urgency, $9, try_until, $9
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $10::timestamptz[])
    as asked (id, key, why, recipient_id, role, dispatch_id, task_id, urgency, try_until)
  on conflict do nothing`

/**
 * Has contacts asked by e-mail to look. The worker sends; a prompt that cannot be sent becomes a question to the directory, so
 * that it is never a silence. Its event comes with the sending. Keys are written in order, or two callers could wait for each other.
 */
export async function openPrompts(trx: Trx, prompts: readonly PromptToOpen[], at: Instant): Promise<void> {
  if (prompts.length === 0) return
  const asked = [...prompts].sort((one, other) => (one.key < other.key ? -1 : 1))
  const column = <T>(pick: (prompt: PromptToOpen) => T) => asked.map(pick)
  await trx.executeQuery(
    CompiledQuery.raw(INSERT, [
      column(() => newId('prm')),
      column(({ key }) => key),
      column(({ why }) => why),
      column(({ recipientId }) => recipientId),
      column(({ role }) => role),
      column(({ dispatchId }) => dispatchId ?? null),
      column(({ taskId }) => taskId ?? null),
      column(({ urgency }) => urgency),
      at,
      column(({ urgency }) => at.add({ hours: TRY_HOURS[urgency] })),
    ]),
  )
}
