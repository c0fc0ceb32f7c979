import { CompiledQuery } from 'kysely'
import type { ChainedEvent, ChainHead } from '../audit/chain.ts'
import type { Trx } from '../database/connection.ts'
import type { DispatchKind } from '../words/dispatch.ts'
import type { DispatchId, LeaseToken, NotificationId } from '../words/ids.ts'
import type { Service } from '../words/recipient.ts'

type Instant = Temporal.Instant

/** A dispatch that was just leased. Times are Postgres's text, and `about` is JSON already: they are only handed on. */
export interface CollectedDispatch {
  id: DispatchId
  notification_id: NotificationId
  service: Service
  kind: DispatchKind
  about: string
  asks: string | null
  restricted: boolean
  victim_risk: string
  overdue: boolean
  late_on_arrival: boolean
  release_at: string
  due_by: string
  collected_at: string
  delivered_at: string | null
  /** Null in the moments before it is numbered. */
  sequence: number | null
  content: Buffer | null
  wrapped: Buffer
  wrapped_by: string
  /** The head of the stream its events are chained to, locked. */
  head_seq: number | null
  head_hash: Buffer | null
  /** `collected` where an earlier lease had ended. */
  before: 'released' | 'collected'
  leased_until: string | null
  /** Not null: what it says could not be opened before either. */
  set_aside_until: string | null
  lease_token: LeaseToken
}

const COLLECT = `
  select id, notification_id, service, kind, about, asks, restricted, victim_risk, overdue, late_on_arrival, release_at, due_by, collected_at,
    delivered_at, sequence, content, wrapped, wrapped_by, head_seq, head_hash, before, leased_until, set_aside_until, lease_token
  from collect_dispatches($1, $2, $3, $4)`

/** Leases the next dispatches of a queue to one caller, one token each, most urgent first; none where the queue is not the agency's. */
export async function collectDispatches(
  trx: Trx,
  queueId: string,
  tokens: readonly LeaseToken[],
  lease: { at: Instant; until: Instant },
): Promise<CollectedDispatch[]> {
  const values = [queueId, tokens, lease.at, lease.until]
  return (await trx.executeQuery<CollectedDispatch>(CompiledQuery.raw(COLLECT, values))).rows
}

const APPEND = `select append_collected($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) as moved`

/**
 * Writes the events of what was collected and moves the heads they end at.
 * @throws where a head has moved since it was locked, which cannot be
 */
export async function appendCollected(
  trx: Trx,
  at: Instant,
  events: readonly ChainedEvent[],
  heads: ReadonlyMap<string, ChainHead>,
): Promise<void> {
  if (events.length === 0) return
  // An entry a line: see the function.
  const lines = (pick: (event: ChainedEvent) => string | number) => events.map(pick).join('\n')
  const ends = [...heads.values()]
  const { rows } = await trx.executeQuery<{ moved: number }>(
    CompiledQuery.raw(APPEND, [
      [...heads.keys()].join('\n'),
      ends.map(({ seq }) => seq).join('\n'),
      ends.map(({ hash }) => hash.toString('hex')).join('\n'),
      lines(({ id }) => id),
      lines(({ stream }) => stream),
      lines(({ seq }) => seq),
      at,
      lines(({ kind }) => kind),
      lines(({ actor }) => actor),
      lines(({ dispatch }) => dispatch ?? ''),
      lines(({ body }) => body),
      lines(({ hash }) => hash.toString('hex')),
    ]),
  )
  if (rows[0]?.moved !== heads.size) throw new Error('A stream has no head, or it moved while it was locked')
}

// As if it had not been collected. The first time it is due at once, and the due loop asks a person; `next_at` is else what
// nextAttention() says of one that waits.
const SET_ASIDE = `
  update dispatch d set state = 'released', lease_token = null, lease_until = null, set_aside_until = $3,
    collected_at = case when d.collected_at = $2 then null else d.collected_at end,
    escalate_at = case when d.set_aside_until is null then $2 else d.escalate_at end,
    next_at = case when d.set_aside_until is null then $2
      else coalesce(least(d.escalate_at, case when d.overdue then null else d.due_by end), $2::timestamptz + interval '24 hours') end
  where d.id = any($1)`

/** Takes back what was collected at `at` and cannot be opened, and gives it out no more until then. */
export async function setAside(trx: Trx, ids: readonly DispatchId[], at: Instant, until: Instant): Promise<void> {
  if (ids.length > 0) await trx.executeQuery(CompiledQuery.raw(SET_ASIDE, [ids, at, until]))
}
