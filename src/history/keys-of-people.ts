import type { AgencyId, PersonRef } from '../words/ids.ts'
import type { Notification, Person } from '../words/notification.ts'
import { type PersonKey, personKeys } from './person-keys.ts'

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
