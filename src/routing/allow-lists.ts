import type { DispatchContent, DispatchKind } from '../words/dispatch.ts'
import type { AuthorityCode, PersonRef } from '../words/ids.ts'
import type { EducationStatus, Grade, Notification, Person } from '../words/notification.ts'
import type { Service } from '../words/recipient.ts'
import type { KnownRestriction } from '../words/restriction.ts'
import { type Hidden, hiddenFrom } from './protection.ts'
import { statedHere } from './restrictions.ts'
import { wholeNotification } from './whole-notification.ts'

/** What content turns on beside the notification itself. */
export interface Telling {
  service: Service
  kind: DispatchKind
  asks: 'child_and_family_assessment' | null
  about: readonly PersonRef[]
  /** A notification to social care that the procedure wants with the officer's account. */
  withSummary: boolean
  /** Authorities the recipient works for that the family has left: it never learns the new address. */
  leftBehind: readonly AuthorityCode[]
  victimRisk: Grade
  /** The children on the notification, by ref. */
  children: readonly PersonRef[]
  /** Somebody at the recipient must not see it. */
  restricted: boolean
  /** What binds these people; where nothing was looked up, what the notification itself states. */
  restrictions?: readonly KnownRestriction[]
}

/** Derby and Derbyshire procedure, "Schools and Operation Encompass", in our words. */
const schoolShould = [
  'Observe how the child is, and offer the support you would offer any child you are worried about.',
  'Ask in a general way how the child is, as on any day.',
  'Share this only with the staff who need it to support the child, and follow your usual safeguarding procedure.',
]
const schoolMustNot = [
  'Do not question the child about the incident.',
  'Do not approach a parent or carer about the incident.',
  'Do not begin routine enquiry about domestic abuse because of this message.',
]
const policeData = 'This is police data. Ask the force before you disclose it to anyone, a parent or carer included.'
const restrictedNote =
  'Restricted: somebody connected with this notification may work with you. Hide the record from all but those who must act on it; the desk rings your duty lead to say from whom.'
const rolesContestedNote = 'Accounts conflict: police cannot yet say who is the victim and who the suspect.'

/**
 * What one recipient is told, by its service's allow-list (design, "Allow-lists"; contract §5 for schools). Everything is
 * built up field by field; only the services that may see a whole notification start from it, and those by explicit cuts.
 */
export function contentFor(notification: Notification, telling: Telling): DispatchContent {
  const heading = {
    kind: telling.kind,
    policeReference: notification.policeReference,
    parentsInformed: notification.parentsInformed ?? 'unknown',
    // A school's allow-list is the contract's own, and its alert waits for somebody who is told by a person.
    ...(telling.restricted && telling.service !== 'education_setting' ? { restricted: true, restrictedNote } : {}),
  }
  switch (telling.service) {
    case 'education_setting':
      return { ...heading, ...forSchool(notification, telling) }
    case 'education_authority':
      return { ...heading, ...forEducationAuthority(notification, telling) }
    case 'health':
      return { ...heading, ...forHealth(notification, telling) }
    case 'marac':
    case 'idva':
      return { ...heading, ...forRiskConference(notification, telling) }
    case 'specialist_support':
      return { ...heading, ...forSupport(notification, telling) }
    case 'childrens_social_care':
    case 'police_child_protection':
      return { ...heading, ...forProtection(notification, telling) }
    default: {
      const never: never = telling.service
      return never
    }
  }
}

function forSchool(notification: Notification, telling: Telling): DispatchContent {
  const child = personOf(notification, telling.about[0])
  return {
    child: child === undefined ? {} : nameAndBirth(child),
    incident: whenItHappened(notification),
    childPresent: stated(child?.present),
    schoolShould,
    schoolMustNot,
    policeData,
  }
}

function forEducationAuthority(notification: Notification, telling: Telling): DispatchContent {
  const child = personOf(notification, telling.about[0])
  const status = child?.education?.status ?? 'unknown'
  return { child: child === undefined ? {} : nameAndBirth(child), educationStatus: status, question: educationQuestion(status) }
}

function educationQuestion(status: EducationStatus): string {
  if (status === 'unknown' || status === 'not_school_age' || status === 'on_roll') {
    return 'At which school or college is this child registered? Tell the force, so that the school can be told before it opens.'
  }
  return 'What education does this child receive, and who will look out for the child there? Correct the status if it is wrong.'
}

/** One patient and no other party. A carrier of an unborn child is the patient, with the date the birth is expected. */
function forHealth(notification: Notification, telling: Telling): DispatchContent {
  const patient = personOf(notification, telling.about[0])
  return {
    notForPatientFacingRecord: true,
    patient: patient === undefined ? {} : { ...nameAndBirth(patient), ...only({ nhsNumber: patient.nhsNumber }) },
    incident: whenItHappened(notification),
    ...only({ expectedDeliveryDate: patient?.expectedDeliveryDate }),
    ...(patient?.pregnant === true ? { pregnant: true } : {}),
    present: stated(patient?.present),
    injured: stated(patient?.injured),
    riskToVictim: telling.victimRisk,
  }
}

