import type { Database } from '../database/connection.ts'
import { inBatches } from '../delivery/in-batches.ts'
import { type Accepted, accept } from './accept-store.ts'

/** Notifications in one commit, and commits under way at one time. */
const TOGETHER = { most: 32, together: 2 }

/**
 * Stores notifications that arrive at the same moment in one statement and one commit: a busy door is bounded by how often
 * it waits for the disk and wakes Postgres, a quiet one waits for nobody. Each is still answered after its own commit.
 * @returns for each, false when it was there already
 */
export function acceptTogether(intake: Database): (one: Accepted) => Promise<boolean> {
  const store = inBatches(async (batch: Accepted[]) => {
    const [whole] = await Promise.allSettled([accept(intake, batch)])
    if (batch.length === 1) return [whole]
    if (whole.status === 'fulfilled' && whole.value) return batch.map(() => whole)
    // One of them was there already or cannot be stored, and nothing of the batch stands: each goes again alone, all at once.
    return Promise.allSettled(batch.map((one) => accept(intake, [one])))
  }, TOGETHER)
  return async (one) => {
    const stored = await store(one)
    if (stored.status === 'rejected') throw stored.reason
    return stored.value
  }
}
