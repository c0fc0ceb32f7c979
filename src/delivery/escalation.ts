import { type EscalationStep, escalationSteps } from '../routing/next-attention.ts'
import type { Service } from '../words/recipient.ts'

type Instant = Temporal.Instant

interface Escalating {
  service: Service
  releaseAt: Instant
  dueBy: Instant
}

/** Who has a second contact to write to: a school's deputy. Any other service's next step is the telephone. */
const stepsOf = (dispatch: Escalating): EscalationStep[] =>
  escalationSteps(dispatch).filter(({ step }) => step === 'telephone task' || dispatch.service === 'education_setting')

/** When the first step before the deadline is due. What is held skips the deputy: somebody there may be who must not hear of it. */
export function firstStepAt(dispatch: Escalating, held: boolean): Instant | null {
  return stepsOf(dispatch).find(({ step }) => !held || step === 'telephone task')?.at ?? null
}

/**
 * What is due of an escalation whose next step stood at `standsAt`, and when the step after it is. Somebody who cannot be told by
 * the channel at all has `standsAt` set to that moment: whatever is no deputy's moment is the telephone's.
 */
export function stepsDue(
  dispatch: Escalating,
  standsAt: Instant,
  at: Instant,
): { due: EscalationStep['step'][]; nextAt: Instant | null } {
  const [first, last] = stepsOf(dispatch)
  const deputyFirst = first?.step === 'second contact' && first.at.epochMilliseconds === standsAt.epochMilliseconds
  if (!deputyFirst || last === undefined) return { due: ['telephone task'], nextAt: null }
  if (Temporal.Instant.compare(last.at, at) > 0) return { due: ['second contact'], nextAt: last.at }
  return { due: ['second contact', 'telephone task'], nextAt: null }
}
