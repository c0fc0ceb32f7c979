import { CompiledQuery } from 'kysely'
import type { Trx } from '../database/connection.ts'
import { arrayText } from '../delivery/dispatch-store.ts'
import type { DispatchKind, DispatchState, HoldReason } from '../words/dispatch.ts'
import type { DispatchId, NotificationId } from '../words/ids.ts'
import type { Service } from '../words/recipient.ts'

type Instant = Temporal.Instant

/** A dispatch of one of several versions, locked, with what it says still sealed. */
export interface StoredDispatch {
  id: DispatchId
  notification_id: NotificationId
  service: Service
  recipient_id: string
  kind: DispatchKind
  asks: string | null
  restricted: boolean
  about: string[]
  rules: string[]
  state: DispatchState
  attempts: number
  shown: boolean
  due_by: Instant
  late_on_arrival: boolean
  concerns: DispatchId | null
  hold_reason: HoldReason | null
  /** Held back until triage has looked again. */
  changing: boolean
  content: Buffer | null
}

const LOCK = `
  select id, notification_id, service, recipient_id, kind, asks, restricted, about, rules, state, attempts,
    shown, due_by, late_on_arrival, concerns, hold_reason, changing, content
  from dispatch where notification_id = any($1) or notification_id = any($2) and changing order by id for update`

/**
 * Every dispatch of these versions, oldest first, locked: nobody collects one and no attempt is settled while we decide.
 * @param heldBackOf of these only what is held back
 */
export async function lockDispatchesOf(
  trx: Trx,
  ids: readonly NotificationId[],
  heldBackOf: readonly NotificationId[],
): Promise<StoredDispatch[]> {
  if (ids.length === 0 && heldBackOf.length === 0) return []
  return (await trx.executeQuery<StoredDispatch>(CompiledQuery.raw(LOCK, [ids, heldBackOf]))).rows
}

/**
 * A dispatch that is about to be withdrawn for another of the very same version discharges what was owed no longer: what is
 * planned in its place may stand beside it.
 */
export async function giveUpObligations(trx: Trx, ids: readonly DispatchId[]): Promise<void> {
  if (ids.length === 0) return
  const text = `update dispatch set obligation = obligation || '|given up by ' || id where id = any($1) and state <> 'withdrawn'`
  await trx.executeQuery(CompiledQuery.raw(text, [ids]))
}

// A bytea[] cannot be unnested from an array of arrays: each has its own as text.
const JUDGED = `
  update dispatch d set clear_contacts = x.clear::bytea[] from unnest($1::text[], $2::text[]) as x (id, clear) where d.id = x.id`

/** Whom these may be written to about, now that somebody has looked at who is a contact there. */
export async function judgeContacts(trx: Trx, judged: readonly { id: DispatchId; clear: readonly Buffer[] }[]): Promise<void> {
  if (judged.length === 0) return
  const clear = judged.map((one) => arrayText(one.clear.map((mark) => `\\x${mark.toString('hex')}`)))
  await trx.executeQuery(CompiledQuery.raw(JUDGED, [judged.map(({ id }) => id), clear]))
}

/** What becomes of an earlier dispatch. */
export interface EarlierSettled {
  id: DispatchId
  withdrawn: boolean
  /** What says it as it is now, or recalls it. */
  by: DispatchId | null
}

// The fence makes the answer of an attempt under way late: it is written down, and cannot pass for the telling.
const SETTLE = `
  update dispatch d set changing = false, replaced_by = coalesce(x.by, d.replaced_by),
    state = case when x.withdrawn then 'withdrawn' else d.state end, next_at = case when x.withdrawn then null else d.next_at end,
    fence = d.fence + case when x.withdrawn then 1 else 0 end, lease_until = case when x.withdrawn then null else d.lease_until end,
    retry_at = case when x.withdrawn then null else d.retry_at end, escalate_at = case when x.withdrawn then null else d.escalate_at end,
    hinted_until = case when x.withdrawn then null else d.hinted_until end
  from unnest($1::text[], $2::boolean[], $3::text[]) as x (id, withdrawn, by) where d.id = x.id`

/** Withdraws and marks as replaced what a newer version says otherwise, and lets go of the rest. */
export async function settleEarlier(trx: Trx, settled: readonly EarlierSettled[]): Promise<void> {
  if (settled.length === 0) return
  await trx.executeQuery(
    CompiledQuery.raw(SETTLE, [
      settled.map(({ id }) => id),
      settled.map(({ withdrawn }) => withdrawn),
      settled.map(({ by }) => by),
    ]),
  )
}
