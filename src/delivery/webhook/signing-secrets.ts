import { Webhook } from 'standardwebhooks'
import type { Database } from '../../database/connection.ts'
import type { KeyRing } from '../../database/sealing.ts'
import { openRecipient } from '../../directory/recipient-secrets.ts'
import { type Claimed, type SealedRecipient, sealedRecipients } from './webhook-store.ts'

/** Recipients whose secrets a process remembers; a restart or the limit forgets them all. */
const REMEMBERED_MAX = 5_000

/**
 * The signers of a recipient, one a live secret. They are remembered for as long as the row is the one they were read from:
 * the claim reads when it was last written anyway, so a rotated secret is used from the next attempt on.
 */
export function rememberSigners(
  database: Database,
  ring: KeyRing,
): (claimed: readonly Claimed[]) => Promise<Map<string, Webhook[]>> {
  const remembered = new Map<string, { writtenAt: Temporal.Instant; signers: Webhook[] }>()

  return async (claimed) => {
    const stale = claimed.filter(({ recipient_id, written_at }) => !remembered.get(recipient_id)?.writtenAt.equals(written_at))
    if (stale.length > 0) {
      if (remembered.size > REMEMBERED_MAX) remembered.clear()
      const ids = [...new Set(stale.map(({ recipient_id }) => recipient_id))]
      for (const row of await sealedRecipients(database, ids)) {
        remembered.set(row.id, { writtenAt: row.written_at, signers: signersOf(ring, row) })
      }
    }
    return new Map(claimed.map(({ recipient_id }) => [recipient_id, remembered.get(recipient_id)?.signers ?? []]))
  }
}

/** None where the row cannot be opened or a secret is none: one damaged row must not stop the batch it stands in. */
function signersOf(ring: KeyRing, row: SealedRecipient): Webhook[] {
  try {
    return openRecipient(ring, row.id, row).secrets.map((secret) => new Webhook(secret))
  } catch {
    // The attempt then fails and says so, and goes on failing until the directory has written the recipient again.
    return []
  }
}
