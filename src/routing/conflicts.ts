import { sameSchool } from '../triage/education.ts'
import type { DateText } from '../words/clock.ts'
import type { PersonRef, Urn } from '../words/ids.ts'
import { folded } from '../words/names.ts'
import type { Notification, Person } from '../words/notification.ts'
import type { Contact, Recipient } from '../words/recipient.ts'
import { underAge } from './children.ts'
import type { Directory } from './recipients.ts'
import { schoolNow } from './recipients.ts'

/** Someone in the notification who could be a contact of a recipient, or work there. */
export interface PossibleReader {
  ref: PersonRef
  /** As a person is told whom to keep it from. */
  named: string
  given: string[]
  family: string[]
  dateOfBirth: DateText | null
  employer: Person['employer']
}

/** Somebody the message is about would read it at this recipient. */
export interface Conflict {
  readers: PossibleReader[]
  /** Contacts who are not among them and share neither mailbox nor telephone with one who is; best to ring first. */
  clear: Contact[]
}

/** A child younger than this neither works at a recipient nor is its contact. */
const WORKS_FROM_YEARS = 16

/** The parties and those who stand with them. An adult who is said to be related to nobody here, a neighbour, is left out. */
export function possibleReaders(notification: Notification, on: DateText): PossibleReader[] {
  return notification.people.filter((person) => mayRead(person, on)).map(readerOf)
}

/**
 * Whether somebody in the notification is a contact of a recipient or works there (design, "Recipient conflict"). A name that
 * matches is enough unless two dates of birth tell the people apart: to divert costs a telephone call, not to divert may cost
 * a life. `urn` is how the notification named a school that has closed since.
 */
export function conflictAt(
  recipient: Recipient,
  urn: Urn | null,
  readers: readonly PossibleReader[],
  directory: Directory,
): Conflict | null {
  const matched = new Set<Contact>()
  const inConflict = readers.filter((reader) => {
    const own = recipient.contacts.filter((contact) => mayBe(reader, contact))
    for (const contact of own) matched.add(contact)
    return own.length > 0 || worksAt(reader, recipient, urn, directory)
  })
  if (inConflict.length === 0) return null
  return { readers: inConflict, clear: clearOf(matched, recipient.contacts) }
}

function mayRead(person: Person, on: DateText): boolean {
  if (person.role === 'child') return underAge(person, WORKS_FROM_YEARS, on) !== true
  return person.role !== 'other_adult' || person.relatedTo?.length !== 0
}

function readerOf(person: Person): PossibleReader {
  const { ref, role, givenNames = '', familyName = '', dateOfBirth, employer } = person
  const name = `${givenNames} ${familyName}`.trim()
  return {
    ref,
    named: name === '' ? `the ${role.replaceAll('_', ' ')} ${ref}` : name,
    given: wordsOf(givenNames),
    family: wordsOf(familyName),
    dateOfBirth: dateOfBirth ?? null,
    employer,
  }
}

const titles = new Set(['mr', 'mrs', 'ms', 'miss', 'mx', 'dr', 'sir', 'dame', 'revd', 'rev', 'prof', 'professor'])

/** A contact is one line of text, with or without a title, in either order, sometimes with an initial or no given name at all. */
function mayBe({ given, family, dateOfBirth }: PossibleReader, contact: Contact): boolean {
  const words = namesOf(contact)
  const familyMatches = family.length > 0 && family.every((word) => words.includes(word))
  const rest = words.filter((word) => !family.includes(word))
  const [first] = given
  const givenMatches = first !== undefined && words.some((word) => sameGiven(word, first))
  if (dateOfBirth !== null && contact.dateOfBirth !== undefined) {
    return dateOfBirth === contact.dateOfBirth && (familyMatches || givenMatches)
  }
  return familyMatches && (rest.length === 0 || first === undefined || rest.some((word) => sameGiven(word, first)))
}

/** The same, or one is the initial of the other. */
function sameGiven(one: string, other: string): boolean {
  if (one.length === 1 || other.length === 1) return one[0] === other[0]
  return one === other
}

/** Contacts live as long as their recipient is remembered, over thousands of notifications. */
const knownNames = new WeakMap<Contact, string[]>()

function namesOf(contact: Contact): string[] {
  const known = knownNames.get(contact)
  if (known !== undefined) return known
  const words = wordsOf(contact.name).filter((word) => !titles.has(word))
  knownNames.set(contact, words)
  return words
}

function wordsOf(name: string): string[] {
  return folded(name)
    .split(' ')
    .filter((word) => word !== '')
}

/** The employer is this recipient, the school it succeeded, or another door of the same agency: its people share the queues. */
function worksAt({ employer }: PossibleReader, recipient: Recipient, urn: Urn | null, directory: Directory): boolean {
  if (employer === undefined) return false
  if (employer.recipientId === recipient.id) return true
  if (employer.urn !== undefined && (employer.urn === recipient.urn || employer.urn === urn)) return true
  if (employer.odsCode !== undefined && employer.odsCode === recipient.odsCode) return true
  const entries = [
    employer.recipientId === undefined ? undefined : directory.byId.get(employer.recipientId),
    employer.urn === undefined ? undefined : schoolNow(directory, employer.urn),
    employer.odsCode === undefined ? undefined : directory.healthProviders.get(employer.odsCode),
  ]
  if (entries.some((entry) => entry?.id === recipient.id || entry?.agency === recipient.agency)) return true
  return employer.name !== undefined && sayWhich(employer.name) && sameSchool(employer.name, recipient.name)
}

const saysLittle =
  /^(the|a|of|and|at|school|academy|college|primary|secondary|junior|infants?|nursery|high|council|health|services?|team|childrens?|s|social|care|education|police|nhs|trust|gp|surgery)$/

/** "Primary school" is every primary school, and would divert the alert of each of them. */
function sayWhich(name: string): boolean {
  return wordsOf(name).some((word) => !saysLittle.test(word))
}

const ringFirst: readonly Contact['role'][] = ['key_adult', 'deputy', 'duty']

function clearOf(matched: ReadonlySet<Contact>, contacts: readonly Contact[]): Contact[] {
  const shared = new Set([...matched].flatMap(waysTo))
  return contacts
    .filter((contact) => !matched.has(contact) && waysTo(contact).length > 0 && !waysTo(contact).some((way) => shared.has(way)))
    .sort((one, other) => order(one) - order(other))
}

/** A mailbox or telephone by which somebody is reached, as it is compared. */
function waysTo({ email, phone }: Contact): string[] {
  return [email?.trim().toLowerCase(), phone?.replace(/\D/g, '').replace(/^(00)?440?/, '0')].filter((way) => way !== undefined)
}

/** Who can be rung now before who can only be written to; then the key adult before the deputy. */
function order({ phone, role }: Contact): number {
  return (phone === undefined ? ringFirst.length : 0) + ringFirst.indexOf(role)
}
