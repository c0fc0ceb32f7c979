import { nextRetryAt } from '../../routing/retry-schedule.ts'
import type { AttemptOutcome } from '../attempt-store.ts'
import type { Sent } from './send.ts'

/** What an attempt comes to. */
export interface Judged {
  outcome: AttemptOutcome
  status: number | null
  detail: string | null
  /** What a person must mend; null while time alone may. */
  mend: 'the address is gone' | 'the address refuses' | 'the address may not be called' | 'e-mail is not set up here' | null
  /** 410: nothing is sent to that address until the directory has written it again. */
  disable: boolean
  retryAfterSeconds: number | null
}

const GONE = 410
/** A 4xx does not mend itself by trying again, except these. */
const TRANSIENT = [408, 425, 429]
/** Those who may say when to come back. */
const BUSY = [429, 503]

/** Judges one attempt. Pure but for `wallSeconds`, which a Retry-After date is compared with. */
export function judge(sent: Sent, wallSeconds: number): Judged {
  const rest = { status: null, detail: null, mend: null, disable: false, retryAfterSeconds: null }
  if (sent.kind === 'timed out') return { ...rest, outcome: 'timed_out' }
  if (sent.kind === 'failed') return { ...rest, outcome: 'failed', detail: sent.why }
  if (sent.kind === 'blocked') return { ...rest, outcome: 'blocked', detail: sent.why, mend: 'the address may not be called' }
  const { status } = sent
  if (status >= 200 && status < 300) return { ...rest, outcome: 'delivered', status }
  if (status === GONE) return { ...rest, outcome: 'refused', status, mend: 'the address is gone', disable: true }
  const retryAfterSeconds = BUSY.includes(status) ? secondsOf(sent.retryAfter, wallSeconds) : null
  if (status >= 400 && status < 500 && !TRANSIENT.includes(status))
    return { ...rest, outcome: 'refused', status, mend: 'the address refuses' }
  const detail = status >= 300 && status < 400 ? 'a redirect is not followed' : null
  return { ...rest, outcome: 'failed', status, detail, retryAfterSeconds }
}

/** `Retry-After` in seconds, from either of its two forms; null where it says nothing we can read. */
function secondsOf(header: string | null, wallSeconds: number): number | null {
  if (header === null) return null
  if (/^\d{1,9}$/.test(header.trim())) return Number(header)
  const dateMs = Date.parse(header)
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs / 1000 - wallSeconds)
}

/** When to try again, and null for never: 75 hours after the deadline nothing more is sent. */
export function retryAfter(
  judged: Judged,
  dispatch: { attempts: number; due_by: Temporal.Instant; release_at: Temporal.Instant },
  failedAt: Temporal.Instant,
  jitter: number,
): Temporal.Instant | null {
  const { attempts, due_by: dueBy, release_at: releaseAt } = dispatch
  return nextRetryAt({ attempts, failedAt, dueBy, releaseAt, retryAfterSeconds: judged.retryAfterSeconds, jitter })
}
