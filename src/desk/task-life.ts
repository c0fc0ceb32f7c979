import type { DecisionKind } from '../words/decision.ts'

type Instant = Temporal.Instant

/** What of a task decides who may do what with it now. */
export interface TaskLife {
  state: 'open' | 'claimed' | 'decided'
  claimedBy: string | null
  claimedUntil: Instant | null
  proposal: Proposal | null
}

/** A decision that waits for a second person. */
export interface Proposal {
  by: string
  decision: DecisionKind
  /** What they had before them. Of other questions it says nothing. */
  saw: string
}

/** Who must agree before a decision stands. */
export type SecondPerson = 'nobody' | 'anybody else' | 'a supervisor'

/** Who has a task to themselves at a moment; a claim that has ended is nobody's, whoever has looked since. Pure. */
export function holderOf({ state, claimedBy, claimedUntil }: TaskLife, at: Instant): string | null {
  const living = state === 'claimed' && claimedUntil !== null && Temporal.Instant.compare(claimedUntil, at) > 0
  return living ? claimedBy : null
}

export type ClaimWeighed =
  | { kind: 'claims' | 'renews' }
  /** Somebody else's claim had ended and nobody had noticed. */
  | { kind: 'claims after a lapse'; lapsed: string }
  | { kind: 'somebody else has it'; until: Instant }
  | { kind: 'decided before' }

/** What claiming a task comes to. Pure. The same person again has it for longer, so that a retry costs nothing. */
export function weighClaim(task: TaskLife, by: string, at: Instant): ClaimWeighed {
  if (task.state === 'decided') return { kind: 'decided before' }
  const holder = holderOf(task, at)
  if (holder === by) return { kind: 'renews' }
  if (holder !== null) return { kind: 'somebody else has it', until: task.claimedUntil ?? at }
  return task.claimedBy === null ? { kind: 'claims' } : { kind: 'claims after a lapse', lapsed: task.claimedBy }
}

export type ReleaseWeighed =
  | { kind: 'releases' }
  | { kind: 'is nobody’s already' }
  | { kind: 'somebody else has it'; until: Instant }
  | { kind: 'decided before' }

/** What giving a task back comes to. Pure. */
export function weighRelease(task: TaskLife, by: string, at: Instant): ReleaseWeighed {
  if (task.state === 'decided') return { kind: 'decided before' }
  const holder = holderOf(task, at)
  if (holder === by) return { kind: 'releases' }
  return holder === null ? { kind: 'is nobody’s already' } : { kind: 'somebody else has it', until: task.claimedUntil ?? at }
}

export interface Deciding {
  by: string
  decision: DecisionKind
  saw: string
  secondPerson: SecondPerson
  /** The one who decides is a supervisor. */
  supervises: boolean
}

export type DecisionWeighed =
  | { kind: 'decides'; firstPerson: string | null }
  | { kind: 'proposes' }
  | { kind: 'another must agree' }
  | { kind: 'somebody else has it'; until: Instant }
  | { kind: 'decided before' }

/**
 * What a decision comes to. Pure. Where a second person is needed the first one proposes, and somebody else who decides the same
 * of the same questions completes it; whoever decides otherwise decides by their own right.
 */
export function weighDecision(
  task: TaskLife,
  { by, decision, saw, secondPerson, supervises }: Deciding,
  at: Instant,
): DecisionWeighed {
  if (task.state === 'decided') return { kind: 'decided before' }
  const holder = holderOf(task, at)
  if (holder !== null && holder !== by) return { kind: 'somebody else has it', until: task.claimedUntil ?? at }
  if (secondPerson === 'nobody') return { kind: 'decides', firstPerson: null }
  const { proposal } = task
  if (proposal === null || proposal.decision !== decision || proposal.saw !== saw) return { kind: 'proposes' }
  if (proposal.by === by) return { kind: 'another must agree' }
  // Their proposal takes the place of the one before: had a supervisor made that, they may now agree to this.
  if (secondPerson === 'a supervisor' && !supervises) return { kind: 'proposes' }
  return { kind: 'decides', firstPerson: proposal.by }
}

/** Whether a claim has ended, and the task is anybody's again. Pure. */
export function hasLapsed({ state, claimedUntil }: TaskLife, at: Instant): boolean {
  return state === 'claimed' && claimedUntil !== null && Temporal.Instant.compare(claimedUntil, at) <= 0
}