/** MARAC and IDVA: victim, safe contact, suspect, risk, children. No address. */
function forRiskConference(notification: Notification, telling: Telling): DispatchContent {
  const hidden = hiddenFrom(notification, [], protecting(notification, telling))
  const plain = (value: string | undefined) => (value === undefined || hidden.label(value) ? undefined : value)
  const suspects = notification.people.filter(({ role }) => role === 'suspect')
  const children = notification.people.filter(({ ref }) => telling.children.includes(ref))
  return {
    ...contested(notification),
    incident: whenItHappened(notification),
    victims: victimsOf(notification).map((victim) => ({
      ...nameAndBirth(victim),
      ...only({ sex: plain(victim.sex), pregnant: victim.pregnant, expectedDeliveryDate: victim.expectedDeliveryDate }),
      ...safeContact(victim, hidden),
    })),
    suspects: suspects.map((suspect) => ({
      ...nameAndBirth(suspect),
      ...only({ sex: plain(suspect.sex), relationshipToVictim: plain(suspect.relationshipToVictim) }),
    })),
    risk: {
      grade: telling.victimRisk,
      features: [...(notification.incident.features ?? [])],
      assessments: (notification.riskAssessments ?? []).map((one) => ({
        ...only({
          tool: one.tool,
          toolVersion: plain(one.toolVersion),
          grade: one.grade,
          yesCount: one.yesCount,
          itemCount: one.itemCount,
          answers: one.answers,
          professionalJudgement: one.professionalJudgement,
          judgedFor: one.judgedFor,
          assessedAt: one.assessedAt,
        }),
        ...(one.judgementReason === undefined || hidden.text(one.judgementReason)
          ? {}
          : { judgementReason: one.judgementReason }),
      })),
    },
    children: children.map(nameAndBirth),
    maracConsent: notification.maracConsent ?? 'unknown',
    victimAsksForSupport: notification.victimAsksForSupport ?? 'unknown',
  }
}

function forSupport(notification: Notification, telling: Telling): DispatchContent {
  const hidden = hiddenFrom(notification, [], protecting(notification, telling))
  return {
    ...contested(notification),
    incident: whenItHappened(notification),
    victims: victimsOf(notification).map((victim) => ({ ...nameAndBirth(victim), ...safeContact(victim, hidden) })),
    riskToVictim: telling.victimRisk,
    numberOfChildren: telling.children.length,
    victimAsksForSupport: notification.victimAsksForSupport ?? 'unknown',
  }
}

/** Social care and police child protection: the whole notification, cut by what the reader may not see. */
function forProtection(notification: Notification, telling: Telling): DispatchContent {
  const police = telling.service === 'police_child_protection'
  return {
    ...contested(notification),
    about: [...telling.about],
    asks: telling.asks,
    notification: wholeNotification(notification, {
      summary: police || telling.kind === 'referral' || telling.withSummary,
      schemes: police ? ['police'] : ['nhs', 'upn'],
      hidden: hiddenFrom(notification, telling.leftBehind, protecting(notification, telling)),
      person: null,
    }),
  }
}

const protecting = (notification: Notification, { restrictions }: Telling) => restrictions ?? statedHere(notification)

function contested(notification: Notification): DispatchContent {
  return notification.rolesContested === true ? { rolesContested: true, rolesContestedNote } : {}
}

function victimsOf(notification: Notification): Person[] {
  return notification.people.filter(({ role }) => role === 'victim')
}

function personOf(notification: Notification, ref: PersonRef | undefined): Person | undefined {
  return notification.people.find((person) => person.ref === ref)
}

function nameAndBirth(person: Person): DispatchContent {
  return only({ givenNames: person.givenNames, familyName: person.familyName, dateOfBirth: person.dateOfBirth })
}

/** How to reach the victim safely, unless the way itself would show a protected address. */
function safeContact(victim: Person, hidden: Hidden): DispatchContent {
  if (victim.safeContact === undefined) return {}
  const { method, value, notes } = victim.safeContact
  if (hidden.text(`${value} ${notes ?? ''}`) || hidden.label(method))
    return { safeContact: { value: 'Protected. Ring the force.' } }
  return { safeContact: only({ method, value, notes }) }
}

function whenItHappened({ incident }: Notification): DispatchContent {
  return only({ occurredAt: incident.occurredAt, occurredUntil: incident.occurredUntil })
}

function stated(value: boolean | undefined): 'yes' | 'no' | 'unknown' {
  if (value === undefined) return 'unknown'
  return value ? 'yes' : 'no'
}

/** Leaves out what is not known, so that an absent field never reads as an answer. */
function only(fields: Record<string, unknown>): DispatchContent {
  const known: DispatchContent = {}
  for (const field in fields) if (fields[field] !== undefined) known[field] = fields[field]
  return known
}
