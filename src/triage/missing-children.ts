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
 * What is not known of a child is no difference: a name half given may be anybody's here whom it does not contradict.
 */
export function missingChildren(notification: Notification, background: Background, reportedOn: Day): Gap[] {
  const children = eachOnce(background.childrenSeenBefore.filter((seen) => stillAChild(seen, reportedOn)))
  const taken = takenFor(children, notification.people, reportedOn)
  return children.flatMap((seen) => {
    const likely = taken.get(seen)
    if (likely === undefined) return [missing(seen, notification.people)]
    return likely.sure === likelihood.plain ? [] : [listedOtherwise(seen, likely.ref)]
  })
}

/**
 * The same child on five earlier notifications is one, also where only some of them have the birth date; another force's
 * children are not told apart.
 */
function eachOnce(seenBefore: readonly ChildSeenBefore[]): ChildSeenBefore[] {
  const once = new Map<string, ChildSeenBefore>()
  for (const seen of seenBefore) {
    const key = identity(seen)
    if (!once.has(key)) once.set(key, seen)
  }
  const dated = new Set([...once.values()].flatMap(({ child }) => (child?.dateOfBirth === undefined ? [] : [nameOf(child)])))
  dated.delete('')
  return [...once.values()].filter(({ child }) => child === null || child.dateOfBirth !== undefined || !dated.has(nameOf(child)))
}

function identity({ child, seen }: ChildSeenBefore): string {
  if (child === null) return 'another force'
  const name = nameOf(child)
  return name === '' && child.dateOfBirth === undefined ? `nobody ${JSON.stringify(seen)}` : `${name}|${child.dateOfBirth ?? ''}`
}

const nameOf = ({ givenNames, familyName }: Named) => folded(`${givenNames ?? ''} ${familyName ?? ''}`)

type Named = Pick<Person, 'givenNames' | 'familyName'>

/** Without a birth date a child counts in, unless the age once guessed has long grown past it. */
function stillAChild({ child, seen }: ChildSeenBefore, reportedOn: Day): boolean {
  if (child?.dateOfBirth !== undefined) return yearsOn(dayOf(child.dateOfBirth), reportedOn) < ADULT_YEARS
  if (child?.approximateAge === undefined || seen.kind === 'open case') return true
  return child.approximateAge + yearsOn(londonDay(seen.occurredAt), reportedOn) < ADULT_YEARS
}

interface Likely {
  ref: PersonRef
  sure: number
}

/** Who here each child may be, the surer likeness first. */
function takenFor(children: readonly ChildSeenBefore[], people: readonly Person[], on: Day): Map<ChildSeenBefore, Likely> {
  const likenesses = children
    .flatMap((seen) =>
      people.map((person) => ({
        seen,
        ref: person.ref,
        sure: seen.others.includes(person.ref) ? 0 : likeness(seen, person, on),
      })),
    )
    .filter(({ sure }) => sure > 0)
    .sort((one, other) => other.sure - one.sure)
  const taken = new Map<ChildSeenBefore, Likely>()
  const used = new Set<PersonRef>()
  for (const { seen, ref, sure } of likenesses) {
    if (taken.has(seen) || used.has(ref)) continue
    taken.set(seen, { ref, sure })
    used.add(ref)
  }
  return taken
}

/** How sure a likeness is: only what is plain needs no question. */
const likelihood = { none: 0, nothingAgainst: 1, familyName: 2, givenName: 3, wholeName: 4, bornAndNamed: 5, plain: 6 } as const

/** By birth date and name, by name where a birth date is not known, or for want of anything that says otherwise. */
function likeness(seen: ChildSeenBefore, person: Person, on: Day): number {
  const { child } = seen
  if (child === null) return likelihood.none
  const [given, family] = [folded(child.givenNames ?? ''), folded(child.familyName ?? '')]
  const [givenHere, familyHere] = [folded(person.givenNames ?? ''), folded(person.familyName ?? '')]
  const sameGiven = given !== '' && given === givenHere
  const sameFamily = family !== '' && family === familyHere
  if (child.dateOfBirth === undefined || person.dateOfBirth === undefined) {
    const agesFit = agesMayBeOne(seen, person, on)
    if (sameGiven && sameFamily) return agesFit && mayStandForIt(seen, person) ? likelihood.plain : likelihood.wholeName
    const unknown = { given: given === '' || givenHere === '', family: family === '' || familyHere === '' }
    if (person.role !== 'child' || !(sameGiven || unknown.given) || !(sameFamily || unknown.family)) return likelihood.none
    if (!agesFit) return likelihood.none
    if (sameGiven) return likelihood.givenName
    return sameFamily ? likelihood.familyName : likelihood.nothingAgainst
  }
  if (child.dateOfBirth !== person.dateOfBirth) return likelihood.none
  const alike = sounds(given, family)
  if (sameGiven || [...sounds(givenHere, familyHere)].some((sound) => alike.has(sound))) return likelihood.bornAndNamed
  return sameFamily ? likelihood.wholeName : likelihood.none
}

/** A father may have his son's name. A case does not say who in it is a child, so by that name it may be the father himself. */
function mayStandForIt({ seen }: ChildSeenBefore, { role }: Person): boolean {
  return role === 'child' || seen.kind === 'open case'
}

/** Ages are guessed at: only years apart say that they are two. */
const GUESSED_WITHIN_YEARS = 3

function agesMayBeOne({ child, seen }: ChildSeenBefore, person: Person, on: Day): boolean {
  const here = person.dateOfBirth === undefined ? person.approximateAge : yearsOn(dayOf(person.dateOfBirth), on)
  const since = seen.kind === 'open case' ? 0 : yearsOn(londonDay(seen.occurredAt), on)
  const then = child?.approximateAge === undefined ? undefined : child.approximateAge + since
  const known = child?.dateOfBirth === undefined ? then : yearsOn(dayOf(child.dateOfBirth), on)
  return here === undefined || known === undefined || Math.abs(here - known) <= GUESSED_WITHIN_YEARS
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
  const mayBe = seen.seen.kind === 'open case' && seen.child.dateOfBirth === undefined
  const ageless = mayBe ? ' No birth date is given there, so this may be a child.' : ''
  return {
    code: 'child_missing',
    question: `${named(seen)} stood beside ${beside} ${where(seen)} and is not listed here.${ageless} Where is this child, is the child safe, and who must be told?`,
    about: about.map(({ ref }) => ref),
    urgent: true,
  }
}

function listedOtherwise(seen: ChildSeenBefore, ref: PersonRef): Gap {
  return {
    code: 'child_perhaps_listed_otherwise',
    question: `${named(seen)}, ${where(seen)}, may be ${ref} here, written otherwise. If this is another child, a child is missing here.`,
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
