import type { BadIdentifier } from '../words/background.ts'
import type { Notification, Person } from '../words/notification.ts'

/**
 * The numbers by which people and places are known, checked as their own standards say (domain 4.2). Each reads what somebody
 * wrote and gives the one form it is compared in, or null where no such number can exist. A bad number is data that is shown
 * and asked about; it never refuses a notification, and it never says who somebody is.
 */

/** Ten digits; weights 10 to 2, modulo 11. */
export function nhsNumberOf(text: string): string | null {
  const digits = text.replace(/[\s-]/g, '')
  if (!/^\d{10}$/.test(digits)) return null
  const sum = weighted([...digits.slice(0, 9)].map(Number), (position) => 10 - position)
  return (11 - (sum % 11)) % 11 === Number(digits[9]) ? digits : null
}

/** No I, O or S: they are read as 1, 0 and 5. */
const UPN_LETTERS = 'ABCDEFGHJKLMNPQRTUVWXYZ'

/**
 * A letter and twelve digits: the sum of each digit by its position, modulo 23, is the letter. A temporary number ends in a
 * letter, and only its form is looked at.
 */
export function upnOf(text: string): string | null {
  const upn = text.replace(/\s/g, '').toUpperCase()
  if (/^[A-HJ-NP-RT-Z]\d{11}[A-Z]$/.test(upn)) return upn
  if (!/^[A-HJ-NP-RT-Z]\d{12}$/.test(upn)) return null
  const sum = weighted([...upn.slice(1)].map(Number), (position) => position + 2)
  return UPN_LETTERS[sum % 23] === upn[0] ? upn : null
}

const PNC_LETTERS = 'ZABCDEFGHJKLMNPQRTUVWXY'

/** `03/62845E` and `2003/0062845E` are one: the century is dropped and the serial padded to seven digits. */
export function pncIdOf(text: string): string | null {
  const written = /^(?:\d\d)?(\d\d)\/?(\d{1,7})([A-Z])$/.exec(text.replace(/\s/g, '').toUpperCase())
  if (!written) return null
  const [, year = '', serial = '', letter = ''] = written
  const number = `${year}${serial.padStart(7, '0')}`
  return PNC_LETTERS[Number(number) % 23] === letter ? `${number}${letter}` : null
}

/** Up to twelve digits, leading zeros or not. */
export function uprnOf(text: string): string | null {
  const digits = text.trim().replace(/^0+/, '')
  return /^\d{1,12}$/.test(digits) ? digits : null
}

const isUrn = (text: string) => /^\d{6}$/.test(text)
const isOdsCode = (text: string) => /^[A-Z0-9]{3,12}$/.test(text)

/** The numbers on a notification that cannot be right, each with whose it is; never the number itself. */
export function badIdentifiersOf({ incident, people }: Notification): BadIdentifier[] {
  const place = incident.address?.uprn
  const bad: BadIdentifier[] = place !== undefined && uprnOf(place) === null ? [{ ref: null, scheme: 'UPRN' }] : []
  return [...bad, ...people.flatMap(badOfPerson)]
}

function badOfPerson(person: Person): BadIdentifier[] {
  const { ref, nhsNumber, upn, pncId, address, education, employer, health } = person
  const schools = [...(education?.urns ?? []), employer?.urn]
  const clinics = [health?.gpPractice, health?.provider, employer?.odsCode]
  const schemes: [BadIdentifier['scheme'], boolean][] = [
    ['NHS number', nhsNumber !== undefined && nhsNumberOf(nhsNumber) === null],
    ['UPN', upn !== undefined && upnOf(upn) === null],
    ['PNC ID', pncId !== undefined && pncIdOf(pncId) === null],
    ['UPRN', address?.uprn !== undefined && uprnOf(address.uprn) === null],
    ['URN', schools.some((urn) => urn !== undefined && !isUrn(urn))],
    ['ODS code', clinics.some((code) => code !== undefined && !isOdsCode(code))],
  ]
  return schemes.flatMap(([scheme, bad]) => (bad ? [{ ref, scheme }] : []))
}

function weighted(digits: readonly number[], weight: (position: number) => number): number {
  return digits.reduce((sum, digit, position) => sum + digit * weight(position), 0)
}
