import type { ColumnType, Generated } from 'kysely'
import type { DispatchId, LinkId, PromptId, TaskId } from '../words/ids.ts'

type Instant = Temporal.Instant
type Later<T> = ColumnType<T | null, T | null | undefined, T | null>

/** The tables of what is said by e-mail. */
export interface EmailTables {
  prompt: {
    id: PromptId
    /** One prompt a key, ever. */
    key: string
    why: string
    recipient_id: string
    role: 'key_adult' | 'deputy' | 'duty'
    dispatch_id: Later<DispatchId>
    task_id: Later<TaskId>
    urgency: 'now' | 'today'
    state: Generated<'due' | 'sent' | 'not_sent' | 'not_needed'>
    opened_at: Instant
    try_until: Instant
    next_at: Instant | null
    attempts: Generated<number>
    cause: Later<string>
    ended_at: Later<Instant>
  }
  link: {
    id: LinkId
    dispatch_id: DispatchId
    recipient_id: string
    contact: 'mailbox' | 'key_adult' | 'deputy' | 'duty'
    issued_at: Instant
    expires_at: Instant
    opened_at: Later<Instant>
    /** SHA-256 of the cookie of the browser that opened it. */
    opened_by: Later<Buffer>
    used_at: Later<Instant>
    refused_at: Later<Instant>
    used_for: Later<'acknowledged' | 'seen_by_deputy' | 'not_here'>
  }
}
