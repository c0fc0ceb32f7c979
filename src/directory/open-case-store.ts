import { CompiledQuery, sql } from 'kysely'
import { OPERATOR } from '../access/scopes.ts'
import type { Db, Trx } from '../database/connection.ts'
import { newDataKey, sealJson } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { type Findable, personKeys } from '../history/person-keys.ts'
import type { AgencyId, AuthorityCode } from '../words/ids.ts'

/** A case that an authority's social care has open, as its register says. */
export interface OpenCase {
  authority: AuthorityCode
  caseReference: string
  people: Findable[]
  allocatedWorker?: string
  /** When the register said so; 48 hours later it reads as unknown. */
  asOf: Temporal.Instant
}

/** A case that names the person one of the keys stands for. Whether it is fresh is the caller's to say, by its own `at`. */
export interface OpenCaseFound {
  key: Buffer
  authority: AuthorityCode
  caseReference: string
  asOf: Temporal.Instant
}

const CASES_PER_KEY_MAX = 50

const MATCH = `
  select asked.key, found.authority, found.case_reference as "caseReference", found.as_of as "asOf"
  from unnest($1::bytea[]) as asked (key)
  cross join lateral (
    select c.authority, c.case_reference, c.as_of
    from open_case_key k join open_case c on (c.authority, c.case_reference) = (k.authority, k.case_reference)
    where k.key = asked.key order by c.as_of desc, c.case_reference limit ${CASES_PER_KEY_MAX}) found
  order by asked.key, found.authority, found.case_reference`

/** The open cases that name any of these people, for a whole batch at once. Pass certain keys only. */
export async function matchOpenCases(db: Db, personKeysWanted: readonly Buffer[]): Promise<OpenCaseFound[]> {
  if (personKeysWanted.length === 0) return []
  const { rows } = await db.executeQuery<OpenCaseFound>(CompiledQuery.raw(MATCH, [personKeysWanted]))
  return rows
}

/** True for the operator and for the agency of that authority's social care. */
export async function keepsOpenCasesOf(db: Db, agency: AgencyId, authority: AuthorityCode): Promise<boolean> {
  if (agency === OPERATOR) return true
  const row = await db
    .selectFrom('recipient')
    .select('id')
    .where('authorities', '@>', (eb) => eb.val([authority]))
    .where('service', '=', 'childrens_social_care')
    .where('agency', '=', agency)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Writes a case whole, its people with it. @returns whether it was new */
export async function writeOpenCase(trx: Trx, keys: Keys, open: OpenCase, at: Temporal.Instant): Promise<{ isNew: boolean }> {
  const { authority, caseReference } = open
  const dataKey = newDataKey(keys.ring, `${authority}/${caseReference}`)
  const sealed = sealJson(dataKey.key, `open_case.sealed|${authority}/${caseReference}`, {
    people: open.people,
    allocatedWorker: open.allocatedWorker,
  })
  const written = { as_of: open.asOf, data_key: dataKey.wrapped, wrapped_by: dataKey.wrappedBy, sealed, written_at: at }
  const row = await trx
    .insertInto('open_case')
    .values({ authority, case_reference: caseReference, ...written })
    .onConflict((conflict) => conflict.columns(['authority', 'case_reference']).doUpdateSet(written))
    .returning(sql<boolean>`xmax = 0`.as('isNew'))
    .executeTakeFirstOrThrow()
  await trx.deleteFrom('open_case_key').where('authority', '=', authority).where('case_reference', '=', caseReference).execute()
  const { id: indexKey, key } = keys.service.index
  const found = open.people.flatMap((person) => personKeys(key, person, null))
  if (found.length > 0) {
    await trx
      .insertInto('open_case_key')
      .values(
        found.map((one) => ({ key: one.key, kind: one.kind, index_key: indexKey, authority, case_reference: caseReference })),
      )
      .execute()
  }
  return { isNew: row.isNew }
}

/** Takes a closed case out of the register, with its people. @returns whether there was one */
export async function removeOpenCase(trx: Trx, authority: AuthorityCode, caseReference: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('open_case')
    .where('authority', '=', authority)
    .where('case_reference', '=', caseReference)
    .executeTakeFirst()
  return numDeletedRows === 1n
}
