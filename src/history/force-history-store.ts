import type { Db, Trx } from '../database/connection.ts'
import type { AgencyId } from '../words/ids.ts'

const FORCES_MAX = 1000

/** From when each force says its history is whole here; a force that has said nothing is absent. */
export async function completeFrom(db: Db, forces: readonly AgencyId[]): Promise<Map<AgencyId, Temporal.Instant>> {
  const rows = await db
    .selectFrom('force_history')
    .select(['agency', 'complete_from'])
    .where('agency', '=', (eb) => eb.fn.any(eb.val([...forces])))
    .orderBy('agency')
    .limit(FORCES_MAX)
    .execute()
  return new Map(rows.map((row) => [row.agency, row.complete_from]))
}

/** Records from when a force's history is whole here: until then a count below a threshold is unknown. */
export async function setCompleteFrom(trx: Trx, force: AgencyId, from: Temporal.Instant, at: Temporal.Instant): Promise<void> {
  await trx
    .insertInto('force_history')
    .values({ agency: force, complete_from: from, set_at: at })
    .onConflict((conflict) => conflict.column('agency').doUpdateSet({ complete_from: from, set_at: at }))
    .execute()
}
