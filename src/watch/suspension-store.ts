import { CompiledQuery } from 'kysely'
import type { Trx } from '../database/connection.ts'
import { type KeyRing, sealJson } from '../database/sealing.ts'
import { lockOwnRecipient, wakeNotificationsAwaitingDirectory } from '../directory/recipient-store.ts'

type Instant = Temporal.Instant

/** Suspends the route to a recipient. @returns false where there is none */
export async function suspend(
  trx: Trx,
  ring: KeyRing,
  suspension: { id: string; until: Instant; said: { approvedBy: string; reason: string; by: string } },
): Promise<boolean> {
  const { id, until, said } = suspension
  const recipient = await lockOwnRecipient(trx, ring, id)
  if (recipient === null) return false
  const sealed = sealJson(recipient.dataKey, `recipient.suspension|${id}`, said)
  const text = 'update recipient set suspended_until = $2, suspension = $3 where id = $1'
  await trx.executeQuery(CompiledQuery.raw(text, [id, until, sealed]))
  return true
}

/** Opens a route again; who could not be told by it is looked at at once. Null where there is no such recipient. */
export async function endSuspension(trx: Trx, id: string, at: Instant): Promise<'suspended' | 'open already' | null> {
  const text = `
    with was as (select id, suspended_until from recipient where id = $1 for no key update),
    opened as (update recipient r set suspended_until = null, suspension = null from was
      where r.id = was.id and was.suspended_until is not null returning r.id)
    select was.suspended_until > $2 as suspended from was left join opened on opened.id = was.id`
  const { rows } = await trx.executeQuery<{ suspended: boolean | null }>(CompiledQuery.raw(text, [id, at]))
  const [row] = rows
  if (row === undefined) return null
  if (row.suspended !== true) return 'open already'
  await wakeNotificationsAwaitingDirectory(trx, at)
  return 'suspended'
}
