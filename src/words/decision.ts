import type { PersonRef, RecipientId, TaskId } from './ids.ts'
import type { Service } from './recipient.ts'

/** What a person may decide about a task (contract §3). */
export type DecisionKind = 'refer' | 'notify' | 'no_further_action' | 'pitstop' | 'regrade' | 'resolve'

/** A victim's risk as somebody grades it. */
export type Grade = 'standard' | 'medium' | 'high'

/** What a person decided, as planning reads it: references alone, never why. */
export interface PersonsDecision {
  task: TaskId
  decision: DecisionKind
  /** The people it is about, by the refs of the notification that is planned. */
  about: PersonRef[]
  /** Of `refer` and `notify`: who is told. */
  services: Service[]
  /** Of `regrade`: the grade given. */
  grade: Grade | null
  /** The recipient they picked in place of what the directory finds. */
  recipientId: RecipientId | null
}

/** What a rule's id would be where it was not a rule but a person: dispatches cite it, and so does the completeness report. */
export const decisionRule = (task: TaskId) => `${DECISION}${task}`

/** Whether what is cited was decided by a person. */
export const isDecisionRule = (rule: string) => rule.startsWith(DECISION)

const DECISION = 'decision:'
