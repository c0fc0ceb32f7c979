import { schoolFound } from '../triage/school.ts'
import type { NotDispatched } from '../words/dispatch.ts'
import type { AuthorityCode, RecipientId, Urn } from '../words/ids.ts'
import type { Recipient, Service } from '../words/recipient.ts'
import type { Subject } from './authorities.ts'
import { authoritiesTold } from './authorities.ts'
import { underAge } from './children.ts'
import type { Circumstances } from './circumstances.ts'
import { reachable } from './reachable.ts'

/** The recipients a plan may use, found by what a notification names them by. */
export interface Directory {
  byId: ReadonlyMap<string, Recipient>
  schools: ReadonlyMap<Urn, Recipient>
  healthProviders: ReadonlyMap<string, Recipient>
  byAuthority: ReadonlyMap<AuthorityCode, Recipient[]>
}

/** One place a rule would tell: a recipient, or the reason why there is none. Never a silence. */
export type Place =
  | {
      kind: 'found'
      recipient: Recipient
      /** The URN on the notification, where a closed school has a successor. */
      urn: Urn | null
      /** The authority it would be told for, where the family has left it. */
      leftBehind: AuthorityCode | null
      /** What a person should mend in the directory although somebody could be told. */
      mend: string | null
    }
  | { kind: 'not found'; reason: NotDispatched['reason']; named: string; question: string }

/** Longest chain of closed schools that is followed. */
const SUCCESSORS_MAX = 8

/** Arranges the recipients for look-up. A plan is put in order at its end, so it does not depend on how they were read. */
export function directoryOf(recipients: readonly Recipient[]): Directory {
  const byId = new Map<string, Recipient>()
  const schools = new Map<Urn, Recipient>()
  const healthProviders = new Map<string, Recipient>()
  const byAuthority = new Map<string, Recipient[]>()
  for (const recipient of recipients) {
    byId.set(recipient.id, recipient)
    if (recipient.service === 'education_setting' && recipient.urn !== undefined) schools.set(recipient.urn, recipient)
    if (recipient.service === 'health' && recipient.odsCode !== undefined) healthProviders.set(recipient.odsCode, recipient)
    for (const authority of recipient.authorities) {
      const others = byAuthority.get(authority)
      if (others === undefined) byAuthority.set(authority, [recipient])
      else others.push(recipient)
    }
  }
  return { byId, schools, healthProviders, byAuthority }
}

/** Where a service is told about a subject; for a service that works by the incident's authority the subject is null. */
export function placesToTell(service: Service, subject: Subject | null, about: Circumstances): Place[] {
  if (subject === null || toldByIncident(service))
    return inAuthority(service, about.notification.incident.localAuthority, null, about)
  if (service === 'education_setting') return schoolsOf(subject, about)
  if (service === 'health') return healthOf(subject, about)
  return authoritiesTold(about.notification, about.background, subject).flatMap(({ authority, leftBehind }) =>
    inAuthority(service, authority, leftBehind ? authority : null, about),
  )
}

/** The place that a person picked; of a closed school, its successor. */
export function placeChosen(id: RecipientId, about: Circumstances): Place {
  const chosen = about.directory.byId.get(id)
  const recipient = chosen?.urn === undefined ? chosen : (schoolNow(about.directory, chosen.urn) ?? chosen)
  if (recipient === undefined)
    return missing(`${id} was picked and is not in the directory. Find who must be told in its place.`, id)
  return reachable(recipient) ? found(recipient, { urn: null, leftBehind: null, mend: null }) : outOfReach(recipient)
}

/** Services that look at the incident as a whole, and so work where it happened. */
export function toldByIncident(service: Service): boolean {
  return service === 'marac' || service === 'idva' || service === 'specialist_support' || service === 'police_child_protection'
}

/** The recipient that stands for a school now, by following closed schools to their successors. */
export function schoolNow(directory: Directory, urn: Urn): Recipient | null {
  let school = directory.schools.get(urn)
  for (let step = 0; step < SUCCESSORS_MAX; step += 1) {
    if (school?.successorId === undefined) return school ?? null
    school = directory.byId.get(school.successorId)
  }
  return null
}

