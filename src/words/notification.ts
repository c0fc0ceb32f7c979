import type { DateText, InstantText } from './clock.ts'
import type { AuthorityCode, PersonRef, RecipientId, Urn } from './ids.ts'

/**
 * What the police send us about one incident (a PPN, PVP, DOM5 …), exactly as it came through the door: these are the
 * fields of contract §1, and the stored, sealed body is this and nothing else. A field left out is unknown, never "no".
 */
export interface Notification {
  policeReference: string
  /** 1 for the first telling of an incident; each later telling of the same reference counts up. */
  version: number
  incident: Incident
  riskAssessments?: RiskAssessment[]
  people: Person[]
  parentsInformed?: Stated
  familyAwareOfReferral?: Stated
  victimAsksForSupport?: Stated
  maracConsent?: Stated
  parentalConsent?: Stated
  childProtectionConcern?: boolean
  moved?: Moved
  /** What a parent or carer would not give, in the officer's words. */
  refusedDetails?: string[]
  leafletsGiven?: boolean
  dutyEndsAt?: InstantText
  /** Counter-allegations: nobody can yet say who is victim and who suspect. */
  rolesContested?: boolean
  restrictions?: Restriction[]
  orders?: Order[]
  officer?: { id: string; supervisorId?: string; authorisedAt?: InstantText }
}

export type Stated = 'yes' | 'no' | 'unsafe' | 'unknown'

export interface Incident {
  occurredAt: InstantText
  /** The end of a course of conduct. */
  occurredUntil?: InstantText
  /** When police were told. Every clock, age and edition of a procedure is taken at this moment. */
  reportedAt: InstantText
  policeAttended?: boolean
  callMadeByChild?: boolean
  immediateDanger?: boolean
  /** Where it happened; picks the area's policy pack. */
  localAuthority: AuthorityCode
  address?: Address
  /** The officer's account. It leaves only where an allow-list says so. */
  summary?: string
  features?: Feature[]
}

export interface Address {
  lines: string[]
  postcode?: string
  uprn?: string
}

export type Feature =
  | 'weapon'
  | 'strangulation'
  | 'threat_to_kill'
  | 'sexual_assault'
  | 'stalking'
  | 'coercive_control'
  | 'escalation'
  | 'breach_of_order'
  | 'honour_based'
  | 'forced_marriage'
  | 'fgm'
  | 'substance_misuse'
  | 'mental_ill_health'
  | 'separation'
  | 'child_contact_dispute'
  | 'animal_abuse'
  | 'child_saw_serious_injury'
  | 'intimidates_practitioners'

/** An officer's assessment of the **victim's** risk. It is never a child's, and never computed from ticks. */
export interface RiskAssessment {
  personRef: PersonRef
  tool: 'DASH' | 'RIC' | 'DARA' | 'young_persons_dash' | 'other'
  toolVersion?: string
  grade: Grade
  yesCount?: number
  itemCount?: number
  answers?: Record<string, 'yes' | 'no' | 'not_known'>
  professionalJudgement?: boolean
  judgedFor?: ('idva' | 'marac')[]
  judgementReason?: string
  assessedAt: InstantText
}

export type Grade = 'standard' | 'medium' | 'high' | 'not_graded'

export interface Person {
  ref: PersonRef
  role: 'victim' | 'suspect' | 'child' | 'other_adult'
  givenNames?: string
  familyName?: string
  dateOfBirth?: DateText
  /** Whole years. */
  approximateAge?: number
  /** The person would not give their details. A refusal is data, never a reason to refuse the notification. */
  refused?: boolean
  sex?: string
  relationshipToVictim?: string
  policePersonId?: string
  pncId?: string
  nhsNumber?: string
  upn?: string
  address?: Address
  safeContact?: { method: string; value: string; notes?: string }
  /** Absent: related. An empty list says related to nobody here. */
  relatedTo?: { ref: PersonRef; kind: string; parentalResponsibility?: boolean }[]
  employer?: { name?: string; urn?: Urn; odsCode?: string; recipientId?: RecipientId; role?: string }
  pregnant?: boolean
  expectedDeliveryDate?: DateText
  unborn?: { socialCare?: SocialCare; localAuthority?: AuthorityCode }
  household?: 'resident' | 'regularly_staying' | 'elsewhere' | 'unknown'
  localAuthority?: AuthorityCode
  stayingAuthority?: AuthorityCode
  lookedAfterBy?: AuthorityCode
  present?: boolean
  injured?: boolean
  usedAsShield?: boolean
  spokenTo?: boolean
  /** The child's own words or the officer's note of them. */
  voice?: string
  specialNeeds?: boolean
  socialCare?: SocialCare
  education?: Education
  /** ODS codes. */
  health?: { gpPractice?: string; provider?: string }
}

export interface SocialCare {
  open?: 'yes' | 'no' | 'unknown'
  allocatedWorker?: string
  authority?: AuthorityCode
}

export type EducationStatus =
  | 'on_roll'
  | 'electively_home_educated'
  | 'missing_education'
  | 'no_school_place'
  | 'excluded_without_provision'
  | 'neet'
  | 'training_or_work'
  | 'not_school_age'
  | 'unknown'

export interface Education {
  status: EducationStatus
  urns?: Urn[]
  establishmentName?: string
}

/** A family in transit. An authority left behind never gets the new address. */
export interface Moved {
  fromAuthority?: AuthorityCode
  toAuthority?: AuthorityCode
  on?: DateText
  refuge?: boolean
}

export interface Restriction {
  kind: 'must_not_receive' | 'address_protected' | 'school_name_protected'
  recipientId?: RecipientId
  urn?: Urn
  odsCode?: string
  service?: string
  personRef?: PersonRef
  reason: string
}

export interface Order {
  kind: 'dvpn' | 'dvpo' | 'dapn' | 'dapo' | 'spo' | 'non_molestation' | 'prohibited_steps' | 'restraining' | 'bail'
  personRef: PersonRef
  endsOn?: DateText
}
