import { CompiledQuery } from 'kysely'
import type { Db } from '../database/connection.ts'
import type { AuthorityCode, RecipientId, Urn } from '../words/ids.ts'

/** A school that police name without its number, and where it may be. */
export interface NamedSchool {
  name: string
  authorities: readonly AuthorityCode[]
}

/** A school of the directory, and how alike its name is: 0 to 1. */
export interface Candidate {
  recipientId: RecipientId
  urn: Urn | null
  name: string
  likeness: number
}

const CANDIDATES_MAX = 3
/** Below this the names only share what many schools are called. Measured on invented names: see the tests beside. */
const LIKENESS_MIN = 0.5
/** The next best must be this much less alike, or it may as well be that one. */
const LEAD_MIN = 0.15

/** A school that names no authority may stand in any. A closed one is nobody's school now, and its successor often has its name. */
const NEAR = `
  select asked.number::int as asked, near.id as "recipientId", near.urn, near.name, near.likeness
  from unnest($1::text[], $2::text[]) with ordinality as asked (name, authorities, number)
  cross join lateral (
    select r.id, r.urn, r.name, school_names_alike(r.name, asked.name) as likeness from (
      select id, urn, name from recipient
      where service = 'education_setting' and closed_on is null and authorities && string_to_array(asked.authorities, ',')
      union all
      select id, urn, name from recipient where service = 'education_setting' and closed_on is null and authorities = '{}') r
    order by likeness desc, r.id limit ${CANDIDATES_MAX}) near
  order by asked.number, near.likeness desc, near.id`

/** For each name, the one school of the directory that is clearly nearest, or null. For the worker's role. */
export async function findNearSchools(db: Db, named: readonly NamedSchool[]): Promise<(Candidate | null)[]> {
  if (named.length === 0) return []
  const { rows } = await db.executeQuery<Candidate & { asked: number }>(
    CompiledQuery.raw(NEAR, [named.map(({ name }) => name), named.map(({ authorities }) => authorities.join(','))]),
  )
  const byName = Map.groupBy(rows, ({ asked }) => asked)
  return named.map((_, index) => clearBest(byName.get(index + 1) ?? []))
}

/** Two schools of nearly one name are two schools: with none clearly nearest, none is proposed. Best first. */
export function clearBest([best, next]: readonly Candidate[]): Candidate | null {
  if (best === undefined || best.likeness < LIKENESS_MIN) return null
  if (next !== undefined && best.likeness - next.likeness < LEAD_MIN) return null
  const { recipientId, urn, name, likeness } = best
  return { recipientId, urn, name, likeness }
}
