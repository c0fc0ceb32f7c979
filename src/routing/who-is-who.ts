import type { PersonRef } from '../words/ids.ts'
import type { Notification, Person } from '../words/notification.ts'

/**
 * Who of an older version is who in a newer one. A ref names somebody within one version only, and an officer who adds a child
 * at the top renumbers the rest: so identifiers count first, then name with birth date, then the name, and only for who is
 * left the ref itself, where it still stands for somebody of the same role. Whoever has no match is no longer on it.
 */
export function whoIsWho(
  older: Pick<Notification, 'people'>,
  newer: Pick<Notification, 'people'>,
): ReadonlyMap<PersonRef, PersonRef> {
  const matched = new Map<PersonRef, PersonRef>()
  const taken = new Set<PersonRef>()
  const match = (person: Person, found: Person | undefined): void => {
    if (found === undefined) return
    matched.set(person.ref, found.ref)
    taken.add(found.ref)
  }
  for (const marksOf of [identifiers, nameAndBirth, name, refAndRole]) {
    for (const person of older.people) {
      if (matched.has(person.ref)) continue
      const marks = marksOf(person)
      if (marks.length === 0) continue
      const fitting = newer.people.filter((other) => !taken.has(other.ref) && marksOf(other).some((mark) => marks.includes(mark)))
      // Two that fit are nobody's match by this mark: a weaker one may still tell them apart.
      if (fitting.length === 1) match(person, fitting[0])
    }
  }
  return matched
}

type Marks = (person: Person) => string[]

const identifiers: Marks = ({ policePersonId, pncId, nhsNumber, upn }) =>
  [
    ['force', policePersonId],
    ['pnc', pncId],
    ['nhs', nhsNumber],
    ['upn', upn],
  ].flatMap(([scheme, value]) => (value === undefined ? [] : [`${scheme} ${value}`]))

const name: Marks = ({ givenNames, familyName }) => (givenNames === undefined ? [] : [plain(`${givenNames} ${familyName ?? ''}`)])

const nameAndBirth: Marks = (person) =>
  person.dateOfBirth === undefined ? [] : name(person).map((known) => `${known} ${person.dateOfBirth}`)

const refAndRole: Marks = ({ ref, role }) => [`${ref} ${role === 'child' ? 'child' : 'adult'}`]

const plain = (text: string) => text.toLowerCase().replaceAll(/\s+/g, ' ').trim()
