import type {
  Address,
  Education,
  Incident,
  Moved,
  Notification,
  Person,
  RiskAssessment,
  SocialCare,
} from '../words/notification.ts'
import type { Hidden } from './protection.ts'

/** What of a whole notification its reader may see. */
export interface View {
  /** The officer's account goes along. */
  summary: boolean
  /** The reader holds the scheme that a number belongs to: PNC and the force's own ids, NHS numbers, pupil numbers. */
  schemes: readonly ('police' | 'nhs' | 'upn')[]
  hidden: Hidden
  /** The person whose fields are being read; null for the notification's own. */
  person: Person | null
}

export const RING_FOR_ADDRESS = 'Protected. Ring the force for this address and quote the police reference.'
export const RING_FOR_SCHOOL = 'Protected. Ring the force for the school and quote the police reference.'
export const RING_FOR_TEXT =
  'Withheld because it could show a protected address or school. Ring the force and quote the police reference.'

type Treatment<V> = (value: V, view: View) => unknown
/** One decision for every field. A field added to the words does not compile until somebody has decided who may see it. */
type Treatments<T> = { readonly [K in keyof T]-?: Treatment<NonNullable<T[K]>> }

/** The notification as its reader may see it. Only fields with a decision are read, so nothing else can leave. */
export function wholeNotification(notification: Notification, view: View): Record<string, unknown> {
  return seen(notification, ofNotification, view)
}

const shown = (value: unknown): unknown => value
const text = (value: string, view: View): string => (view.hidden.text(value) ? RING_FOR_TEXT : value)
const label = (value: string, view: View): string => (view.hidden.label(value) ? RING_FOR_TEXT : value)
const texts = (value: string[], view: View): string[] => value.map((line) => text(line, view))
const where = (value: Address, view: View): unknown =>
  view.hidden.address(value, view.person) ? RING_FOR_ADDRESS : seen(value, ofAddress, view)
const whereabouts = (value: unknown, view: View): unknown => (view.hidden.whereabouts ? RING_FOR_TEXT : value)
const held = (scheme: View['schemes'][number]) => (value: string, view: View) =>
  view.schemes.includes(scheme) ? value : undefined

const ofAddress: Treatments<Address> = { lines: shown, postcode: shown, uprn: shown }

const ofIncident: Treatments<Incident> = {
  occurredAt: shown,
  occurredUntil: shown,
  reportedAt: shown,
  policeAttended: shown,
  callMadeByChild: shown,
  immediateDanger: shown,
  localAuthority: shown,
  address: where,
  summary: (value, view) => (view.summary ? text(value, view) : undefined),
  features: shown,
}

const ofAssessment: Treatments<RiskAssessment> = {
  personRef: shown,
  tool: shown,
  toolVersion: label,
  grade: shown,
  yesCount: shown,
  itemCount: shown,
  answers: shown,
  professionalJudgement: shown,
  judgedFor: shown,
  judgementReason: text,
  assessedAt: shown,
}

const ofSocialCare: Treatments<SocialCare> = { open: shown, allocatedWorker: label, authority: shown }

const schoolNamed = (value: unknown, view: View): unknown => (view.hidden.schools ? RING_FOR_SCHOOL : value)
const ofEducation: Treatments<Education> = { status: shown, urns: schoolNamed, establishmentName: schoolNamed }

const ofContact: Treatments<NonNullable<Person['safeContact']>> = {
  method: label,
  value: text,
  notes: text,
}

const ofEmployer: Treatments<NonNullable<Person['employer']>> = {
  name: text,
  urn: schoolNamed,
  odsCode: shown,
  recipientId: schoolNamed,
  role: label,
}

const ofPerson: Treatments<Person> = {
  ref: shown,
  role: shown,
  givenNames: shown,
  familyName: shown,
  dateOfBirth: shown,
  approximateAge: shown,
  refused: shown,
  sex: label,
  relationshipToVictim: label,
  policePersonId: held('police'),
  pncId: held('police'),
  nhsNumber: held('nhs'),
  upn: held('upn'),
  address: where,
  safeContact: (value, view) => (view.hidden.whereabouts ? RING_FOR_TEXT : seen(value, ofContact, view)),
  relatedTo: (value, view) => value.map((one) => seen(one, ofRelation, view)),
  employer: (value, view) => (view.hidden.whereabouts ? RING_FOR_TEXT : seen(value, ofEmployer, view)),
  pregnant: shown,
  expectedDeliveryDate: shown,
  unborn: (value, view) => seen(value, ofUnborn, view),
  household: shown,
  localAuthority: shown,
  stayingAuthority: shown,
  lookedAfterBy: shown,
  present: shown,
  injured: shown,
  usedAsShield: shown,
  spokenTo: shown,
  voice: text,
  specialNeeds: shown,
  socialCare: (value, view) => seen(value, ofSocialCare, view),
  education: (value, view) => seen(value, ofEducation, view),
  health: (value, view) => seen(value, ofHealth, view),
}

const ofUnborn: Treatments<NonNullable<Person['unborn']>> = {
  socialCare: (value, view) => seen(value, ofSocialCare, view),
  localAuthority: shown,
}

const ofRelation: Treatments<NonNullable<Person['relatedTo']>[number]> = {
  ref: shown,
  kind: label,
  parentalResponsibility: shown,
}
const ofHealth: Treatments<NonNullable<Person['health']>> = { gpPractice: whereabouts, provider: whereabouts }
const ofOrder: Treatments<NonNullable<Notification['orders']>[number]> = { kind: shown, personRef: shown, endsOn: shown }
const ofOfficer: Treatments<NonNullable<Notification['officer']>> = { id: shown, supervisorId: shown, authorisedAt: shown }
const ofMoved: Treatments<Moved> = { fromAuthority: shown, toAuthority: shown, on: shown, refuge: shown }

const ofRestriction: Treatments<NonNullable<Notification['restrictions']>[number]> = {
  kind: shown,
  recipientId: schoolNamed,
  urn: schoolNamed,
  odsCode: whereabouts,
  service: label,
  personRef: shown,
  reason: text,
}

const ofNotification: Treatments<Notification> = {
  policeReference: shown,
  version: shown,
  incident: (value, view) => seen(value, ofIncident, view),
  riskAssessments: (value, view) => value.map((one) => seen(one, ofAssessment, view)),
  people: (value, view) => value.map((person) => seen(person, ofPerson, { ...view, person })),
  parentsInformed: shown,
  familyAwareOfReferral: shown,
  victimAsksForSupport: shown,
  maracConsent: shown,
  parentalConsent: shown,
  childProtectionConcern: shown,
  moved: (value, view) => seen(value, ofMoved, view),
  refusedDetails: texts,
  leafletsGiven: shown,
  dutyEndsAt: shown,
  rolesContested: shown,
  restrictions: (value, view) => value.map((one) => seen(one, ofRestriction, view)),
  orders: (value, view) => value.map((one) => seen(one, ofOrder, view)),
  officer: (value, view) => seen(value, ofOfficer, view),
}

function seen<T extends object>(source: T, treatments: Treatments<T>, view: View): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const key in treatments) {
    const value = source[key]
    if (value === undefined || value === null) continue
    const kept = treatments[key](value, view)
    if (kept !== undefined) out[key] = kept
  }
  return out
}
