import type { AuthorityCode, PersonRef, Urn } from './ids.ts'

/**
 * What is already known about a notification's people when it is triaged: earlier incidents and open cases. The stores
 * gather it, `triage/` reads it, and it is sealed beside the facts so that a ruling can be read years later.
 */
export interface Background {
  /** Earlier incidents that share a person with this one, newest first, one a police reference. */
  earlier: EarlierIncident[]
  /**
   * From when on `earlier` is whole; a count that looks further back is "at least this many". Null when that cannot be said
   * of any time: a party could not be looked up at all, or the force has not said how far back its history here reaches.
   */
  earlierWholeFrom: Temporal.Instant | null
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
