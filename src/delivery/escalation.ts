import { escalationSteps } from '../routing/next-attention.ts'
import type { Service } from '../words/recipient.ts'

/**
 * When a person is asked to telephone, before the deadline. The step before it, a second contact, needs email: until that
 * is sent nobody would be written to, so the step is not taken and nothing claims that it was.
 */
export function telephoneAt(dispatch: {
  service: Service
  releaseAt: Temporal.Instant
  dueBy: Temporal.Instant
}): Temporal.Instant | null {
  return escalationSteps(dispatch).find(({ step }) => step === 'telephone task')?.at ?? null
}
