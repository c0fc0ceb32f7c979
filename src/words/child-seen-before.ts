import type { DateText } from './clock.ts'
import type { AuthorityCode, PersonRef } from './ids.ts'

/**
 * A child who stood beside a party of this notification on an earlier one, or stands in an open case with somebody here, and
 * whom no name with a birth date and no number finds here.
 */
export interface ChildSeenBefore {
  /** Null where another force told of the child: its names stay with that force. */
  child: { givenNames?: string; familyName?: string; dateOfBirth?: DateText; approximateAge?: number } | null
  /** The people of this notification beside whom the child stood. */
  beside: PersonRef[]
  /** Those of this notification who are certainly somebody else there, a twin for example, and so cannot be this child. */
  others: PersonRef[]
  seen:
    | { kind: 'notification'; policeReference: string; occurredAt: Temporal.Instant }
    | { kind: "another force's notification"; occurredAt: Temporal.Instant }
    | { kind: 'open case'; authority: AuthorityCode; caseReference: string; fresh: boolean }
}
