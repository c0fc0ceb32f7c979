import { CompiledQuery } from 'kysely'
import type { Trx } from '../database/connection.ts'
import type { DispatchId } from '../words/ids.ts'

export type AttemptOutcome = 'delivered' | 'refused' | 'failed' | 'timed_out' | 'blocked' | 'unknown'

/** How an attempt ended. `detail` is a word for engineers and never what the recipient answered. */
export interface AttemptEnd {
  id: string
  outcome: AttemptOutcome
  status: number | null
  detail: string | null
}

const UNKNOWN = `
  update attempt a set outcome = 'unknown', ended_at = $3, detail = 'the lease ended without an outcome'
  from unnest($1::text[], $2::int[]) as lapsed (dispatch_id, fence)
  where a.dispatch_id = lapsed.dispatch_id and a.fence = lapsed.fence and a.outcome is null`

/** Attempts whose lease ended without a word: they may or may not have arrived. */
export async function markUnknown(
  trx: Trx,
  lapsed: readonly { id: DispatchId; fence: number }[],
  at: Temporal.Instant,
): Promise<void> {
  if (lapsed.length === 0) return
  await trx.executeQuery(CompiledQuery.raw(UNKNOWN, [lapsed.map(({ id }) => id), lapsed.map(({ fence }) => fence), at]))
}

// A late outcome replaces "unknown": it is the truth, though nothing acts on it any more.
const END = `
  update attempt a set outcome = e.outcome, status = e.status, detail = e.detail, ended_at = $5
  from unnest($1::text[], $2::text[], $3::int[], $4::text[]) as e (id, outcome, status, detail)
  where a.id = e.id and (a.outcome is null or a.outcome = 'unknown')`

/** Writes how attempts ended. */
export async function endAttempts(trx: Trx, ends: readonly AttemptEnd[], at: Temporal.Instant): Promise<void> {
  await trx.executeQuery(
    CompiledQuery.raw(END, [
      ends.map(({ id }) => id),
      ends.map(({ outcome }) => outcome),
      ends.map(({ status }) => status),
      ends.map(({ detail }) => detail),
      at,
    ]),
  )
}
