import type { DecisionKind } from './decision.ts'
import type { DispatchId, PersonRef, RecipientId } from './ids.ts'
import type { Contact, Service } from './recipient.ts'

/** What a dispatch is, in its procedural meaning. A referral asks for action, a notification informs, an alert tells a school. */
export type DispatchKind = 'referral' | 'notification' | 'alert' | 'handoff' | 'correction' | 'recall'

/** Where a dispatch is in its life; the diagram is in ARCHITECTURE.md. Overdue is a flag on a living dispatch, never an end. */
export type DispatchState =
  | 'planned'
  | 'released'
  | 'collected'
  | 'delivered'
  | 'acknowledged'
  | 'held'
  | 'withdrawn'
  | 'given_up'

/** The moment by which a dispatch must be acknowledged, or a task decided. */
export type Deadline = Temporal.Instant

/** One onward telling of one recipient about one notification, before it is stored. */
export interface PlannedDispatch {
  kind: DispatchKind
  service: Service
  recipientId: RecipientId
  /** The people of the notification it is about. An unborn child goes by the ref of the person who carries it. */
  about: PersonRef[]
  /** The rules that asked for it. */
  rules: string[]
  asks: 'child_and_family_assessment' | null
  restricted: boolean
  releaseAt: Temporal.Instant
  dueBy: Deadline
  /** The deadline had already passed when the notification came; counted apart from our own lateness. */
  lateOnArrival: boolean
  /** Why nobody at the recipient may see it until a person has decided; null where it goes out. */
  hold: HoldReason | null
  /** Of a correction or recall: the earlier dispatch it is about. */
  concerns?: DispatchId
  /** Who at the recipient may be written to about it, where somebody there must not hear; absent, every contact. */
  keepTo?: Contact[]
  /** Exactly what the recipient may know, by its service's allow-list. Frozen from here on. */
  content: DispatchContent
}

/**
 * Why a dispatch is held from the start. Somebody in the notification reads what the school is sent, and a person rings
 * somebody there who is clear of it, or there is nobody clear to ring; or a restriction forbids what the law asks for.
 */
export type HoldReason = 'conflict_ring_contact' | 'conflict_nobody_clear' | 'restriction'

/** What one recipient is told: JSON, cut by `routing/allow-lists.ts` and by nothing else. */
export type DispatchContent = Record<string, unknown>

/** Who works a task (contract §2). */
export type Desk = 'domestic_abuse_review' | 'pitstop' | 'mash' | 'directory'

/** One thing the rules could not settle, put to a person. A notification has at most one open task a desk. */
export interface PlannedTask {
  desk: Desk
  questions: TaskQuestion[]
  dueBy: Deadline
}

export interface TaskQuestion {
  question: string
  /** What the procedure would have the person decide. */
  recommends?: string
  about: PersonRef[]
  /** The rules that ask, or could not tell. */
  rules: string[]
  /** Decisions that stand only once a supervisor agrees, where the procedure says so. */
  secondPerson?: { supervisorFor: DecisionKind[] }
}

/** Why a recipient due under a rule has no dispatch: the named reason invariant 2 asks for. */
export interface NotDispatched {
  service: Service
  about: PersonRef[]
  rule: string
  reason:
    | 'no recipient in the directory'
    | 'recipient is out of reach'
    | 'a restriction forbids it'
    | 'a recipient conflict holds it'
    | 'the school is not certain'
}
