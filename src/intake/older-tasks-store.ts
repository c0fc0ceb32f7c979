import { CompiledQuery } from 'kysely'
import type { Trx } from '../database/connection.ts'
import type { Desk } from '../words/dispatch.ts'
import type { NotificationId, TaskId } from '../words/ids.ts'

/** A task that nobody has decided. */
export interface OpenTask {
  id: TaskId
  notification_id: NotificationId
  desk: Desk
  state: 'open' | 'claimed'
  questions: Buffer
}

/** The tasks of these versions that nobody has decided, locked. */
export async function lockOpenTasks(trx: Trx, ids: readonly NotificationId[]): Promise<OpenTask[]> {
  const text = `
    select id, notification_id, desk, state, questions from task
    where notification_id = any($1) and state <> 'decided' order by id for update`
  return (await trx.executeQuery<OpenTask>(CompiledQuery.raw(text, [ids]))).rows
}

/** Nothing is left to decide on them. */
export async function closeTasks(trx: Trx, ids: readonly TaskId[], at: Temporal.Instant): Promise<void> {
  if (ids.length === 0) return
  const text = `update task set state = 'decided', claimed_by = null, claimed_until = null, decided_at = $2, next_at = null where id = any($1)`
  await trx.executeQuery(CompiledQuery.raw(text, [ids, at]))
}