function schoolsOf(subject: Subject, about: Circumstances): Place[] {
  // An unborn child has no school; a rule about the whole notification passes through here.
  if (subject.unborn) return []
  const { urns } = schoolFound(subject.person, about.background)
  if (urns.length === 0) {
    const question = 'Which school or college is this child registered at? A rule tells the school, and no school is named.'
    return [{ kind: 'not found', reason: 'the school is not certain', named: 'no school', question }]
  }
  return urns.map((urn) => {
    const school = schoolNow(about.directory, urn)
    if (school === null) return missing(`The school with URN ${urn} is not in the directory. Find it, or ring it.`, urn)
    return reachable(school) ? found(school, { urn, leftBehind: null, mend: null }) : outOfReach(school)
  })
}

function healthOf(subject: Subject, about: Circumstances): Place[] {
  const provider = subject.person.health?.provider
  const named = provider === undefined ? undefined : about.directory.healthProviders.get(provider)
  if (named !== undefined && reachable(named)) return [found(named, { urn: null, leftBehind: null, mend: null })]
  const mend =
    provider === undefined ? null : `The health provider ${provider} cannot be reached. The area's own was looked for instead.`
  return authoritiesTold(about.notification, about.background, subject).flatMap(({ authority, leftBehind }) => {
    const all = inDirectory('health', authority, about)
    const fitting = all.filter((recipient) => serves(recipient, subject, about))
    return chosen(fitting, { service: 'health', authority, leftBehind: leftBehind ? authority : null, mend })
  })
}

function inDirectory(service: Service, authority: AuthorityCode, about: Circumstances): Recipient[] {
  return (about.directory.byAuthority.get(authority) ?? []).filter((recipient) => recipient.service === service)
}

/** Nobody named means everybody; a named group must be the patient's. */
function serves(recipient: Recipient, subject: Subject, about: Circumstances): boolean {
  if (recipient.serves.length === 0) return true
  if (subject.unborn || subject.person.pregnant === true) {
    if (recipient.serves.includes('maternity')) return true
  }
  return !subject.unborn && recipient.serves.includes('under_five') && underAge(subject.person, 5, about.reportedOn) === true
}

function inAuthority(
  service: Service,
  authority: AuthorityCode,
  leftBehind: AuthorityCode | null,
  about: Circumstances,
): Place[] {
  return chosen(inDirectory(service, authority, about), { service, authority, leftBehind, mend: null })
}

function chosen(
  recipients: Recipient[],
  by: { service: Service; authority: AuthorityCode; leftBehind: AuthorityCode | null; mend: string | null },
): Place[] {
  if (recipients.length === 0) {
    const what = by.service.replaceAll('_', ' ')
    return [
      missing(
        `No ${what} recipient for ${by.authority} is in the directory. Find who must be told there, or ring them.`,
        by.authority,
      ),
    ]
  }
  const live = recipients.filter(reachable)
  // One of several that is out of reach does not silence the others, and is asked about all the same.
  const places: Place[] = recipients.filter((recipient) => !reachable(recipient)).map(outOfReach)
  for (const recipient of live) places.push(found(recipient, { urn: null, leftBehind: by.leftBehind, mend: by.mend }))
  return places
}

function found(recipient: Recipient, rest: { urn: Urn | null; leftBehind: AuthorityCode | null; mend: string | null }): Place {
  return { kind: 'found', recipient, ...rest }
}

function missing(question: string, named: string): Place {
  return { kind: 'not found', reason: 'no recipient in the directory', named, question }
}

function outOfReach(recipient: Recipient): Place {
  return { kind: 'not found', reason: 'recipient is out of reach', named: recipient.id, question: askAbout(recipient) }
}

function askAbout({ name, closedOn }: Recipient): string {
  if (closedOn !== undefined)
    return `${name} closed on ${closedOn}, and no school is entered in its place. Find the school there is now, ring it, and enter it as the successor in the directory.`
  return `${name} cannot be reached by its channel. Ring it, and mend its entry in the directory.`
}
