import { sql } from 'kysely'
import type { Trx } from '../database/connection.ts'
import { newDataKey, sealJson } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { type Findable, personKeys } from '../history/person-keys.ts'
import type { DateText } from '../words/clock.ts'
import type { AgencyId } from '../words/ids.ts'
import { wakeWhomItNames } from './register-wake-store.ts'

/** A case that was referred to a MARAC, by the agency that coordinates it. */
export interface MaracCase {
  agency: AgencyId
  /** The agency's own. */
  id: string
  victim: Findable
  suspect: Findable
  referredOn: DateText
  convenedOn?: DateText | undefined
}

/** True for the operator and for an agency that stands in the directory as a MARAC. */
export async function keepsMaracs(trx: Trx): Promise<boolean> {
  const { rows } = await sql<{ keeps: boolean | null }>`select keeps_maracs() as keeps`.execute(trx)
  return rows[0]?.keeps === true
}

/**
 * Writes a case whole, its two people with it. Triaged notifications of people it names newly, or of a referral that it had
 * not, are looked at again. @returns whether it was new
 */
export async function writeMaracCase(trx: Trx, keys: Keys, marac: MaracCase, at: Temporal.Instant): Promise<{ isNew: boolean }> {
  const { agency, id, victim, suspect, referredOn, convenedOn = null } = marac
  const owner = `${agency}/marac/${id}`
  const before = await trx
    .selectFrom('marac_case')
    .select(['referred_on', 'convened_on'])
    .where('agency', '=', agency)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  const dataKey = newDataKey(keys.ring, owner)
  const row = {
    referred_on: referredOn,
    convened_on: convenedOn,
    data_key: dataKey.wrapped,
    wrapped_by: dataKey.wrappedBy,
    sealed: sealJson(dataKey.key, `marac_case.sealed|${owner}`, { victim, suspect }),
    written_at: at,
  }
  await trx
    .insertInto('marac_case')
    .values({ agency, id, ...row })
    .onConflict((conflict) => conflict.columns(['agency', 'id']).doUpdateSet(row))
    .execute()
  const forgotten = await trx.deleteFrom('marac_key').where('agency', '=', agency).where('id', '=', id).returning('key').execute()
  const { id: indexKey, key } = keys.service.index
  const found = [
    ...personKeys(key, victim, null).map((one) => ({ ...one, side: 'victim' as const })),
    ...personKeys(key, suspect, null).map((one) => ({ ...one, side: 'suspect' as const })),
  ]
  if (found.length > 0) {
    await trx
      .insertInto('marac_key')
      .values(found.map((one) => ({ key: one.key, kind: one.kind, index_key: indexKey, agency, id, side: one.side })))
      .execute()
  }
  const counted = before?.referred_on === referredOn && before.convened_on === convenedOn
  await wakeWhomItNames(trx, found, { keys: forgotten.map((one) => one.key), counted }, at)
  return { isNew: before === undefined }
}
