import { sql } from 'kysely'
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
