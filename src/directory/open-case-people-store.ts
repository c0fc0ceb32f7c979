import { CompiledQuery } from 'kysely'
import type { Db } from '../database/connection.ts'
import { openDataKey, openJson } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import type { Findable } from '../history/person-keys.ts'
import type { AuthorityCode } from '../words/ids.ts'

/** Which open case, as its register names it. */
export interface CaseNamed {
  authority: AuthorityCode
  caseReference: string
}

const PEOPLE = `
  select c.authority, c.case_reference as "caseReference", c.data_key, c.wrapped_by, c.sealed
  from open_case c join unnest($1::text[], $2::text[]) as asked (authority, case_reference)
    on (c.authority, c.case_reference) = (asked.authority, asked.case_reference)
  where not c.closed
  order by c.authority, c.case_reference`

interface Row extends CaseNamed {
  data_key: Buffer
  wrapped_by: string
  sealed: Buffer
}

/** How a case is told apart from every other. */
export const caseName = ({ authority, caseReference }: CaseNamed) => `${authority}/${caseReference}`

/** Who stands in these open cases, by `caseName`: one statement a batch. For the worker's role. */
export async function readPeopleOfCases(db: Db, keys: Keys, cases: readonly CaseNamed[]): Promise<Map<string, Findable[]>> {
  const once = [...new Map(cases.map((one) => [caseName(one), one])).values()]
  if (once.length === 0) return new Map()
  const { rows } = await db.executeQuery<Row>(
    CompiledQuery.raw(PEOPLE, [once.map(({ authority }) => authority), once.map(({ caseReference }) => caseReference)]),
  )
  return new Map(
    rows.map((row) => {
      const name = caseName(row)
      const key = openDataKey(keys.ring, name, { wrapped: row.data_key, wrappedBy: row.wrapped_by })
      return [name, openJson<{ people: Findable[] }>(key, `open_case.sealed|${name}`, row.sealed).people]
    }),
  )
}
