import type { ChildSeenBefore } from './child-seen-before.ts'
import type { DateText } from './clock.ts'
import type { AuthorityCode, PersonRef, RecipientId, Urn } from './ids.ts'

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
  /** School rolls that name someone here for certain. */
  rolls: RollMatch[]
  /** Of the schools police name, those whose roll is kept here. */
  rollsKept: { urn: Urn; fresh: boolean }[]
  /** MARAC cases between a victim and a suspect of this notification, the latest referral first. */
  maracs: MaracMatch[]
  /** Records that may be about someone here. They never count by themselves; a person says. */
  possible: PossibleMatch[]
  /** The one school in the directory whose name is clearly nearest to one that police name without its number. */
  nearSchools: NearSchool[]
  /** Numbers that cannot be right. They find nobody. */
  badIdentifiers: BadIdentifier[]
  /** Children seen before beside these people, whom nothing certain finds here. */
  childrenSeenBefore: ChildSeenBefore[]
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

/** A school's roll that names someone on this notification. A roll older than 30 days reads as unknown (contract §7). */
export interface RollMatch {
  ref: PersonRef
  urn: Urn
  fresh: boolean
  /** By the pupil number, or by name and date of birth alone. */
  by: 'upn' | 'name and birth'
  /** Stands for the pupil number on that roll: two rolls with the same one mean one child. Null where the roll has none. */
  pupil: string | null
}

/** A MARAC case with the same victim and the same suspect. */
export interface MaracMatch {
  victim: PersonRef
  suspect: PersonRef
  /** The day of its last referral. */
  referredOn: DateText
  convenedOn: DateText | null
}

/** A record that may be about someone here and may not: the name sounds the same and the birth date is, or the address is. */
export interface PossibleMatch {
  ref: PersonRef
  by: 'sound and birth' | 'address'
  record: PossibleRecord
}

export type PossibleRecord =
  /** `policeReference` is null when another force's; `ref` is who it was there, and null in a register from before go-live. */
  | { kind: 'incident'; policeReference: string | null; ref: PersonRef | null; occurredAt: Temporal.Instant }
  | { kind: 'open case'; authority: AuthorityCode; caseReference: string }
  | { kind: 'roll'; urn: Urn }

/** A school in the directory, proposed for a name. It is never told unseen. */
export interface NearSchool {
  ref: PersonRef
  recipientId: RecipientId
  urn: Urn | null
  name: string
}

/** A number that cannot be right, by whose it is; null: of the place of the incident. The number itself is not kept here. */
export interface BadIdentifier {
  ref: PersonRef | null
  scheme: 'NHS number' | 'UPN' | 'PNC ID' | 'UPRN' | 'URN' | 'ODS code'
}
