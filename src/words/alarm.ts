import type { DateText } from './clock.ts'
import type { AgencyId, AuthorityCode, RecipientId } from './ids.ts'

/** What can fall silent without anybody noticing (issue of the field: notifications were once switched off, and nobody asked). */
export type AlarmKind =
  /** What a force says it sent on a day and what came differ. */
  | 'manifest differs'
  /** A force that sends manifests has sent none for yesterday. */
  | 'manifest missing'
  /** A force has been silent for longer than it usually is. */
  | 'no notifications'
  /** Fewer came than the fewest that are expected. */
  | 'too few notifications'
  /** Something waits in a pull queue and its agency has collected nothing for a day. */
  | 'no collection'
  /** A route is suspended, and so somebody is not told by it. */
  | 'route suspended'

/** A sign that something is silent, as it was measured. */
export interface Sign {
  kind: AlarmKind
  /** Whose silence it is: a force, or a recipient's agency. */
  agency: AgencyId
  authority?: AuthorityCode
  recipientId?: RecipientId
  day?: DateText
  since: Temporal.Instant
  /** What a person is told. References and counts, never a name. */
  says: string
  /** By when a person must have looked. */
  dueBy: Temporal.Instant
}
