import type { AuthorityCode, PersonRef, Urn } from './ids.ts'

/**
 * What is already known about a notification's people when it is triaged: earlier incidents and open cases. The stores
 * gather it, `triage/` reads it, and it is sealed beside the facts so that a ruling can be read years later.
 */
export interface Background {
  /** Earlier incidents that share a person with this one, newest first, one a police reference. */
  earlier: EarlierIncident[]
  /**
   * False when a look-up stopped at its limit, a party could not be looked up at all, or the force has not said that
   * its history reaches back far enough: a count is then "at least this many".
   */
  earlierComplete: boolean
  /** Why `earlier` may be short, in words a reviewer can read. */
  earlierDoubts: string[]
  openCases: OpenCaseMatch[]
  /** The directory's name for each URN on the notification, where the directory has that school. */
  establishments: { urn: Urn; name: string }[]
}

/** An earlier incident, matched by person key and never by opening an old notification. */
export interface EarlierIncident {
  /** Null when another force's: its reference is not shown. */
  policeReference: string | null
  occurredAt: Temporal.Instant
  /** Which people of *this* notification stood on that one. */
  matches: { ref: PersonRef; role: 'victim' | 'suspect' | 'child' | 'other_adult' }[]
}

/** A case in an authority's open-case register that names someone on this notification. */
export interface OpenCaseMatch {
  ref: PersonRef
  authority: AuthorityCode
  caseReference: string
  /** A register older than 48 hours reads as unknown (contract §7). */
  fresh: boolean
}
