import { CompiledQuery, sql } from 'kysely'
import type { Trx } from '../database/connection.ts'
import { newDataKey, sealJson } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { certainKinds, type Findable, personKeys } from '../history/person-keys.ts'
import type { Urn } from '../words/ids.ts'

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
 * Replaces a school's roll whole. Notifications whose child may be on it, and whose school the directory desk is looking
 * for, become due again at `lookAgainAt`. @returns whether it was the first roll, and how many notifications look again
 */
export async function writeRoll(
  trx: Trx,
  keys: Keys,
  roll: Roll,
  when: { at: Temporal.Instant; lookAgainAt: Temporal.Instant },
): Promise<{ isNew: boolean }> {
  const { urn, asOf, pupils } = roll
  const dataKey = newDataKey(keys.ring, `roll/${urn}`)
  const sealed = sealJson(dataKey.key, `pupil_roll.sealed|${urn}`, { pupils })
  const written = {
    as_of: asOf,
    pupils: pupils.length,
    data_key: dataKey.wrapped,
    wrapped_by: dataKey.wrappedBy,
    sealed,
    written_at: when.at,
  }
  const row = await trx
    .insertInto('pupil_roll')
    .values({ urn, ...written })
    .onConflict((conflict) => conflict.column('urn').doUpdateSet(written))
    .returning(sql<boolean>`xmax = 0`.as('isNew'))
    .executeTakeFirstOrThrow()
  await trx.deleteFrom('pupil_key').where('urn', '=', urn).execute()
  const { id: indexKey, key } = keys.service.index
  const found = pupils.flatMap((pupil, number) => personKeys(key, pupil, null).map((one) => ({ ...one, number })))
  const columns = [found.map((one) => one.key), found.map(({ kind }) => kind), found.map(({ number }) => number)]
  await trx.executeQuery(CompiledQuery.raw(WRITE_KEYS, [urn, indexKey, ...columns]))
  const certain = found.filter(({ kind }) => certainKinds.has(kind)).map((one) => one.key)
  await sql`select wake_notifications_of_pupils(${certain}::bytea[], ${when.lookAgainAt}::timestamptz)`.execute(trx)
  return { isNew: row.isNew }
}
