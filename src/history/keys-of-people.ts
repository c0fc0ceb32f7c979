import type { AgencyId, PersonRef } from '../words/ids.ts'
import type { Notification, Person } from '../words/notification.ts'
import { type PersonKey, personKeys } from './person-keys.ts'

/** One person of a notification, with every key by which they are found again. */
export interface KeyedPerson {
  ref: PersonRef
  role: Person['role']
  keys: PersonKey[]
}

/** The keys of everyone on a notification, under the service's index key; `force` is the agency that sent it. */
export function keysOfPeople(indexKey: Buffer, notification: Notification, force: AgencyId): KeyedPerson[] {
  return notification.people.map((person) => ({
    ref: person.ref,
    role: person.role,
    keys: personKeys(indexKey, person, force),
  }))
}
