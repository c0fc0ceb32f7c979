import type { Database } from '../database/connection.ts'

/**
 * How many dispatches could be collected from each queue now, up to `most` each. It asks for whatever agencies the callers are
 * of, and answers with numbers alone.
 */
export async function waitingInQueues(
  database: Database,
  queues: readonly string[],
  at: Temporal.Instant,
  most: number,
): Promise<Map<string, number>> {
  const rows = await database.query<{ queue: string; waiting: number }>(
    'select queue, waiting from waiting_in_queues($1, $2, $3)',
    [queues, at, most],
  )
  return new Map(rows.map(({ queue, waiting }) => [queue, waiting]))
}
