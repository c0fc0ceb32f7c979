import { CompiledQuery } from 'kysely'
import type { NewEvent } from '../audit/chain.ts'
import type { Trx } from '../database/connection.ts'
import type { DispatchId, NotificationId } from '../words/ids.ts'

/**
 * Only what nobody has seen and nothing is sending is taken back, and only where the newer version tells the same
 * recipient about the same people: until then the older telling is better than silence.
 */
const WITHDRAW_REPLACED = `
  update dispatch older
  set state = 'withdrawn', next_at = null, hinted_until = null
  from notification n, dispatch newer
  where older.notification_id = any($1) and n.id = older.notification_id
    and newer.notification_id = any($2) and newer.service = older.service and newer.recipient_id = older.recipient_id
    and newer.about @> older.about and newer.force = older.force
    and exists (select from notification m where m.id = newer.notification_id and m.police_reference = n.police_reference)
    and older.state in ('planned', 'released') and older.attempts = 0 and older.lease_until is null
  returning older.id, older.notification_id as "notificationId", newer.id as "by"`

/**
 * Withdraws the dispatches of superseded versions that were never collected or sent and that a newer version replaces.
 * @returns their events
 */
export async function withdrawReplaced(
  trx: Trx,
  older: readonly NotificationId[],
  newer: readonly NotificationId[],
): Promise<NewEvent[]> {
  if (older.length === 0 || newer.length === 0) return []
  const { rows } = await trx.executeQuery<{ id: DispatchId; notificationId: NotificationId; by: DispatchId }>(
    CompiledQuery.raw(WITHDRAW_REPLACED, [older, newer]),
  )
  return rows.map(({ id, notificationId, by }) => ({
    stream: notificationId,
    kind: 'dispatch withdrawn',
    actor: 'system',
    dispatch: id,
    detail: { why: 'a newer version replaces it before anyone saw it', by },
  }))
}
