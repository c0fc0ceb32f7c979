import { hmac } from '../database/sealing.ts'
import { folded, sounds } from '../words/names.ts'
import { nhsNumberOf, pncIdOf, upnOf, uprnOf } from './identifiers.ts'

/**
 * The kinds of key by which a person is found again (design, invariant 11). `name+birth` and the identifiers say it is
 * the same person; `sound+birth`, `uprn` and `address` only that it may be. `stood here` finds nobody: it says that a child
 * whom nothing finds again stood on a notification.
 */
export type PersonKeyKind = 'name+birth' | 'sound+birth' | 'police-id' | 'pnc' | 'nhs' | 'upn' | 'uprn' | 'address' | 'stood here'

export const certainKinds: ReadonlySet<PersonKeyKind> = new Set(['name+birth', 'police-id', 'pnc', 'nhs', 'upn'])

export interface PersonKey {
  /** 16 bytes of HMAC-SHA-256: one-way without the index key, and short enough to index millions. */
  key: Buffer
  kind: PersonKeyKind
}

/** What a person can be found by; every part may be missing. */
export interface Findable {
  givenNames?: string
  familyName?: string
  dateOfBirth?: string
  policePersonId?: string
  pncId?: string
  nhsNumber?: string
  upn?: string
  address?: { lines: string[]; postcode?: string; uprn?: string }
}

const KEY_BYTES = 16

/**
 * Every key of one person. `force` scopes the police's own person numbers, which only mean something within it; pass
 * null for someone who has none (a register of social care).
 */
export function personKeys(indexKey: Buffer, person: Findable, force: string | null): PersonKey[] {
  const keys: PersonKey[] = []
  const add = (kind: PersonKeyKind, text: string) => keys.push(personKey(indexKey, kind, text))
  const { givenNames, familyName, dateOfBirth, address } = person
  if (dateOfBirth && familyName && givenNames) {
    const [given, family] = [folded(givenNames), folded(familyName)]
    if (given && family) add('name+birth', `${given} ${family}|${dateOfBirth}`)
    for (const sound of sounds(given, family)) add('sound+birth', `${sound}|${dateOfBirth}`)
  }
  if (person.policePersonId && force) add('police-id', `${force}|${person.policePersonId.trim().toUpperCase()}`)
  // A number that cannot be right names nobody: two people mistyped alike must not become one.
  const checked: [PersonKeyKind, string | null | undefined][] = [
    ['pnc', person.pncId && pncIdOf(person.pncId)],
    ['nhs', person.nhsNumber && nhsNumberOf(person.nhsNumber)],
    ['upn', person.upn && upnOf(person.upn)],
    ['uprn', address?.uprn && uprnOf(address.uprn)],
  ]
  for (const [kind, number] of checked) if (number) add(kind, number)
  const [line] = address?.lines ?? []
  if (address?.postcode && line) add('address', `${folded(line)}|${address.postcode.replace(/\s/g, '').toUpperCase()}`)
  return keys
}

/** One key, of what stands for somebody in the one form in which it is compared. */
export function personKey(indexKey: Buffer, kind: PersonKeyKind, text: string): PersonKey {
  return { kind, key: hmac(indexKey, `${kind}|${text}`).subarray(0, KEY_BYTES) }
}
