import type { AgencyId, PersonRef } from '../words/ids.ts'
import type { Notification, Person } from '../words/notification.ts'
import { type PersonKey, personKey, personKeys } from './person-keys.ts'

/** One person of a notification, with every key by which they are found again. */
export interface KeyedPerson {
  ref: PersonRef
  role: Person['role']
  keys: PersonKey[]
}

/**
 * The keys of everyone on a notification, under the service's index key; `force` is the agency that sent it. The incident's
 * own address goes with the first victim, unless they gave another.
 */
export function keysOfPeople(indexKey: Buffer, { people, incident }: Notification, force: AgencyId): KeyedPerson[] {
  const firstVictim = people.find(({ role }) => role === 'victim')
  return people.map((person) => {
    const address = person === firstVictim ? (person.address ?? incident.address) : person.address
    const { ref, role } = person
    return { ref, role, keys: personKeys(indexKey, { ...person, ...(address ? { address } : {}) }, force) }
  })
}

/**
 * What a notification leaves behind to be found by: the keys of everyone on it. A child with neither a birth date nor a number
 * has none, and would be forgotten by whoever later looks for the children of the same victim; it leaves a key that stands for
 * its place on this one notification, so that somebody opens it and compares names.
 */
export function keysToKeep(
  indexKey: Buffer,
  notification: Notification,
  force: AgencyId,
): (PersonKey & Pick<KeyedPerson, 'ref' | 'role'>)[] {
  const { policeReference, version } = notification
  return keysOfPeople(indexKey, notification, force).flatMap(({ ref, role, keys }) => {
    const place = JSON.stringify([force, policeReference, version, ref])
    const kept = role === 'child' && keys.length === 0 ? [personKey(indexKey, 'stood here', place)] : keys
    return kept.map((key) => ({ ...key, ref, role }))
  })
}
