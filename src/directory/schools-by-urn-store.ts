import { CompiledQuery } from 'kysely'
import type { Trx } from '../database/connection.ts'
import type { Service } from '../words/recipient.ts'

/** What an import of the register of schools may change of a school, and how it is found again. */
export interface KnownSchool {
  id: string
  service: Service
  urn?: string | undefined
  name: string
  authorities: string[]
  closedOn?: string | undefined
  successorId?: string | undefined
}

const FIND = `
  select id, service, urn, name, authorities, closed_on, successor_id from recipient
  where urn = any($1::text[]) and service = 'education_setting' or id = any($2::text[]) order by id`

interface Row {
  id: string
  service: Service
  urn: string | null
  name: string
  authorities: string[]
  closed_on: string | null
  successor_id: string | null
}

/** The id of a school that comes into the directory from the register. */
export const idOfSchool = (urn: string) => `school-${urn}`

/**
 * The directory's entries of schools: by URN, and else whatever stands at the id one would be given. Of two with one URN the one
 * that routing tells, the last by id. For the operator.
 */
export async function findSchools(trx: Trx, urns: readonly string[]): Promise<Map<string, KnownSchool>> {
  const ids = new Map(urns.map((urn) => [idOfSchool(urn), urn]))
  const { rows } = await trx.executeQuery<Row>(CompiledQuery.raw(FIND, [urns, [...ids.keys()]]))
  const found = new Map<string, KnownSchool>()
  const known = rows.map(knownOf)
  for (const school of known) {
    const urn = ids.get(school.id)
    if (urn !== undefined) found.set(urn, school)
  }
  for (const school of known) {
    if (school.urn !== undefined && school.service === 'education_setting') found.set(school.urn, school)
  }
  return found
}

function knownOf({ id, service, urn, name, authorities, closed_on, successor_id }: Row): KnownSchool {
  return {
    id,
    service,
    urn: urn ?? undefined,
    name,
    authorities,
    closedOn: closed_on ?? undefined,
    successorId: successor_id ?? undefined,
  }
}
