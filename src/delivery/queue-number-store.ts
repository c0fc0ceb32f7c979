import { CompiledQuery } from 'kysely'
import type { Db, Trx } from '../database/connection.ts'
import type { DispatchState } from '../words/dispatch.ts'
import type { DispatchId } from '../words/ids.ts'

// Whatever is committed and has no number gets the next ones: a commit that comes late is numbered later and never skipped, and
// no notification waits for a counter. Who is being collected at this moment is numbered in the next pass.
const NUMBER = `
  with fresh as (
    select id, recipient_id, release_at from dispatch
    where sequence is null and channel = 'pull_queue' and hold_reason is null and state not in ('planned', 'withdrawn')
    order by recipient_id, id limit $1 for update skip locked),
  head as (
    insert into queue_number (recipient_id, last) select recipient_id, count(*) from fresh group by recipient_id order by recipient_id
    on conflict (recipient_id) do update set last = queue_number.last + excluded.last returning recipient_id, last),
  numbered as (
    select fresh.id, head.last - count(*) over (partition by fresh.recipient_id)
      + row_number() over (partition by fresh.recipient_id order by fresh.release_at, fresh.id) as sequence
    from fresh join head using (recipient_id))
  update dispatch d set sequence = numbered.sequence from numbered where d.id = numbered.id`

/** Gives the next numbers of their queues to dispatches that were released since. @returns how many it numbered */
export async function numberDispatches(db: Db, limit: number): Promise<number> {
  const { numAffectedRows } = await db.executeQuery(CompiledQuery.raw(NUMBER, [limit]))
  return Number(numAffectedRows ?? 0n)
}

/** One number that its agency has not acknowledged, and what became of it. */
export interface QueueGap {
  sequence: number
  id: DispatchId
  state: DispatchState
  /** It was never leased to anybody. */
  collected: boolean
}

/** What an agency holds its own record against. */
export interface QueueStatus {
  last: number
  firstUncollected: { sequence: number; id: DispatchId } | null
  gaps: QueueGap[]
}

const LAST = `select last from queue_number where recipient_id = $1`
const FIRST = `
  select sequence, id from dispatch where recipient_id = $1 and agency = $2 and state = 'released' and sequence is not null and collected_at is null
  order by sequence limit 1`
const GAPS = `
  select sequence, id, state, collected_at is not null or delivered_at is not null as collected from dispatch
  where recipient_id = $1 and agency = $2 and sequence > $3 and acknowledged_at is null and hold_reason is null
  order by sequence limit $4`

/** The last number given, the first that nobody has collected, and those after `after` that are not acknowledged. */
export async function queueStatus(
  trx: Trx,
  queue: { id: string; agency: string },
  after: number,
  limit: number,
): Promise<QueueStatus> {
  const { rows: heads } = await trx.executeQuery<{ last: number }>(CompiledQuery.raw(LAST, [queue.id]))
  const { rows: first } = await trx.executeQuery<{ sequence: number; id: DispatchId }>(
    CompiledQuery.raw(FIRST, [queue.id, queue.agency]),
  )
  const { rows: gaps } = await trx.executeQuery<QueueGap>(CompiledQuery.raw(GAPS, [queue.id, queue.agency, after, limit]))
  return { last: heads[0]?.last ?? 0, firstUncollected: first[0] ?? null, gaps }
}
