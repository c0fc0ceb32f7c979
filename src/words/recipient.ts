import type { DateText, TimeText } from './clock.ts'
import type { AgencyId, AuthorityCode, RecipientId, Urn } from './ids.ts'

/** The services a procedure can tell (contract §2). */
export const services = [
  'childrens_social_care',
  'education_setting',
  'education_authority',
  'health',
  'marac',
  'idva',
  'specialist_support',
  'police_child_protection',
] as const
export type Service = (typeof services)[number]

/** A pull queue, webhook or mailbox that belongs to an agency or school (contract §7). */
export interface Recipient {
  id: RecipientId
  service: Service
  name: string
  /** The agency that collects and acknowledges for it: its own id unless the operator named another. */
  agency: AgencyId
  authorities: AuthorityCode[]
  urn?: Urn
  odsCode?: string
  /** A closed school's successor is told in its place. */
  successorId?: RecipientId
  /** The day a school closed. It is disabled too: nothing is sent there. */
  closedOn?: DateText
  channel: Channel
  contacts: Contact[]
  /** Of a health service: whom it serves; nobody named means everybody. */
  serves: ('under_five' | 'maternity')[]
  calendar: SchoolCalendar
  /** When somebody is there; absent where it is not known, or known in words alone. */
  hours?: WeekHours
  /** Who hears while nobody is there, such as an emergency duty team: another recipient, or whoever answers a telephone. */
  outOfHours?: { recipientId?: RecipientId; phone?: string }
  /** A 410 from the address disabled it, until the recipient is written again, or somebody suspended its route, or it closed. */
  disabled: boolean
}

export type Channel = { kind: 'pull_queue' } | { kind: 'webhook'; url: string } | { kind: 'email'; address: string }

/** A named person at a recipient: a school's key adult, their deputy, or a service's duty contact. */
export interface Contact {
  name: string
  role: 'key_adult' | 'deputy' | 'duty'
  email?: string
  phone?: string
  dateOfBirth?: DateText
}

/** When somebody is at a service, as spans of each weekday, Europe/London. A day that is not named has nobody. */
export type WeekHours = Partial<Record<Weekday, [TimeText, TimeText][]>>
export type Weekday = 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday'

/**
 * When a school is open to a child. Times are Europe/London. Where nothing is known every weekday that is no bank
 * holiday counts as a school day, because the earlier deadline is the one that protects the child.
 */
export interface SchoolCalendar {
  /** 08:45 unless the school says otherwise. */
  opensAt: TimeText
  /** First and last days of each term known, both inclusive. */
  terms: [DateText, DateText][]
  /** INSET and occasional days. */
  closedDays: DateText[]
}
