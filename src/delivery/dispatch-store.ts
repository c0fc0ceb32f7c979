import { CompiledQuery } from 'kysely'
import type { Trx } from '../database/connection.ts'
import type { DispatchKind, DispatchState, HoldReason } from '../words/dispatch.ts'
import type { DispatchId, NotificationId } from '../words/ids.ts'
import type { Recipient, Service } from '../words/recipient.ts'

type Instant = Temporal.Instant

/** A dispatch as it is first written. Its content is already sealed: from here on it is frozen. */
export interface NewDispatch {
  id: DispatchId
  notificationId: NotificationId
  force: string
  recipientId: string
  agency: string
  channel: Recipient['channel']['kind']
  service: Service
  kind: DispatchKind
  about: readonly string[]
  rules: readonly string[]
  asks: string | null
  restricted: boolean
  victimRisk: string
  obligation: string
  state: DispatchState
  lateOnArrival: boolean
  holdReason: HoldReason | null
  /** Of a correction or recall: the earlier dispatch it is about. */
  concerns?: DispatchId
  releaseAt: Instant
  dueBy: Instant
  escalateAt: Instant | null
  /** When somebody is told that nobody has collected it; null for what is pushed. */
  reportAt: Instant | null
  nextAt: Instant
  hintedUntil: Instant | null
  /** HMACs of the addresses that may be written to about it. */
  clearContacts: readonly Buffer[]
  content: Buffer
  contentHmac: Buffer
}

const INSERT = `
  insert into dispatch (id, notification_id, force, recipient_id, agency, channel, service, kind, about, rules, asks, restricted,
    victim_risk, obligation, state, late_on_arrival, release_at, due_by, escalate_at, next_at, hinted_until, content, content_hmac, hold_reason,
    concerns, clear_contacts, report_at, planned_at, retry_at)
  select id, notification_id, force, recipient_id, agency, channel, service, kind, about::text[], rules::text[], asks, restricted,
    victim_risk, obligation, state, late_on_arrival, release_at, due_by, escalate_at, next_at, hinted_until, content, content_hmac, hold_reason,
    concerns, clear_contacts::bytea[], report_at, $28, case when channel <> 'pull_queue' and state <> 'held' then release_at end
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::text[], $12::boolean[], $13::text[], $14::text[], $15::text[], $16::boolean[], $17::timestamptz[], $18::timestamptz[],
    $19::timestamptz[], $20::timestamptz[], $21::timestamptz[], $22::bytea[], $23::bytea[], $24::text[], $25::text[], $26::text[], $27::timestamptz[])
    as planned (id, notification_id, force, recipient_id, agency, channel, service, kind, about, rules, asks, restricted, victim_risk,
      obligation, state, late_on_arrival, release_at, due_by, escalate_at, next_at, hinted_until, content, content_hmac, hold_reason, concerns, clear_contacts, report_at)
  on conflict (notification_id, obligation) do nothing
  returning id`

/**
 * Writes planned dispatches, all in one statement. What is owed already stands in the store once is left as it is.
 * @returns the ids that are new
 */
export async function insertDispatches(trx: Trx, rows: readonly NewDispatch[], at: Instant): Promise<Set<DispatchId>> {
  if (rows.length === 0) return new Set()
  const column = <T>(pick: (row: NewDispatch) => T) => rows.map(pick)
  const { rows: inserted } = await trx.executeQuery<{ id: DispatchId }>(
    CompiledQuery.raw(INSERT, [
      column((row) => row.id),
      column((row) => row.notificationId),
      column((row) => row.force),
      column((row) => row.recipientId),
      column((row) => row.agency),
      column((row) => row.channel),
      column((row) => row.service),
      column((row) => row.kind),
      column((row) => arrayText(row.about)),
      column((row) => arrayText(row.rules)),
      column((row) => row.asks),
      column((row) => row.restricted),
      column((row) => row.victimRisk),
      column((row) => row.obligation),
      column((row) => row.state),
      column((row) => row.lateOnArrival),
      column((row) => row.releaseAt),
      column((row) => row.dueBy),
      column((row) => row.escalateAt),
      column((row) => row.nextAt),
      column((row) => row.hintedUntil),
      column((row) => row.content),
      column((row) => row.contentHmac),
      column((row) => row.holdReason),
      column((row) => row.concerns ?? null),
      column((row) => arrayText(row.clearContacts.map((mark) => `\\x${mark.toString('hex')}`))),
      column((row) => row.reportAt),
      at,
    ]),
  )
  return new Set(inserted.map(({ id }) => id))
}

/** An array in Postgres's own spelling: `unnest` would flatten an array of arrays. */
export function arrayText(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`
}
