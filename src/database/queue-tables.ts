import type { ColumnType, Generated } from 'kysely'
import type { DispatchId, NotificationId } from '../words/ids.ts'

type Instant = Temporal.Instant
type Later<T> = ColumnType<T | null, T | null | undefined, T | null>

/** What stands beside dispatches: their attempts and numbers, and outcomes on their way to the force. */
export interface QueueTables {
  attempt: {
    id: string
    dispatch_id: DispatchId
    number: number
    fence: number
    started_at: Instant
    ended_at: Later<Instant>
    outcome: Later<'delivered' | 'refused' | 'failed' | 'timed_out' | 'blocked' | 'unknown'>
    status: Later<number>
    detail: Later<string>
  }
  queue_number: { recipient_id: string; last: number }
  outcome_webhook: {
    agency: string
    url: string
    data_key: Buffer
    wrapped_by: string
    sealed: Buffer
    written_at: Instant
    written_by: string
    disabled_at: Later<Instant>
  }
  outcome_notice: {
    id: string
    agency: string
    notification_id: NotificationId
    dispatch_id: DispatchId
    code: string
    at: Instant
    state: Generated<'waiting' | 'delivered' | 'given_up'>
    next_at: Later<Instant>
    attempts: Generated<number>
    fence: Generated<number>
    lease_token: Later<string>
    lease_until: Later<Instant>
    ended_at: Later<Instant>
  }
  outcome_attempt: {
    id: string
    notice_id: string
    number: number
    started_at: Instant
    ended_at: Later<Instant>
    outcome: Later<string>
    status: Later<number>
    detail: Later<string>
  }
}
