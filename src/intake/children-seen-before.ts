import type { Db } from '../database/connection.ts'
import type { Keys } from '../database/service-keys.ts'
import { caseName, readPeopleOfCases } from '../directory/open-case-people-store.ts'
import { type EarlierChild, findEarlierChildren, readPeopleOf } from '../history/children-seen-before-store.ts'
import type { LookedUp } from '../history/earlier-incidents-store.ts'
import type { KeyedPerson } from '../history/keys-of-people.ts'
import { certainKinds, type Findable, personKeys } from '../history/person-keys.ts'
import type { Background, OpenCaseMatch } from '../words/background.ts'
import type { ChildSeenBefore } from '../words/child-seen-before.ts'
import type { NotificationId, PersonRef } from '../words/ids.ts'
import type { Person } from '../words/notification.ts'

/** More open cases than this name one family only where a register is wrong. */
const CASES_READ_MAX = 5

/**
 * Adds to each background the children who were seen before beside its people and whom no certain key finds here. Three
 * statements a batch, and the two that open anything only where such a child was found.
 */
export async function addChildrenSeenBefore(
  db: Db,
  keys: Keys,
  batch: readonly LookedUp[],
  backgrounds: ReadonlyMap<NotificationId, Background>,
): Promise<void> {
  const rows = Map.groupBy(await findEarlierChildren(db, batch), ({ of }) => of)
  const sightings = batch.flatMap((one) => sightingsOf(one, rows.get(one.id) ?? []))
  const unopened = sightings.filter(({ row, agency }) => row.agency === agency)
  const people = await readPeopleOf(
    db,
    keys,
    unopened.map(({ row }) => row.earlier),
  )
  for (const sighting of sightings) {
    const child = childOf(sighting, people.get(sighting.row.earlier))
    if (child !== null) backgrounds.get(sighting.row.of)?.childrenSeenBefore.push(child)
  }
  await addFromCases(db, keys, batch, backgrounds)
}

/** A child there whom no certain key finds here, and who of those here are others there. */
interface Sighting {
  row: EarlierChild
  /** The force whose notification is triaged now. */
  agency: string
  others: PersonRef[]
}

function sightingsOf({ agency, people }: LookedUp, rows: readonly EarlierChild[]): Sighting[] {
  const here = refsByKey(people)
  const byEarlier = Map.groupBy(rows, ({ earlier }) => earlier)
  return [...byEarlier.values()].flatMap((children) => {
    const known = children.map(({ keys }) => refsOf(keys, here))
    const others = [...new Set(known.flat())]
    return children.flatMap((row, at) => (known[at]?.length === 0 ? [{ row, agency, others }] : []))
  })
}

function childOf({ row, agency, others }: Sighting, people: readonly Person[] | undefined): ChildSeenBefore | null {
  const { beside, there, occurredAt, policeReference } = row
  if (row.agency !== agency) return { child: null, beside, others, seen: { kind: "another force's notification", occurredAt } }
  const person = people?.find(({ ref }) => ref === row.ref)
  // Erased meanwhile; or a child of others on that notification.
  if (person === undefined || !relatedTo(person, there)) return null
  return { child: namesOf(person), beside, others, seen: { kind: 'notification', policeReference, occurredAt } }
}

/** A relation that nobody wrote down is one (contract §1). */
function relatedTo({ relatedTo: relations }: Person, refs: readonly PersonRef[]): boolean {
  return relations === undefined || relations.some(({ ref }) => refs.includes(ref))
}

function namesOf({ givenNames, familyName, dateOfBirth, approximateAge }: Findable & { approximateAge?: number }) {
  return {
    ...(givenNames === undefined ? {} : { givenNames }),
    ...(familyName === undefined ? {} : { familyName }),
    ...(dateOfBirth === undefined ? {} : { dateOfBirth }),
    ...(approximateAge === undefined ? {} : { approximateAge }),
  }
}

async function addFromCases(
  db: Db,
  keys: Keys,
  batch: readonly LookedUp[],
  backgrounds: ReadonlyMap<NotificationId, Background>,
): Promise<void> {
  const wanted = batch.map(({ id, people }) => ({ id, people, cases: casesOf(people, backgrounds.get(id)?.openCases ?? []) }))
  const peopleOf = await readPeopleOfCases(
    db,
    keys,
    wanted.flatMap(({ cases }) => cases.map(([first]) => first)),
  )
  for (const { id, people, cases } of wanted) {
    const here = refsByKey(people)
    for (const matches of cases) {
      const inCase = peopleOf.get(caseName(matches[0])) ?? []
      backgrounds.get(id)?.childrenSeenBefore.push(...inOneCase(keys.service.index.key, matches, inCase, here))
    }
  }
}

type CaseMatches = [OpenCaseMatch, ...OpenCaseMatch[]]

/** The cases that name a party or a child here: a witness's own family is no matter of this notification. */
function casesOf(people: readonly KeyedPerson[], matches: readonly OpenCaseMatch[]): CaseMatches[] {
  const margins = new Set(people.filter(({ role }) => role === 'other_adult').map(({ ref }) => ref))
  const family = matches.filter(({ ref }) => !margins.has(ref))
  return [...Map.groupBy(family, caseName).values()]
    .flatMap(([first, ...rest]): CaseMatches[] => (first === undefined ? [] : [[first, ...rest]]))
    .slice(0, CASES_READ_MAX)
}

/** A register does not say who in it is a child: a birth date is judged later, and whoever has none may be one. */
function inOneCase(
  indexKey: Buffer,
  matches: CaseMatches,
  inCase: readonly Findable[],
  here: ReadonlyMap<string, PersonRef>,
): ChildSeenBefore[] {
  const [{ authority, caseReference, fresh }] = matches
  const known = inCase.map((person) => {
    const certain = personKeys(indexKey, person, null).filter(({ kind }) => certainKinds.has(kind))
    return refsOf(
      certain.map(({ key }) => key),
      here,
    )
  })
  const others = [...new Set(known.flat())]
  return inCase.flatMap((person, at): ChildSeenBefore[] => {
    if (known[at]?.length !== 0) return []
    const beside = [...new Set(matches.map(({ ref }) => ref))]
    return [{ child: namesOf(person), beside, others, seen: { kind: 'open case', authority, caseReference, fresh } }]
  })
}

function refsByKey(people: readonly KeyedPerson[]): Map<string, PersonRef> {
  return new Map(people.flatMap(({ ref, keys }) => keys.map(({ key }) => [key.toString('base64'), ref])))
}

function refsOf(keys: readonly Buffer[], here: ReadonlyMap<string, PersonRef>): PersonRef[] {
  return keys.flatMap((key) => here.get(key.toString('base64')) ?? [])
}
