import { OPERATOR } from '../access/scopes.ts'
import type { Db, Trx } from '../database/connection.ts'
import { newDataKey, sealJson } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { type Findable, personKeys } from '../history/person-keys.ts'
import type { AgencyId, AuthorityCode } from '../words/ids.ts'
import { counts, OPEN_CASE_FRESH_HOURS, wakeWhomItNames } from './register-wake-store.ts'

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

/** What came of writing a register's row. */
export type RegisterWritten =
  | { kind: 'added' | 'changed' }
  /** What stands there is from later: a push that was long under way, or sent again, undoes nothing. */
  | { kind: 'newer kept'; asOf: Temporal.Instant }

/**
 * Writes a case whole, its people with it, unless a newer word on it stands, that it is closed included. Triaged notifications
 * of people whom it names newly are looked at again.
 */
export async function writeOpenCase(trx: Trx, keys: Keys, open: OpenCase, at: Temporal.Instant): Promise<RegisterWritten> {
  const { authority, caseReference, asOf } = open
  const before = await lockCase(trx, authority, caseReference)
  if (before && Temporal.Instant.compare(before.as_of, asOf) > 0) return { kind: 'newer kept', asOf: before.as_of }
  const dataKey = newDataKey(keys.ring, `${authority}/${caseReference}`)
  const sealed = sealJson(dataKey.key, `open_case.sealed|${authority}/${caseReference}`, {
    people: open.people,
    allocatedWorker: open.allocatedWorker,
  })
  const row = { as_of: asOf, data_key: dataKey.wrapped, wrapped_by: dataKey.wrappedBy, sealed, written_at: at, closed: false }
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('open_case')
    .values({ authority, case_reference: caseReference, ...row })
    .onConflict((conflict) =>
      conflict.columns(['authority', 'case_reference']).doUpdateSet(row).where('open_case.as_of', '<=', asOf),
    )
    .executeTakeFirstOrThrow()
  // Somebody else added it just now: their commit was waited for, and theirs is the newer.
  if (numInsertedOrUpdatedRows !== 1n) return writeOpenCase(trx, keys, open, at)
  const forgotten = await forgetPeople(trx, authority, caseReference)
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
  const stood = before !== undefined && !before.closed
  const counted = stood && counts(before.as_of, OPEN_CASE_FRESH_HOURS, at)
  await wakeWhomItNames(trx, found, { keys: forgotten, counted }, at)
  return { kind: stood ? 'changed' : 'added' }
}

/**
 * Takes a closed case out of the register, with its people. Its reference and the moment stay, so that an older push does not
 * open it again. @param asOf when the register said so; null: now
 */
export async function removeOpenCase(
  trx: Trx,
  { authority, caseReference }: Pick<OpenCase, 'authority' | 'caseReference'>,
  asOf: Temporal.Instant | null,
  at: Temporal.Instant,
): Promise<{ kind: 'removed' } | { kind: 'no such case' } | Extract<RegisterWritten, { kind: 'newer kept' }>> {
  const before = await lockCase(trx, authority, caseReference)
  if (before === undefined || before.closed) return { kind: 'no such case' }
  if (asOf !== null && Temporal.Instant.compare(before.as_of, asOf) > 0) return { kind: 'newer kept', asOf: before.as_of }
  const [closedAt = at] = [asOf ?? at, before.as_of].toSorted((one, other) => Temporal.Instant.compare(other, one))
  await trx
    .updateTable('open_case')
    .set({ as_of: closedAt, closed: true, data_key: null, wrapped_by: null, sealed: null, written_at: at })
    .where('authority', '=', authority)
    .where('case_reference', '=', caseReference)
    .where('closed', '=', false)
    .execute()
  await forgetPeople(trx, authority, caseReference)
  return { kind: 'removed' }
}

async function lockCase(trx: Trx, authority: AuthorityCode, caseReference: string) {
  return trx
    .selectFrom('open_case')
    .select(['as_of', 'closed'])
    .where('authority', '=', authority)
    .where('case_reference', '=', caseReference)
    .forUpdate()
    .executeTakeFirst()
}

/** @returns the keys by which the case was found until now */
async function forgetPeople(trx: Trx, authority: AuthorityCode, caseReference: string): Promise<Buffer[]> {
  const rows = await trx
    .deleteFrom('open_case_key')
    .where('authority', '=', authority)
    .where('case_reference', '=', caseReference)
    .returning('key')
    .execute()
  return rows.map(({ key }) => key)
}
