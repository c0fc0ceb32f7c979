import { CompiledQuery, sql } from 'kysely'
import type { Trx } from '../database/connection.ts'
import { newDataKey, sealJson } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { type Findable, personKeys } from '../history/person-keys.ts'
import type { Urn } from '../words/ids.ts'
import type { RegisterWritten } from './open-case-store.ts'
import { counts, ROLL_FRESH_HOURS, wakeWhomItNames } from './register-wake-store.ts'

/** Who is on roll at one school, as that school says. */
export interface Roll {
  urn: Urn
  /** When the school said so; 30 days later it reads as unknown. */
  asOf: Temporal.Instant
  pupils: Findable[]
}

const WRITE_KEYS = `
  insert into pupil_key (urn, index_key, key, kind, pupil)
  select $1, $2, key, kind, pupil from unnest($3::bytea[], $4::text[], $5::int[]) as x(key, kind, pupil)`

/** True for the operator and for the school of that number. */
export async function keepsRollOf(trx: Trx, urn: Urn): Promise<boolean> {
  const { rows } = await sql<{ keeps: boolean | null }>`select keeps_roll_of(${urn}) as keeps`.execute(trx)
  return rows[0]?.keeps === true
}

/**
 * Replaces a school's roll whole, unless a newer one stands. Triaged notifications of pupils whom it names newly are looked at
 * again.
 */
export async function writeRoll(trx: Trx, keys: Keys, roll: Roll, at: Temporal.Instant): Promise<RegisterWritten> {
  const { urn, asOf, pupils } = roll
  const before = await trx.selectFrom('pupil_roll').select('as_of').where('urn', '=', urn).forUpdate().executeTakeFirst()
  if (before && Temporal.Instant.compare(before.as_of, asOf) > 0) return { kind: 'newer kept', asOf: before.as_of }
  const dataKey = newDataKey(keys.ring, `roll/${urn}`)
  const row = {
    as_of: asOf,
    pupils: pupils.length,
    data_key: dataKey.wrapped,
    wrapped_by: dataKey.wrappedBy,
    sealed: sealJson(dataKey.key, `pupil_roll.sealed|${urn}`, { pupils }),
    written_at: at,
  }
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('pupil_roll')
    .values({ urn, ...row })
    .onConflict((conflict) => conflict.column('urn').doUpdateSet(row).where('pupil_roll.as_of', '<=', asOf))
    .executeTakeFirstOrThrow()
  // The school's first roll came just now by another call: that was waited for, and is the newer.
  if (numInsertedOrUpdatedRows !== 1n) return writeRoll(trx, keys, roll, at)
  const forgotten = await trx.deleteFrom('pupil_key').where('urn', '=', urn).returning('key').execute()
  const { id: indexKey, key } = keys.service.index
  const found = pupils.flatMap((pupil, number) => personKeys(key, pupil, null).map((one) => ({ ...one, number })))
  const columns = [found.map((one) => one.key), found.map(({ kind }) => kind), found.map(({ number }) => number)]
  await trx.executeQuery(CompiledQuery.raw(WRITE_KEYS, [urn, indexKey, ...columns]))
  const counted = before !== undefined && counts(before.as_of, ROLL_FRESH_HOURS, at)
  await wakeWhomItNames(trx, found, { keys: forgotten.map((one) => one.key), counted }, at)
  return { kind: before ? 'changed' : 'added' }
}
