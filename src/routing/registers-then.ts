import type { Background } from '../words/background.ts'
import type { PersonRef } from '../words/ids.ts'

/** What a triage found of people in the registers. */
export type FoundInRegisters = Pick<Background, 'openCases' | 'rolls' | 'maracs'>

/**
 * The background as if no register had let go of anybody since the older versions were triaged.
 *
 * Whom it would tell, and nothing else, says who has lost the right to know (`planChange`). An authority that was told because
 * it had a case open was right to be told: when it closes the case, when a child moves to another school's roll, or when a
 * register has a night's fault, nothing that police said has turned out wrong, and there is nothing to destroy. A correction of
 * what police said is another matter. It is why `then` holds only what was found of people whom police describe as they did
 * (`carriedOver`): of a child whose birth date was wrong, the case may have been another child's.
 */
export function asRegistersSaid(now: Background, then: readonly FoundInRegisters[]): Background {
  const all = [now, ...then]
  return {
    ...now,
    openCases: eachOnce(
      all.flatMap(({ openCases }) => openCases),
      ({ ref, authority, caseReference }) => [ref, authority, caseReference],
    ),
    rolls: eachOnce(
      all.flatMap(({ rolls }) => rolls),
      ({ ref, urn, pupil }) => [ref, urn, pupil],
    ),
    maracs: eachOnce(
      all.flatMap(({ maracs }) => maracs),
      ({ victim, suspect, referredOn }) => [victim, suspect, referredOn],
    ),
  }
}

/**
 * What an older version found, by who those people are now. @param who of the older version is who in the newer one, for those
 * alone by whom everything still stands by which they were found
 */
export function carriedOver(
  { openCases, rolls, maracs }: FoundInRegisters,
  who: ReadonlyMap<PersonRef, PersonRef>,
): FoundInRegisters {
  return {
    openCases: openCases.flatMap((match) => renamed(match, who)),
    rolls: rolls.flatMap((match) => renamed(match, who)),
    maracs: maracs.flatMap((match) => {
      const [victim, suspect] = [who.get(match.victim), who.get(match.suspect)]
      return victim === undefined || suspect === undefined ? [] : [{ ...match, victim, suspect }]
    }),
  }
}

function renamed<T extends { ref: PersonRef }>(match: T, who: ReadonlyMap<PersonRef, PersonRef>): T[] {
  const ref = who.get(match.ref)
  return ref === undefined ? [] : [{ ...match, ref }]
}

/** The first of each, and so what is found now before what was. */
function eachOnce<T>(matches: readonly T[], partsOf: (match: T) => unknown[]): T[] {
  const once = new Map<string, T>()
  for (const match of matches) {
    const name = JSON.stringify(partsOf(match))
    if (!once.has(name)) once.set(name, match)
  }
  return [...once.values()]
}
