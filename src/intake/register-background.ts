import type { RegisterMatch, RegisterMatches } from '../directory/register-matches-store.ts'
import { counts, OPEN_CASE_FRESH_HOURS, ROLL_FRESH_HOURS } from '../directory/register-wake-store.ts'
import type { KeyedPerson } from '../history/keys-of-people.ts'
import { certainKinds, type PersonKey } from '../history/person-keys.ts'
import type { Background, MaracMatch, OpenCaseMatch, PossibleMatch, RollMatch } from '../words/background.ts'

/** What the registers say of the people of one notification. */
export type FromRegisters = Pick<Background, 'openCases' | 'rolls' | 'rollsKept' | 'maracs' | 'possible'>

export type MatchesByKey = ReadonlyMap<string, readonly RegisterMatch[]>

/** The matches of a whole batch, to be looked up by key. */
export function byKey({ matches }: RegisterMatches): MatchesByKey {
  return Map.groupBy(matches, ({ key }) => nameOf(key))
}

/** Pure: arranges what was found by who it was found for, at one moment. */
export function fromRegisters(
  people: readonly KeyedPerson[],
  found: MatchesByKey,
  rollsKept: RegisterMatches['rollsKept'],
  at: Temporal.Instant,
): FromRegisters {
  const openCases = people.flatMap((person) => openCasesOf(person, found, at))
  const rolls = people.flatMap((person) => rollsOf(person, found, at))
  return {
    openCases,
    rolls,
    rollsKept: rollsKept.map(({ urn, asOf }) => ({ urn, fresh: counts(asOf, ROLL_FRESH_HOURS, at) })),
    maracs: maracsOf(people, found),
    possible: people.flatMap((person) => possibleOf(person, found, openCases, rolls)),
  }
}

const certain = ({ kind }: PersonKey) => certainKinds.has(kind)
const nameOf = (key: Buffer) => key.toString('base64')
const matchesOf = (found: MatchesByKey, keys: readonly PersonKey[]) => keys.flatMap(({ key }) => found.get(nameOf(key)) ?? [])

/** One match a person and case: the same case found by name and by number is still one. */
function openCasesOf({ ref, keys }: KeyedPerson, found: MatchesByKey, at: Temporal.Instant): OpenCaseMatch[] {
  const once = new Map<string, OpenCaseMatch>()
  for (const match of matchesOf(found, keys.filter(certain))) {
    if (match.register !== 'open case') continue
    const { authority, caseReference, asOf } = match
    once.set(`${authority} ${caseReference}`, { ref, authority, caseReference, fresh: counts(asOf, OPEN_CASE_FRESH_HOURS, at) })
  }
  return [...once.values()]
}

/** One match a pupil on a roll: by the number where that was what matched. */
function rollsOf({ ref, keys }: KeyedPerson, found: MatchesByKey, at: Temporal.Instant): RollMatch[] {
  const once = new Map<string, RollMatch>()
  const ordered = keys.filter(certain).toSorted((a, b) => Number(b.kind === 'upn') - Number(a.kind === 'upn'))
  for (const { key, kind } of ordered) {
    for (const match of found.get(nameOf(key)) ?? []) {
      if (match.register !== 'roll') continue
      const pupil = match.upn === null ? null : nameOf(match.upn)
      const pupilOnRoll = `${match.urn} ${pupil ?? ''}`
      if (once.has(pupilOnRoll)) continue
      const fresh = counts(match.asOf, ROLL_FRESH_HOURS, at)
      once.set(pupilOnRoll, { ref, urn: match.urn, fresh, by: kind === 'upn' ? 'upn' : 'name and birth', pupil })
    }
  }
  return [...once.values()]
}

/** The same victim and the same suspect: one of the two alone is another case. */
function maracsOf(people: readonly KeyedPerson[], found: MatchesByKey): MaracMatch[] {
  const sideOf = (role: 'victim' | 'suspect') =>
    people
      .filter((person) => person.role === role)
      .flatMap(({ ref, keys }) =>
        matchesOf(found, keys.filter(certain)).flatMap((match) =>
          match.register === 'marac' && match.side === role ? [{ ref, match, name: `${match.agency} ${match.id}` }] : [],
        ),
      )
  const suspects = sideOf('suspect')
  const once = new Map<string, MaracMatch>()
  for (const { ref, match, name } of sideOf('victim')) {
    const suspect = suspects.find((other) => other.name === name)
    if (suspect === undefined) continue
    once.set(name, { victim: ref, suspect: suspect.ref, referredOn: match.referredOn, convenedOn: match.convenedOn })
  }
  return [...once.values()].sort((a, b) => (a.referredOn < b.referredOn ? 1 : -1))
}

/** Cases and rolls that name somebody who sounds the same and was born the same day, and that do not name them for certain. */
function possibleOf(
  { ref, keys }: KeyedPerson,
  found: MatchesByKey,
  openCases: readonly OpenCaseMatch[],
  rolls: readonly RollMatch[],
): PossibleMatch[] {
  const once = new Map<string, PossibleMatch>()
  for (const match of matchesOf(
    found,
    keys.filter(({ kind }) => kind === 'sound+birth'),
  )) {
    if (match.register === 'open case') {
      const { authority, caseReference } = match
      const known = openCases.some((one) => one.ref === ref && one.authority === authority && one.caseReference === caseReference)
      const record = { kind: 'open case' as const, authority, caseReference }
      if (!known) once.set(`${authority} ${caseReference}`, { ref, by: 'sound and birth', record })
    }
    if (match.register === 'roll' && !rolls.some((roll) => roll.ref === ref && roll.urn === match.urn))
      once.set(match.urn, { ref, by: 'sound and birth', record: { kind: 'roll', urn: match.urn } })
  }
  return [...once.values()]
}
