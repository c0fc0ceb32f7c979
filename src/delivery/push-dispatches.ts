import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '../database/connection.ts'
import { open, openDataKey } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import type { Clock } from '../words/clock.ts'
import { mailDispatch } from './email/mail-dispatch.ts'
import type { Mailer } from './email/mailer.ts'
import { inBatches } from './in-batches.ts'
import { type Claim, openClaims } from './webhook/claims.ts'
import { type Judged, judge } from './webhook/judge.ts'
import { bodyOf, headersOf } from './webhook/message.ts'
import { openSender, type Sent, TIMEOUT_MS } from './webhook/send.ts'
import { openSlots, watchSends } from './webhook/sends-under-way.ts'
import { type Ended, settleAttempts } from './webhook/settle-attempts.ts'
import type { Claimed } from './webhook/webhook-store.ts'

/** Dispatches that go out by themselves: to a school's webhook, or as a mail that asks it to look. */
export interface PushDelivery {
  /** Sends one dispatch if it is due and nobody else's. Told twice, or for nothing, it does nothing. */
  deliver: (id: string) => Promise<void>
  /** Waits for what is under way. */
  close: () => Promise<void>
}

export interface PushOptions {
  database: Database
  keys: Keys
  now: Clock
  /** Real time in seconds since 1970, for `webhook-timestamp` alone. */
  wallSeconds: () => number
  /** From 0 up to 1. */
  jitter: () => number
  /** `host:port` of DAYMARK_WEBHOOK_ALLOW. */
  allow: ReadonlySet<string>
  /** Null where no mail server is set: whoever has only a mailbox is rung instead. */
  mailer: Mailer | null
  /** Where links lead. */
  publicUrl: string | null
  /** A lease that could not be renewed, or an outcome that could not be written. Both mend themselves. */
  faulted: (fault: unknown) => void
  /** 15 s unless a test says otherwise. */
  timeoutMs?: number
}

/** Sends under way at one time in a process. A school that hangs holds one for 15 s. */
const SENDS_MAX = 128
const COMPLETIONS = { most: 50, together: 2 }
/** Tries at writing an outcome. After them the lease ends, and the school hears twice rather than never. */
const WRITE_TRIES = 3
const WRITE_PAUSE_MS = 250

/** Starts sending. What is to be sent comes from the doorbell and the due loop; this alone claims and sends. */
export function openPushDelivery(options: PushOptions): PushDelivery {
  const { database, keys, now, wallSeconds, faulted } = options
  const sender = openSender(options.allow, options.timeoutMs ?? TIMEOUT_MS)
  const slots = openSlots(SENDS_MAX)
  const underWay = watchSends()
  const claims = openClaims({ database, ring: keys.ring, now, slowRecipients: underWay.slowRecipients, faulted })
  const settle = inBatches(
    (ended: Ended[]) => settleAttempts(database.kysely, ended, { token: claims.token, at: now(), jitter: options.jitter }),
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

  async function send({ claimed, signers }: Claim, body: string): Promise<Sent> {
    // Nobody could tell an unsigned call from a forged one.
    if (signers.length === 0) return { kind: 'failed', why: 'there is no secret to sign with' }
    return sender.post(claimed.url, headersOf(claimed.id, body, signers, wallSeconds()), body)
  }

  async function attempt(claim: Claim, body: string | null): Promise<Judged> {
    if (body === null) return judge({ kind: 'failed', why: 'its content cannot be opened' }, wallSeconds())
    if (claim.claimed.channel === 'email') return mailDispatch(options, claim.claimed)
    return judge(await send(claim, body), wallSeconds())
  }

  async function deliver(id: string): Promise<void> {
    const claim = await claims.claim(id)
    if (!claim) return
    const { claimed } = claim
    const ended = underWay.began(claimed.recipient_id, now())
    try {
      const opened = openBody(keys, claimed, faulted)
      await settleSurely({ claimed, judged: await attempt(claim, opened?.body ?? null), dataKey: opened?.dataKey ?? null })
    } finally {
      ended()
      claims.letGo(claimed)
    }
  }

  return {
    deliver: (id) => slots.run(() => deliver(id)),
    close: async () => {
      await slots.empty()
      claims.close()
      sender.close()
    },
  }
}

/** @returns null where a key is absent or the row was damaged: nothing is sent then, and the attempt says why */
function openBody(keys: Keys, claimed: Claimed, faulted: (fault: unknown) => void): { body: string; dataKey: Buffer } | null {
  const { wrapped, wrapped_by: wrappedBy } = claimed
  try {
    const dataKey = openDataKey(keys.ring, claimed.notification_id, { wrapped, wrappedBy })
    return { body: bodyOf(claimed, open(dataKey, `dispatch.content|${claimed.id}`, claimed.content).toString('utf8')), dataKey }
  } catch (fault) {
    faulted(fault)
    return null
  }
}
