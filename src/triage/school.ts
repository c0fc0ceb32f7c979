import type { Background, RollMatch } from '../words/background.ts'
import type { Urn } from '../words/ids.ts'
import type { Person } from '../words/notification.ts'

/** Where somebody is registered, as far as police and fresh rolls let anybody say. */
export interface SchoolFound {
  /** The schools that are certain; none where nobody can say. */
  urns: Urn[]
  /** A fresh roll names the person for certain. */
  onRoll: boolean
  /** What the rolls say against what police say, or leave open; null where they do neither. */
  doubt: 'another school' | 'not on that roll' | 'rolls of two schools' | null
}

/**
 * The schools of a person. Police name them; a fresh roll decides between two, and names the school that police did not know.
 * Two schools are both told where police name both or both rolls mean one child: that is dual registration. Two rolls that
 * share no more than a name and a birth date may mean two children, and then neither is told: it would be a stranger's school.
 */
export function schoolFound(person: Person, background: Background): SchoolFound {
  const said = [...new Set(person.education?.urns ?? [])]
  const fresh = background.rolls.filter((match) => match.ref === person.ref && match.fresh)
  const rolls = certainRolls(person, fresh, said, background)
  const keepsFreshRoll = (urn: Urn) => background.rollsKept.some((roll) => roll.urn === urn && roll.fresh)
  if (rolls === 'rolls of two schools') return { urns: said, onRoll: false, doubt: rolls }
  if (rolls.length === 0) return { urns: said, onRoll: false, doubt: said.some(keepsFreshRoll) ? 'not on that roll' : null }
  // A school police name beside the one on whose roll the child is stays, unless its own fresh roll says otherwise.
  const agreed = said.some((urn) => rolls.includes(urn))
  const beside = said.filter((urn) => !rolls.includes(urn) && agreed && !keepsFreshRoll(urn))
  const urns = [...rolls, ...beside]
  return { urns, onRoll: true, doubt: said.every((urn) => urns.includes(urn)) ? null : 'another school' }
}

function certainRolls(
  person: Person,
  fresh: readonly RollMatch[],
  said: readonly Urn[],
  background: Background,
): Urn[] | 'rolls of two schools' {
  const byNumber = urnsOf(fresh.filter(({ by }) => by === 'upn'))
  if (byNumber.length > 0) return byNumber
  const knownNumber = person.upn !== undefined && !badNumber(person, background)
  // Of the same name and birth date, with another pupil number: another child.
  const named = fresh.filter(({ pupil }) => pupil === null || !knownNumber)
  const urns = urnsOf(named)
  const [first] = named
  const oneChild = first !== undefined && first.pupil !== null && named.every(({ pupil }) => pupil === first.pupil)
  if (urns.length <= 1 || oneChild) return urns
  const asPoliceSay = urns.filter((urn) => said.includes(urn))
  return asPoliceSay.length > 0 ? asPoliceSay : 'rolls of two schools'
}

function badNumber({ ref }: Person, { badIdentifiers }: Background): boolean {
  return badIdentifiers.some((bad) => bad.ref === ref && bad.scheme === 'UPN')
}

function urnsOf(matches: readonly RollMatch[]): Urn[] {
  return [...new Set(matches.map(({ urn }) => urn))]
}
