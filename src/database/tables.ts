import type { ColumnType, Generated } from 'kysely'
import type { DecisionKind, Grade } from '../words/decision.ts'
import type { Desk, DispatchKind, DispatchState } from '../words/dispatch.ts'
import type { DispatchId, EventId, NotificationId, TaskId } from '../words/ids.ts'
import type { Service } from '../words/recipient.ts'
import type { EmailTables } from './email-tables.ts'
import type { QueueTables } from './queue-tables.ts'
import type { RestrictionTables } from './restriction-tables.ts'
import type { SessionTables } from './session-tables.ts'
import type { WatchTables } from './watch-tables.ts'

type Instant = Temporal.Instant
/** Left out on insert; null until something sets it. */
type Later<T> = ColumnType<T | null, T | null | undefined, T | null>

/** The tables of migrations/, as Kysely reads them. Sealed columns are `Buffer`. */
export interface Tables extends EmailTables, QueueTables, SessionTables, RestrictionTables, WatchTables {
  notification: {
    id: NotificationId
    agency: string
    police_reference: string
    version: number
    authority: string
    occurred_at: Instant
    reported_at: Instant
    received_at: Instant
    received_by: string
    state: 'received' | 'triaged' | 'superseded' | 'withdrawn' | 'erased'
    body_hmac: Buffer
    body: Buffer | null
    record: Later<Buffer>
    victim_risk: Later<string>
    policy_area: Later<string>
    policy_from: Later<string>
    policy_sha256: Later<string>
    triaged_at: Later<Instant>
    next_at: Instant | null
    hinted_until: Later<Instant>
    faults: Generated<number>
    telephoned: Generated<boolean>
  }
  data_key: { notification_id: NotificationId; wrapped: Buffer; wrapped_by: string }
  person_key: {
    key: Buffer
    kind: string
    index_key: string
    notification_id: NotificationId
    ref: string
    role: 'victim' | 'suspect' | 'child' | 'other_adult'
    occurred_at: Instant
  }
  change_reason: {
    notification_id: NotificationId
    change: 'version' | 'withdrawal'
    reason: Buffer
    said_at: Instant
    said_by: string
  }
  telephone_referral: {
    id: string
    notification_id: NotificationId
    service: Service
    spoken_to: Buffer
    at: Instant
    logged_at: Instant
    logged_by: string
  }
  idempotency_key: { agency: string; key: string; body_hmac: Buffer; notification_id: NotificationId }
  force_history: { agency: string; complete_from: Instant; set_at: Instant }
  recipient: {
    id: string
    service: Service
    name: string
    agency: string
    authorities: string[]
    urn: Later<string>
    ods_code: Later<string>
    successor_id: Later<string>
    closed_on: Later<string>
    channel: 'pull_queue' | 'webhook' | 'email'
    url: Later<string>
    serves: ('under_five' | 'maternity')[]
    /** jsonb: written as JSON text, read parsed. */
    hours: ColumnType<unknown, string | null | undefined, string | null>
    out_of_hours_recipient: Later<string>
    opens_at: string
    terms: ColumnType<[string, string][], string, string>
    closed_days: string[]
    disabled_at: Later<Instant>
    suspended_until: Later<Instant>
    suspension: Later<Buffer>
    data_key: Buffer
    wrapped_by: string
    sealed: Buffer
    written_at: Instant
  }
  open_case: {
    authority: string
    case_reference: string
    as_of: Instant
    /** Nobody is in it any more, and the three below are null. */
    closed: Generated<boolean>
    data_key: Buffer | null
    wrapped_by: string | null
    sealed: Buffer | null
    written_at: Instant
  }
  open_case_key: { key: Buffer; kind: string; index_key: string; authority: string; case_reference: string }
  pupil_roll: {
    urn: string
    as_of: Instant
    pupils: number
    data_key: Buffer
    wrapped_by: string
    sealed: Buffer
    written_at: Instant
  }
  pupil_key: { key: Buffer; kind: string; index_key: string; urn: string; pupil: number }
  marac_case: {
    agency: string
    id: string
    referred_on: string
    convened_on: Later<string>
    data_key: Buffer
    wrapped_by: string
    sealed: Buffer
    written_at: Instant
  }
  marac_key: { key: Buffer; kind: string; index_key: string; agency: string; id: string; side: 'victim' | 'suspect' }
  dispatch: {
    id: DispatchId
    notification_id: NotificationId
    force: string
    recipient_id: string
    agency: string
    channel: 'pull_queue' | 'webhook' | 'email'
    service: Service
    kind: DispatchKind
    about: string[]
    rules: string[]
    asks: Later<string>
    restricted: Generated<boolean>
    victim_risk: string
    obligation: string
    state: DispatchState
    overdue: Generated<boolean>
    late_on_arrival: Generated<boolean>
    release_at: Instant
    due_by: Instant
    /** When to turn to the next person before the deadline; null once done. */
    escalate_at: Later<Instant>
    next_at: Instant | null
    hinted_until: Later<Instant>
    retry_at: Later<Instant>
    attempts: Generated<number>
    lease_token: Later<string>
    lease_until: Later<Instant>
    fence: Generated<number>
    content: Later<Buffer>
    content_hmac: Later<Buffer>
    /** Of a correction or recall: the earlier dispatch it is about. */
    concerns: Later<DispatchId>
    /** What says it as it is now, or recalls it. */
    replaced_by: Later<DispatchId>
    /** A newer version or a withdrawal came, and its triage has not settled this one yet. */
    changing: Generated<boolean>
    /** What it says could not be opened when it was last to be collected. */
    set_aside_until: Later<Instant>
    /** Its number in its recipient's pull queue. */
    sequence: Later<number>
    report_at: Later<Instant>
    reported_at: Later<Instant>
    /** It was delivered as a mail, which holds nothing of what it says. */
    mailed: Generated<boolean>
    link_opened_at: Later<Instant>
    /** Somebody there has seen what it says. */
    shown: ColumnType<boolean, never, never>
    planned_at: Instant
    collected_at: Later<Instant>
    delivered_at: Later<Instant>
    acknowledged_at: Later<Instant>
    acknowledged_by: Later<Buffer>
    outcome: Later<string>
    outcome_note: Later<Buffer>
    outcome_at: Later<Instant>
    hold_reason: Later<string>
    return_reason: Later<string>
    return_note: Later<Buffer>
  }
  task: {
    id: TaskId
    notification_id: NotificationId | null
    recipient_id: Later<string>
    alarm_id: Later<string>
    agency: string
    desk: Desk
    about: Generated<string[]>
    victim_risk: Later<string>
    questions: Buffer
    due_by: Instant
    overdue: Generated<boolean>
    state: Generated<'open' | 'claimed' | 'decided'>
    opened_at: Instant
    claimed_by: Later<string>
    claimed_until: Later<Instant>
    fence: Generated<number>
    proposed_by: Later<string>
    proposed_at: Later<Instant>
    proposed_decision: Later<DecisionKind>
    proposed_rationale: Later<Buffer>
    proposed_saw: Later<Buffer>
    decided_by: Later<string>
    decided_at: Later<Instant>
    decision: Later<DecisionKind>
    rationale: Later<Buffer>
    decision_hmac: Later<Buffer>
    services: Generated<Service[]>
    grade: Later<Grade>
    chosen_recipient: Later<string>
    settled: Generated<Buffer[]>
    rings: Generated<number>
    ring_at: Later<Instant>
    next_at: Instant | null
  }
  audit_stream: { id: string; seq: number; hash: Buffer }
  audit_event: {
    id: EventId
    stream: string
    seq: number
    at: Instant
    kind: string
    actor: string
    dispatch: Later<string>
    task: Later<string>
    body: string
    hash: Buffer
    xid: ColumnType<string, never, never>
  }
  api_key: { id: string; agency: string; scopes: string[]; hash: Buffer; created_at: Instant; revoked_at: Later<Instant> }
  sealing_key: { id: string; first_used: ColumnType<Instant, never, never> }
  service_key: { id: string; kind: string; wrapped: Buffer; wrapped_by: string; made_at: Instant }
}
