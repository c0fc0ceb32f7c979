import canonicalize from 'canonicalize'
import { newId } from '../database/new-id.ts'
import { hmac, sealJson } from '../database/sealing.ts'
import { type KeyedPerson, keysOfPeople } from '../history/keys-of-people.ts'
import { certainKinds } from '../history/person-keys.ts'
import type { AgencyId, NotificationId, RestrictionId } from '../words/ids.ts'
import type { Address, Notification, Restriction } from '../words/notification.ts'

/** A restriction ready to be stored beside the notification that states it. */
export interface RestrictionToKeep {
  id: RestrictionId
  notificationId: NotificationId
  number: number
  kind: Restriction['kind']
  sealed: Buffer
  says: Buffer
  keys: Buffer[]
}

/** What stands sealed of a restriction. */
export interface SealedRestriction {
  restriction: Restriction
  protects: { addresses: Address[]; schools: string[] }
  /** Whom it names can be found again somewhere else. */
  findable: boolean
}

export const placeOfRestriction = (id: string) => `restriction.sealed|${id}`

/**
 * Every restriction of a notification with the certain keys of whom it binds, sealed with the notification's key.
 *
 * One that names a person binds that person. One that names nobody binds everyone here, so that whoever it was meant for is
 * among them: the alert about a suspect's next family is held as well, and a supervisor asked, rather than read by his cousin.
 * Two are left out. An adult who is related to nobody here, a neighbour who rang, carries it to no family of their own. And a
 * suspect is whom an address or a school is kept from: it follows the family, unless accounts conflict and nobody can say who
 * is which.
 */
export function restrictionsToKeep(
  indexKey: Buffer,
  notification: Notification,
  owner: { id: NotificationId; agency: AgencyId; dataKey: Buffer },
): RestrictionToKeep[] {
  const { restrictions = [] } = notification
  if (restrictions.length === 0) return []
  const people = keysOfPeople(indexKey, notification, owner.agency)
  return restrictions.map((restriction, number) => {
    const id = newId('rst')
    const bound = people.filter(({ ref }) => bindsPerson(restriction, ref, notification))
    const keys = certainKeys(bound)
    const kept: SealedRestriction = { restriction, protects: protectedBy(restriction, notification), findable: keys.length > 0 }
    return {
      id,
      notificationId: owner.id,
      number,
      kind: restriction.kind,
      sealed: sealJson(owner.dataKey, placeOfRestriction(id), kept),
      says: sayingOf(indexKey, restriction, bound),
      keys,
    }
  })
}

/** Whom a restriction can be about. An adult who is said to be related to nobody here is passing by. */
export const standsWithTheFamily = ({ role, relatedTo }: Pick<Notification['people'][number], 'role' | 'relatedTo'>) =>
  role !== 'other_adult' || relatedTo?.length !== 0

function bindsPerson({ kind, personRef }: Restriction, ref: string, { people, rolesContested }: Notification): boolean {
  if (personRef !== undefined) return personRef === ref
  const person = people.find((one) => one.ref === ref)
  if (person === undefined || !standsWithTheFamily(person)) return false
  return kind === 'must_not_receive' || person.role !== 'suspect' || rolesContested === true
}

function certainKeys(people: readonly KeyedPerson[]): Buffer[] {
  const certain = people.flatMap(({ keys }) => keys.filter(({ kind }) => certainKinds.has(kind)))
  return [...new Map(certain.map(({ key }) => [key.toString('base64'), key])).values()]
}

/** Under-discloses, as `protection.ts` does: every address of the family, and every school. */
function protectedBy({ kind, personRef }: Restriction, { people, incident }: Notification): SealedRestriction['protects'] {
  const family = people.filter(({ ref, role }) => role !== 'suspect' || ref === personRef)
  const addresses = [...family, incident].flatMap(({ address }) => (address === undefined ? [] : [address]))
  const schools = family.flatMap(({ education }) => [...(education?.urns ?? []), education?.establishmentName ?? []].flat())
  return {
    addresses: kind === 'address_protected' ? addresses : [],
    schools: kind === 'school_name_protected' ? schools : [],
  }
}

/** Who it is about is part of it: a child who has another's place in a newer version is not thereby another's. */
function sayingOf(indexKey: Buffer, { reason: _why, ...what }: Restriction, bound: readonly KeyedPerson[]): Buffer {
  const { personRef, ...target } = what
  const named = bound.flatMap(({ keys }) =>
    keys.filter(({ kind }) => kind === 'name+birth').map(({ key }) => key.toString('base64')),
  )
  const whom = named.length > 0 ? { people: named.sort() } : { personRef }
  return hmac(indexKey, `restriction|${canonicalize({ ...target, ...whom })}`)
}
