import type { AuthorityCode } from '../words/ids.ts'
import type { Address, Notification, Person } from '../words/notification.ts'
import type { KnownRestriction } from '../words/restriction.ts'
import { statedHere } from './restrictions.ts'

/** What must not be shown to one reader of a whole notification. */
export interface Hidden {
  address: (address: Address, whose: Person | null) => boolean
  /** Names and numbers of schools: one child's school leads to all the family. */
  schools: boolean
  /** Free text that names something hidden, or that nobody can vouch for. */
  text: (text: string) => boolean
  /** A word or two in a field that should hold nothing else, where it names something hidden all the same. */
  label: (text: string) => boolean
  /** Everything that would lead to where the family is now: the reader is an authority they left behind. */
  whereabouts: boolean
}

/** Shorter fragments, such as `Flat 2`, stand in any account and would withhold it without need. */
const FRAGMENT_CHARACTERS_MIN = 6

const nothingHidden: Hidden = {
  address: () => false,
  schools: false,
  text: () => false,
  label: () => false,
  whereabouts: false,
}

/**
 * What the restrictions, and a move away from the reader's area, hide. Under-discloses: protecting one person's address hides
 * every address but a suspect's that is a different one, the incident's included, because families live together. What another
 * notification of these people protects is hidden here too, wherever it is written, though nobody here gave it as an address.
 *
 * `leftBehind` lists the authorities, among those the reader works for, that the family has left.
 */
export function hiddenFrom(
  notification: Notification,
  leftBehind: readonly AuthorityCode[],
  restrictions: readonly KnownRestriction[] = statedHere(notification),
): Hidden {
  const restricted = hiddenByRestriction(notification, restrictions)
  return leftBehind.length > 0 ? hiddenAfterMove(notification, leftBehind, restricted) : restricted
}

function hiddenByRestriction(notification: Notification, restrictions: readonly KnownRestriction[]): Hidden {
  const protectsAddress = restrictions.filter(({ kind }) => kind === 'address_protected')
  const protectSchools = restrictions.filter(({ kind }) => kind === 'school_name_protected')
  const protectsSchool = protectSchools.length > 0
  if (protectsAddress.length === 0 && !protectsSchool) return nothingHidden
  const places = protectsAddress.length === 0 ? [] : protectedPlaces(notification, protectsAddress)
  const addresses = new Set(places.flatMap(marksOf))
  const elsewhere = protectSchools.flatMap(({ protects }) => protects.schools.map(plain))
  const schools = protectsSchool
    ? [...notification.people.flatMap(schoolFragments), ...elsewhere.filter((name) => name !== '')]
    : []
  const fragments = [...places.flatMap(addressFragments), ...schools]
  return {
    address: (address) => marksOf(address).some((mark) => addresses.has(mark)),
    schools: protectsSchool,
    text: (text) => plainHasAny(text, fragments),
    label: (text) => plainHasAny(text, fragments),
    whereabouts: false,
  }
}

function hiddenAfterMove(notification: Notification, leftBehind: readonly AuthorityCode[], restricted: Hidden): Hidden {
  const { incident, moved, people } = notification
  // An incident in the area that the family has since left for another stands at the old address.
  const incidentBeforeMove = leftBehind.every(
    (authority) => incident.localAuthority === authority && moved?.toAuthority !== undefined && moved.toAuthority !== authority,
  )
  const homes = people.flatMap(({ role, address }) => (address === undefined || role === 'suspect' ? [] : [address]))
  const marks = new Set(homes.flatMap(marksOf))
  const fragments = homes.flatMap(addressFragments)
  return {
    // Where somebody of the family is given as living at that very place, it may be the new one.
    address: (address, whose) =>
      whose !== null ||
      !incidentBeforeMove ||
      marksOf(address).some((mark) => marks.has(mark)) ||
      restricted.address(address, whose),
    schools: true,
    text: () => true,
    label: (text) => restricted.label(text) || plainHasAny(text, fragments),
    whereabouts: true,
  }
}

function protectedPlaces(notification: Notification, restrictions: readonly KnownRestriction[]): Address[] {
  const families = notification.people.filter(
    (person) => person.role !== 'suspect' || restrictions.some(({ binds }) => binds === 'everyone' || binds.includes(person.ref)),
  )
  const here = [...families, notification.incident].flatMap(({ address }) => (address === undefined ? [] : [address]))
  return [...here, ...restrictions.flatMap(({ protects }) => protects.addresses)]
}

/** Two addresses that share a mark may be one place written in two ways. */
function marksOf(address: Address): string[] {
  return [address.lines.join(''), address.postcode, address.uprn].flatMap((part) => (part === undefined ? [] : [plain(part)]))
}

function addressFragments(address: Address): string[] {
  // Later lines name a street only where they have a number; else they name a town, which every account may.
  const streets = address.lines
    .filter((line, index) => index === 0 || /\d/.test(line))
    .map((line) => plain(line).replace(/^\d+/, ''))
  const codes = [address.postcode, address.uprn].flatMap((code) =>
    code === undefined || plain(code) === '' ? [] : [plain(code)],
  )
  return [...streets.filter((street) => street.length >= FRAGMENT_CHARACTERS_MIN), ...codes]
}

function schoolFragments({ education }: Person): string[] {
  const name = plain(education?.establishmentName ?? '')
  return name === '' ? (education?.urns ?? []) : [name, ...(education?.urns ?? [])]
}

function plainHasAny(text: string, fragments: readonly string[]): boolean {
  const searched = plain(text)
  return fragments.some((fragment) => searched.includes(fragment))
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}
