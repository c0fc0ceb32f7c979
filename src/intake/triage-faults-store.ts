import { CompiledQuery } from 'kysely'
import type { Trx } from '../database/connection.ts'
import type { WrappedKey } from '../database/sealing.ts'
import type { NotificationId } from '../words/ids.ts'

/** Puts a notification that could not be triaged back, due again at `nextAt`. @returns how often it has failed now */
export async function postponeTriage(trx: Trx, id: string, nextAt: Temporal.Instant): Promise<number> {
  const text = `update notification set faults = faults + 1, next_at = $2, hinted_until = null where id = $1 and next_at is not null returning faults`
  const { rows } = await trx.executeQuery<{ faults: number }>(CompiledQuery.raw(text, [id, nextAt]))
  return rows[0]?.faults ?? 0
}

/** Who sent a notification, how often its triage has failed, and its key: for putting it to a person. */
export interface ReadForFault {
  id: NotificationId
  agency: string
  faults: number
  key: WrappedKey
}

export async function readForFault(trx: Trx, id: string): Promise<ReadForFault | null> {
  const text = `
    select n.id, n.agency, n.faults, k.wrapped, k.wrapped_by as "wrappedBy"
    from notification n left join data_key k on k.notification_id = n.id where n.id = $1 for update of n`
  const { rows } = await trx.executeQuery<{
    id: NotificationId
    agency: string
    faults: number
    wrapped: Buffer
    wrappedBy: string
  }>(CompiledQuery.raw(text, [id]))
  const [row] = rows
  return row
    ? { id: row.id, agency: row.agency, faults: row.faults, key: { wrapped: row.wrapped, wrappedBy: row.wrappedBy } }
    : null
}
