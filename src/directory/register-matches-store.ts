import { CompiledQuery } from 'kysely'
import type { Db } from '../database/connection.ts'
import type { AgencyId, AuthorityCode, Urn } from '../words/ids.ts'

/** A register's row that names the person one of the keys stands for. Whether it is fresh is the caller's to say, by its own `at`. */
export type RegisterMatch =
  | { register: 'open case'; key: Buffer; authority: AuthorityCode; caseReference: string; asOf: Temporal.Instant }
  | {
      register: 'roll'
      key: Buffer
      urn: Urn
      asOf: Temporal.Instant
      /** The key of the pupil number on that roll. */
      upn: Buffer | null
    }
  | {
      register: 'marac'
      key: Buffer
      agency: AgencyId
      id: string
      side: 'victim' | 'suspect'
      referredOn: string
      convenedOn: string | null
    }

/** What the registers know of a whole batch's people, and of the schools its notifications name. */
export interface RegisterMatches {
  matches: RegisterMatch[]
  rollsKept: { urn: Urn; asOf: Temporal.Instant }[]
}

const ROWS_PER_KEY_MAX = 50

/** One statement over every register: a batch costs three index ranges a key, and one round trip. */
const MATCH = `
  select found.register, asked.key, found.place, found.reference, found.as_of, found.upn, found.side, found.referred_on, found.convened_on
  from unnest($1::bytea[]) as asked (key)
  cross join lateral (
    (select 'open case' as register, c.authority as place, c.case_reference as reference, c.as_of, null::bytea as upn,
            null::text as side, null::date as referred_on, null::date as convened_on
     from open_case_key k join open_case c on (c.authority, c.case_reference) = (k.authority, k.case_reference)
     where k.key = asked.key order by c.as_of desc, c.case_reference limit ${ROWS_PER_KEY_MAX})
    union all
    (select 'roll', r.urn, '', r.as_of,
            (select u.key from pupil_key u where u.urn = k.urn and u.pupil = k.pupil and u.kind = 'upn' limit 1), null, null, null
     from pupil_key k join pupil_roll r on r.urn = k.urn
     where k.key = asked.key order by r.as_of desc, r.urn, k.pupil limit ${ROWS_PER_KEY_MAX})
    union all
    (select 'marac', m.agency, m.id, null, null, k.side, m.referred_on, m.convened_on
     from marac_key k join marac_case m on (m.agency, m.id) = (k.agency, k.id)
     where k.key = asked.key order by m.referred_on desc, m.agency, m.id limit ${ROWS_PER_KEY_MAX})) found
  union all
  select 'roll kept', null, r.urn, '', r.as_of, null, null, null, null from pupil_roll r where r.urn = any($2::text[])
  order by 1, 3, 4, 2`

interface Row {
  register: 'open case' | 'roll' | 'marac' | 'roll kept'
  key: Buffer | null
  place: string
  reference: string
  as_of: Temporal.Instant | null
  upn: Buffer | null
  side: 'victim' | 'suspect' | null
  referred_on: string | null
  convened_on: string | null
}

/** Every row of a register that names any of these people, and whether these schools keep a roll here. For the worker's role. */
export async function matchRegisters(
  db: Db,
  personKeysWanted: readonly Buffer[],
  schools: readonly Urn[],
): Promise<RegisterMatches> {
  const { rows } = await db.executeQuery<Row>(CompiledQuery.raw(MATCH, [personKeysWanted, schools]))
  return {
    matches: rows.flatMap(matchOf),
    rollsKept: rows.flatMap(({ register, place, as_of }) =>
      register === 'roll kept' && as_of !== null ? [{ urn: place, asOf: as_of }] : [],
    ),
  }
}

function matchOf({ register, key, place, reference, as_of, upn, side, referred_on, convened_on }: Row): RegisterMatch[] {
  if (key === null) return []
  if (register === 'open case' && as_of !== null)
    return [{ register, key, authority: place, caseReference: reference, asOf: as_of }]
  if (register === 'roll' && as_of !== null) return [{ register, key, urn: place, asOf: as_of, upn }]
  if (register === 'marac' && side !== null && referred_on !== null)
    return [{ register, key, agency: place, id: reference, side, referredOn: referred_on, convenedOn: convened_on }]
  return []
}
