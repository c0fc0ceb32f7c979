import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '../../database/connection.ts'
import { newId } from '../../database/new-id.ts'
import { open, openDataKey } from '../../database/sealing.ts'
import type { Keys } from '../../database/service-keys.ts'
import type { Clock } from '../../words/clock.ts'
import type { DispatchId } from '../../words/ids.ts'
import { inBatches } from '../in-batches.ts'
import { judge } from './judge.ts'
import { bodyOf, headersOf } from './message.ts'
import { openSender, TIMEOUT_MS } from './send.ts'
import { openSlots, watchSends } from './sends-under-way.ts'
import { type Ended, settleAttempts } from './settle-attempts.ts'
import { rememberSigners } from './signing-secrets.ts'
import { type Claimed, claimWebhooks, renewLeases } from './webhook-store.ts'

export interface WebhookDelivery {
  /** Sends one dispatch if it is due and nobody else's. Told twice, or for nothing, it does nothing. */
  deliver: (id: string) => Promise<void>
  /** Waits for what is under way. */
  close: () => Promise<void>
}

export interface WebhookOptions {
  database: Database
  keys: Keys
  now: Clock
  /** Real time in seconds since 1970, for `webhook-timestamp` alone. */
  wallSeconds: () => number
  /** From 0 up to 1. */
  jitter: () => number
  /** `host:port` of DAYMARK_WEBHOOK_ALLOW. */
  allow: ReadonlySet<string>
  /** A lease that could not be renewed, or an outcome that could not be written. Both mend themselves. */
  faulted: (fault: unknown) => void
  /** 15 s unless a test says otherwise. */
  timeoutMs?: number
}

const LEASE_MS = 5_000
const RENEW_EVERY_MS = 1_500
/** Sends under way at one time in a process. A school that hangs holds one for 15 s. */
const SENDS_MAX = 128
const CLAIMS = { most: 50, together: 2 }
const COMPLETIONS = { most: 50, together: 2 }
/** Tries at writing an outcome. After them the lease ends, and the school hears twice rather than never. */
const WRITE_TRIES = 3
const WRITE_PAUSE_MS = 250

/** Starts sending webhooks. What is to be sent comes from the doorbell and the due loop; this alone claims and sends. */
export function openWebhookDelivery(options: WebhookOptions): WebhookDelivery {
  const { database, keys, now, wallSeconds, faulted } = options
  const token = newId('lse')
  const held = new Map<DispatchId, number>()
  const sender = openSender(options.allow, options.timeoutMs ?? TIMEOUT_MS)
  const signersFor = rememberSigners(database, keys.ring)
  const slots = openSlots(SENDS_MAX)
  const underWay = watchSends()

  const claim = inBatches(async (ids: string[]) => {
    const at = now()
    const asked = [...new Set(ids)].map((id) => ({ id, attemptId: newId('att') }))
    const claimed = await claimWebhooks(database, asked, {
      token,
      at,
      until: at.add({ milliseconds: LEASE_MS }),
      notTo: underWay.slowRecipients(at),
    })
    for (const one of claimed) held.set(one.id, one.fence)
    const signers = await signersFor(claimed)
    const byId = new Map(claimed.map((one) => [String(one.id), { claimed: one, signers: signers.get(one.recipient_id) ?? [] }]))
    return ids.map((id) => {
      const mine = byId.get(id) ?? null
      // Asked for twice in one batch: the first asker sends it.
      byId.delete(id)
      return mine
    })
  }, CLAIMS)

  const settle = inBatches(
    (ended: Ended[]) => settleAttempts(database.kysely, ended, { token, at: now(), jitter: options.jitter }),
    COMPLETIONS,
  )

  async function settleSurely(ended: Ended): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return void (await settle(ended))
      } catch (fault) {
        faulted(fault)
        if (tries === WRITE_TRIES) return
        await pause(WRITE_PAUSE_MS)
      }
    }
  }

  async function deliver(id: string): Promise<void> {
    const mine = await claim(id)
    if (!mine) return
    const { claimed, signers } = mine
    const ended = underWay.began(claimed.recipient_id, now())
    try {
      const { body, dataKey } = openBody(keys, claimed)
      const sent = await sender.post(claimed.url, headersOf(claimed.id, body, signers, wallSeconds()), body)
      await settleSurely({ claimed, judged: judge(sent, wallSeconds()), dataKey })
    } finally {
      ended()
      held.delete(claimed.id)
    }
  }

  const renewing = setInterval(() => {
    renewLeases(database, held, { token, until: now().add({ milliseconds: LEASE_MS }) }).catch(faulted)
  }, RENEW_EVERY_MS)

  return {
    deliver: (id) => slots.run(() => deliver(id)),
    close: async () => {
      await slots.empty()
      clearInterval(renewing)
      sender.close()
    },
  }
}

function openBody(keys: Keys, claimed: Claimed): { body: string; dataKey: Buffer } {
  const { wrapped, wrapped_by: wrappedBy } = claimed
  const dataKey = openDataKey(keys.ring, claimed.notification_id, { wrapped, wrappedBy })
  return { body: bodyOf(claimed, open(dataKey, `dispatch.content|${claimed.id}`, claimed.content).toString('utf8')), dataKey }
}
