import type { Db, Trx } from './connection.ts'

const TRIES_MAX = 4

/** A deadlock or a failed serialization, which Postgres ends by undoing one of the two. */
const IN_THE_WAY = new Set(['40P01', '40001'])
/** Two first events of one audit stream: the second finds the stream when it tries again. */
const FIRST_EVENT = 'audit_event_stream_seq_key'

/**
 * Runs a whole transaction again when another one stood in its way: nothing of it stands, so once more is the same as
 * once. Anything else is thrown as it came.
 */
export async function againWhenInTheWay<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (fault) {
      if (tries === TRIES_MAX || !isInTheWay(fault)) throw fault
    }
  }
}

/** One transaction of a worker's, run again when another one stood in its way. What it is given must be read inside it. */
export function inTransaction<T>(db: Db, work: (trx: Trx) => Promise<T>): Promise<T> {
  return againWhenInTheWay(() => db.transaction().execute(work))
}

function isInTheWay(fault: unknown): boolean {
  if (!(fault instanceof Error) || !('code' in fault) || typeof fault.code !== 'string') return false
  return IN_THE_WAY.has(fault.code) || ('constraint' in fault && fault.constraint === FIRST_EVENT)
}
