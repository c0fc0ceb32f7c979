import type { Webhook } from 'standardwebhooks'
import type { Database } from '../../database/connection.ts'
import { newId } from '../../database/new-id.ts'
import type { KeyRing } from '../../database/sealing.ts'
import type { Clock } from '../../words/clock.ts'
import type { DispatchId, LeaseToken } from '../../words/ids.ts'
import { inBatches } from '../in-batches.ts'
import { rememberSigners } from './signing-secrets.ts'
import { type Claimed, claimWebhooks, renewLeases } from './webhook-store.ts'

/** A dispatch this process may send now, and who signs it: one a live secret. */
export interface Claim {
  claimed: Claimed
  signers: readonly Webhook[]
}

/** The leases of one process. */
export interface Claims {
  /** By which this process's leases are known. */
  token: LeaseToken
  /** Null: it is not due, or somebody else's. */
  claim: (id: string) => Promise<Claim | null>
  /** Stops renewing a lease: its attempt has ended. */
  letGo: (claimed: Claimed) => void
  close: () => void
}

const LEASE_MS = 5_000
const RENEW_EVERY_MS = 1_500
const BATCHES = { most: 50, together: 2 }

/** Claims dispatches, many in one statement, and renews every lease the process holds in one more. */
export function openClaims(options: {
  database: Database
  ring: KeyRing
  now: Clock
  /** Recipients that are too slow to be given more. */
  slowRecipients: (at: Temporal.Instant) => string[]
  faulted: (fault: unknown) => void
}): Claims {
  const { database, now, faulted } = options
  const token = newId('lse')
  const held = new Map<DispatchId, number>()
  const signersFor = rememberSigners(database, options.ring)
  const lease = (at: Temporal.Instant) => ({ token, at, until: at.add({ milliseconds: LEASE_MS }) })

  async function claimAll(ids: string[]): Promise<(Claim | null)[]> {
    const at = now()
    const asked = [...new Set(ids)].map((id) => ({ id, attemptId: newId('att') }))
    const claimed = await claimWebhooks(database, asked, { ...lease(at), notTo: options.slowRecipients(at) })
    const signers = await signersFor(claimed)
    // Only now: a lease is renewed from here until `letGo`, and if we fail before, it ends by itself.
    for (const one of claimed) held.set(one.id, one.fence)
    const byId = new Map(claimed.map((one) => [String(one.id), { claimed: one, signers: signers.get(one.recipient_id) ?? [] }]))
    return ids.map((id) => {
      const mine = byId.get(id) ?? null
      // Asked for twice in one batch: the first asker sends it.
      byId.delete(id)
      return mine
    })
  }

  const renewing = setInterval(() => {
    renewLeases(database, held, lease(now())).catch(faulted)
  }, RENEW_EVERY_MS)

  return {
    token,
    claim: inBatches(claimAll, BATCHES),
    letGo: ({ id, fence }) => {
      // The same dispatch may have been claimed again since: that lease is not ours to let go.
      if (held.get(id) === fence) held.delete(id)
    },
    close: () => clearInterval(renewing),
  }
}
