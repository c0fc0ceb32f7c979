import type { DecisionKind } from './decision.ts'
import type { Desk, DispatchKind } from './dispatch.ts'
import type { PersonRef, RecipientId } from './ids.ts'
import type { Service } from './recipient.ts'

/** What a rule asks for when it fires: one service told, with a kind and a time limit. */
export interface Tell {
  service: Service
  kind: DispatchKind
  asks?: 'child_and_family_assessment'
  within: TimeLimit
  /** A social care *notification* that the procedure wants with the officer's account; a referral always has it. */
  withSummary?: true
  /** Whom a person picked. A rule never does: it names a service, and the directory says who that is. */
  recipientId?: RecipientId
}

/**
 * Elapsed hours from `reportedAt`, through weekends and clock changes; or the first opening of that child's school;
 * or `where silent`, the settled limits for a procedure that names none (design, "Settled ambiguities").
 * `high` also holds for a victim whose risk is not graded.
 */
export type TimeLimit =
  | { kind: 'hours'; high: number; otherwise: number }
  | { kind: 'before school opens' }
  | { kind: 'where silent' }

/** What a rule puts to a person when it fires. */
export interface Ask {
  desk: Desk
  question: string
  recommends?: string
  /** When the procedure wants it settled. Absent: a directory question by the school's clock, any other within 24 or 72 hours. */
  within?: TimeLimit
  /** Decisions that the procedure lets stand only once a supervisor agrees with whoever decides. */
  supervisorFor?: DecisionKind[]
}

/** One condition judged: what the rule wanted of a fact, what was found, and whether that meets it. */
export interface Finding {
  fact: string
  wanted: string
  found: string
  verdict: 'met' | 'not_met' | 'unknown'
}

/**
 * Whom a rule is judged about: each child (everyone under 18 but a party under 16, who has a separate process), each
 * unborn child (by the ref of the person who carries it), each party (victims and suspects), or the whole notification.
 */
export type About = 'each child' | 'each unborn child' | 'each party' | 'the notification'

/** One rule applied to one subject. Recorded once and never recomputed (invariant 5). */
export interface Ruling {
  rule: string
  /** Which edition it stands in, as `area/inForceFrom`. */
  edition: string
  subject: About
  about: PersonRef | null
  result: 'fired' | 'did_not_fire' | 'cannot_tell'
  says: string
  cites: { document: string; section: string }
  findings: Finding[]
  tell: Tell[]
  ask: Ask[]
}

/** All rulings for one notification, and the packs that made them. */
export interface Outcome {
  /** The area's edition in force at `reportedAt`; null where no procedure is loaded for the authority. */
  policy: PolicyEdition | null
  /** The statutory edition that lies under every area. */
  statutory: PolicyEdition
  /** The victim's risk: the highest grade given; `not_graded` where there is none. */
  victimRisk: 'standard' | 'medium' | 'high' | 'not_graded'
  rulings: Ruling[]
}

export interface PolicyEdition {
  area: string
  /** YYYY-MM-DD. */
  inForceFrom: string
  /** SHA-256 of the file's bytes, hex. */
  sha256: string
}
