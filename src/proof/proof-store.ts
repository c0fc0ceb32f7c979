import type { Trx } from '../database/connection.ts'

/** The streams of every version of a notification the caller's agency may see; none where there is nothing to see. */
export async function readTimelineStreams(trx: Trx, id: string): Promise<string[]> {
  const rows = await trx
    .selectFrom('notification as asked')
    .innerJoin('notification as version', (join) =>
      join.onRef('version.agency', '=', 'asked.agency').onRef('version.police_reference', '=', 'asked.police_reference'),
    )
    .select('version.id')
    .where((eb) => eb(eb.ref('asked.id'), '=', eb.cast<never>(eb.val(id), 'text')))
    .orderBy('version.version')
    .limit(200)
    .execute()
  return rows.map((row) => row.id)
}
