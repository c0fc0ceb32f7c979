import type { Background } from '../words/background.ts'
import type { ChildSeenBefore } from '../words/child-seen-before.ts'
import type { PersonRef } from '../words/ids.ts'
import { folded, sounds } from '../words/names.ts'
import type { Notification, Person } from '../words/notification.ts'
import { type Day, dayOf, londonDay, yearsOn } from './days.ts'
import type { Gap } from './gaps.ts'

/** A child seen before beside these people, whom no certain key finds here: either missing, or here under another spelling. */

const ADULT_YEARS = 18

/**
 * Children who stood with a party before and do not stand here (the failure behind a prevention-of-future-deaths report).
 * Somebody here is taken for at most one of them, and never when certainly another: of twins one must not hide the other.
 */
export function missingChildren(notification: Notification, background: Background, reportedOn: Day): Gap[] {
  const once = new Map<string, ChildSeenBefore>()
  for (const seen of background.childrenSeenBefore) {
    const key = identity(seen)
    if (stillAChild(seen, reportedOn) && !once.has(key)) once.set(key, seen)
  }
  const children = [...once.values()]
  const taken = takenFor(children, notification.people)
  return children.map((seen) => {
    const who = taken.get(seen)
    return who === undefined ? missing(seen, notification.people) : listedOtherwise(seen, who)
  })
}

/** The same child on five earlier notifications is one; another force's children are not told apart. */
function identity({ child, seen }: ChildSeenBefore): string {
  if (child === null) return 'another force'
  const name = folded(`${child.givenNames ?? ''} ${child.familyName ?? ''}`)
  return name === '' && child.dateOfBirth === undefined ? `nobody ${JSON.stringify(seen)}` : `${name}|${child.dateOfBirth ?? ''}`
}

/** Without a birth date a child counts in, unless the age once guessed has long grown past it. */
function stillAChild({ child, seen }: ChildSeenBefore, reportedOn: Day): boolean {
  if (child?.dateOfBirth !== undefined) return yearsOn(dayOf(child.dateOfBirth), reportedOn) < ADULT_YEARS
  if (child?.approximateAge === undefined || seen.kind === 'open case') return true
  return child.approximateAge + yearsOn(londonDay(seen.occurredAt), reportedOn) < ADULT_YEARS
}

/** Who here each child may be, the surer likeness first. */
function takenFor(children: readonly ChildSeenBefore[], people: readonly Person[]): Map<ChildSeenBefore, PersonRef> {
  const likenesses = children
    .flatMap((seen) =>
      people.map((person) => ({ seen, ref: person.ref, sure: seen.others.includes(person.ref) ? 0 : likeness(seen, person) })),
    )
    .filter(({ sure }) => sure > 0)
    .sort((one, other) => other.sure - one.sure)
  const taken = new Map<ChildSeenBefore, PersonRef>()
  const used = new Set<PersonRef>()
  for (const { seen, ref } of likenesses) {
    if (taken.has(seen) || used.has(ref)) continue
    taken.set(seen, ref)
    used.add(ref)
  }
  return taken
}

/**
 * 0: another person. With one birth date a name that sounds alike, or one of the two names, makes it possible; where a birth
 * date is not known, only the whole name does.
 */
function likeness({ child }: ChildSeenBefore, person: Person): number {
  if (child === null) return 0
  const [given, family] = [folded(child.givenNames ?? ''), folded(child.familyName ?? '')]
  const [givenHere, familyHere] = [folded(person.givenNames ?? ''), folded(person.familyName ?? '')]
  const sameGiven = given !== '' && given === givenHere
  const sameFamily = family !== '' && family === familyHere
  if (child.dateOfBirth === undefined || person.dateOfBirth === undefined) return sameGiven && sameFamily ? 1 : 0
  if (child.dateOfBirth !== person.dateOfBirth) return 0
  const alike = sounds(given, family)
  if (sameGiven || [...sounds(givenHere, familyHere)].some((sound) => alike.has(sound))) return 2
  return sameFamily ? 1 : 0
}

function missing(seen: ChildSeenBefore, people: readonly Person[]): Gap {
  const about = people.filter(({ ref }) => seen.beside.includes(ref))
  const beside = about.map(({ ref, role }) => `the ${role.replaceAll('_', ' ')} ${ref}`).join(' and ')
  if (seen.child === null) {
    return {
      code: 'child_missing',
      question: `A notification of another force told of a child beside ${beside} whom nobody here is for certain. Ask that force who it is, and whether the child is safe.`,
      about: about.map(({ ref }) => ref),
      urgent: true,
    }
  }
  return {
    code: 'child_missing',
    question: `${named(seen)} stood beside ${beside} ${where(seen)} and is not listed here. Where is this child, is the child safe, and who must be told?`,
    about: about.map(({ ref }) => ref),
    urgent: true,
  }
}

function listedOtherwise(seen: ChildSeenBefore, ref: PersonRef): Gap {
  return {
    code: 'child_perhaps_listed_otherwise',
    question: `${named(seen)}, ${where(seen)}, may be ${ref} here under another spelling. If this is another child, a child is missing here.`,
    about: [ref],
    urgent: false,
  }
}

function named({ child }: ChildSeenBefore): string {
  const name = `${child?.givenNames ?? ''} ${child?.familyName ?? ''}`.trim()
  const born = child?.dateOfBirth === undefined ? '' : `, born ${child.dateOfBirth},`
  return `${name === '' ? 'A child without a name' : name}${born}`
}

function where({ seen }: ChildSeenBefore): string {
  if (seen.kind === 'open case') {
    const stale = seen.fresh ? '' : ', in a register older than 48 hours,'
    return `in the open case ${seen.caseReference} of ${seen.authority}${stale}`
  }
  const on = seen.occurredAt.toZonedDateTimeISO('Europe/London').toPlainDate().toString()
  return seen.kind === 'notification' ? `on notification ${seen.policeReference} of ${on}` : `on a notification of ${on}`
}
