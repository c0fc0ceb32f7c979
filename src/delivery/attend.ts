import { nextAttention } from '../routing/next-attention.ts'
import { nextRetryAt } from '../routing/retry-schedule.ts'
import type { DueDispatch } from './due-store.ts'
import { stepsDue } from './escalation.ts'
import { HINT_MS } from './store-plans.ts'

type Instant = Temporal.Instant

/** What a look at a due dispatch found. Each becomes an event, a task, or both. */
export type Found =
  | 'released'
  | 'collection lapsed'
  | 'attempt lapsed'
  | 'returned'
  | 'deputy to be asked'
  | 'telephone task due'
  | 'overdue'
  | 'out of reach'
  | 'given up'
  | 'replaced'

/** A dispatch after a look at it. */
export interface Attended {
  before: DueDispatch
  after: DueDispatch & { next_at: Instant | null }
  found: Found[]
  /** It is to be pushed now. */
  push: boolean
}

/**
 * Does everything that is due about one dispatch. Pure: the due loop writes what it says. The order matters: a lease that
 * lapsed frees the dispatch for the push that follows, and the deadline comes last, over whatever state is left.
 */
export function attend(before: DueDispatch, at: Instant): Attended {
  const found: Found[] = []
  const row: DueDispatch = { ...before, hinted_until: null }
  if (row.state === 'planned' && reached(row.release_at, at)) {
    row.state = 'released'
    found.push('released')
  }
  if (reached(row.lease_until, at)) giveBack(row, at, found)
  if (row.state === 'withdrawn') return { before, after: { ...row, escalate_at: null, next_at: null }, found, push: false }
  if (row.channel !== row.recipient_channel && row.lease_until === null) adoptChannel(row, at)
  const pushable =
    row.channel !== 'pull_queue' && row.state === 'released' && row.lease_until === null && reached(row.retry_at, at)
  if (pushable && row.reachable) row.hinted_until = at.add({ milliseconds: HINT_MS })
  else if (pushable) waitForAddress(row, at, found)
  if (row.escalate_at !== null && reached(row.escalate_at, at)) escalate(row, row.escalate_at, at, found)
  if (!row.overdue && reached(row.due_by, at)) {
    row.overdue = true
    found.push('overdue')
  }
  return { before, after: { ...row, next_at: attentionOf(row, at) }, found, push: pushable && row.reachable }
}

/** `nextAttention` of a row. */
export function attentionOf(
  row: Pick<DueDispatch, 'state' | 'release_at' | 'due_by' | 'overdue' | 'retry_at' | 'lease_until' | 'escalate_at'>,
  now: Instant,
): Instant | null {
  return nextAttention({
    state: row.state,
    releaseAt: row.release_at,
    dueBy: row.due_by,
    overdue: row.overdue,
    nextRetryAt: row.retry_at,
    leaseUntil: row.lease_until,
    escalateAt: row.escalate_at,
    now,
  })
}

function giveBack(row: DueDispatch, at: Instant, found: Found[]): void {
  row.lease_until = null
  if (row.state === 'collected') {
    row.state = row.replaced_by === null ? 'released' : 'withdrawn'
    found.push(row.replaced_by === null ? 'collection lapsed' : 'replaced')
  } else if (row.state === 'released') {
    // Whoever held it may still answer. The fence makes that answer late.
    const first = row.fence <= row.attempts
    row.fence += 1
    found.push('attempt lapsed')
    if (row.channel !== 'pull_queue') tryAgain(row, at, found, first)
    else row.retry_at = null
  }
}

/**
 * The first lapse is due at once, for the child is owed that: a process died. One that lapses again and again kills or outlasts
 * whoever sends it, and waits as any failed attempt does. A claim and a lapse each raise the fence, an attempt its own count:
 * what the fence is ahead is how often it lapsed.
 */
function tryAgain(row: DueDispatch, at: Instant, found: Found[], first: boolean): void {
  const { attempts, due_by: dueBy, release_at: releaseAt } = row
  const next = nextRetryAt({ attempts, failedAt: at, dueBy, releaseAt, retryAfterSeconds: null, jitter: 0.5 })
  row.retry_at = next !== null && first ? at : next
  if (next !== null) return
  row.state = 'given_up'
  found.push('given up')
}

/** The steps before the deadline. What was given back in between asks no deputy: its own people sent it. */
function escalate(row: DueDispatch, standsAt: Instant, at: Instant, found: Found[]): void {
  if (row.state === 'held' && row.return_reason !== null) {
    row.escalate_at = null
    found.push('returned')
    return
  }
  const { service, release_at: releaseAt, due_by: dueBy } = row
  const { due, nextAt } = stepsDue({ service, releaseAt, dueBy }, standsAt, at)
  row.escalate_at = nextAt
  if (due.includes('second contact') && row.state !== 'held') found.push('deputy to be asked')
  if (due.includes('telephone task')) found.push('telephone task due')
}

/** The directory has given the recipient another channel: what it has not had yet goes by that one. */
function adoptChannel(row: DueDispatch, at: Instant): void {
  row.channel = row.recipient_channel
  const unsent = row.state === 'planned' || row.state === 'released'
  row.retry_at = row.channel !== 'pull_queue' && unsent ? at : null
}

/** A disabled address is looked at again as often as one that fails: once the directory has mended it, what waits goes out. */
function waitForAddress(row: DueDispatch, at: Instant, found: Found[]): void {
  const { attempts, due_by: dueBy, release_at: releaseAt } = row
  row.retry_at = nextRetryAt({ attempts, failedAt: at, dueBy, releaseAt, retryAfterSeconds: RECHECK_SECONDS, jitter: 0.5 })
  if (row.retry_at === null) row.state = 'given_up'
  found.push(row.retry_at === null ? 'given up' : 'out of reach')
}

const RECHECK_SECONDS = 900

const reached = (moment: Instant | null, at: Instant) => moment !== null && Temporal.Instant.compare(moment, at) <= 0
