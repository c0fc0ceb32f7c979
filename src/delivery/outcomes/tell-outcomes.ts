import { Webhook } from 'standardwebhooks'
import { appendAuditEvents } from '../../audit/append-audit-events.ts'
import type { NewEvent } from '../../audit/chain.ts'
import { inTransaction } from '../../database/again.ts'
import type { Database, Trx } from '../../database/connection.ts'
import { newId } from '../../database/new-id.ts'
import type { KeyRing } from '../../database/sealing.ts'
import { nextRetryAt } from '../../routing/retry-schedule.ts'
import type { Clock } from '../../words/clock.ts'
import type { DueSource } from '../due-loop.ts'
import { dataKeysOf } from '../due-store.ts'
import { taskEvents } from '../task-events.ts'
import { openTasks } from '../task-store.ts'
import { judge } from '../webhook/judge.ts'
import { cloudEvent, headersOf } from '../webhook/message.ts'
import { openSender, type Sender, type Sent, TIMEOUT_MS } from '../webhook/send.ts'
import { openSlots } from '../webhook/sends-under-way.ts'
import { type ClaimedNotice, claimNotice, dueNotices, endNotice, type NoticeEnd } from './outcome-notice-store.ts'
import { openSecrets } from './outcome-webhook-store.ts'

export const OUTCOME_EVENT_TYPE = 'uk.daymark.outcome.recorded.v1'
const SOURCE = 'urn:daymark:outcomes'

/** Longer than any call lasts, so that it need not be renewed; a process that dies is followed by another after it. */
const LEASE_SECONDS = 30
/** A force that cannot be reached is tried as a school is: a day, and 75 hours after it. */
const WITHIN_HOURS = 24
const SENDS_MAX = 16
/** No procedure says how soon a force must know what came of it; a day is assumed. */
const READ_WITHIN_HOURS = 24

export interface OutcomeRoom {
  database: Database
  ring: KeyRing
  now: Clock
  /** Real time in seconds since 1970, for `webhook-timestamp` alone. */
  wallSeconds: () => number
  /** From 0 up to 1. */
  jitter: () => number
  /** `host:port` of DAYMARK_WEBHOOK_ALLOW. */
  allow: ReadonlySet<string>
  faulted: (fault: unknown) => void
  /** 15 s unless a test says otherwise. */
  timeoutMs?: number
}

/** Tells forces that listen of outcomes, with what a school's alert is given too: an attempt row before each call, retries, and its end recorded. */
export function openOutcomes(room: OutcomeRoom): {
  source: DueSource
  tell: (id: string) => Promise<void>
  close: () => Promise<void>
} {
  const sender = openSender(room.allow, room.timeoutMs ?? TIMEOUT_MS)
  const slots = openSlots(SENDS_MAX)
  const tell = (id: string) => slots.run(() => tellOne(room, sender, id))
  const source: DueSource = {
    name: 'outcomes',
    hintDue: async (at, limit) => {
      const ids = await dueNotices(room.database, at, Math.min(limit, SENDS_MAX))
      // Done here, and not handed out: a notice is its own lease, and whoever finds it sends it.
      for (const done of await Promise.allSettled(ids.map(tell))) if (done.status === 'rejected') room.faulted(done.reason)
      return { ids: [], unanswered: [], more: false }
    },
    bell: null,
    direct: async () => {},
    forgetHints: async () => {},
  }
  return {
    source,
    tell,
    close: async () => {
      await slots.empty()
      sender.close()
    },
  }
}

async function tellOne(room: OutcomeRoom, sender: Sender, id: string): Promise<void> {
  const { database, now } = room
  const at = now()
  const token = newId('lse')
  const lease = { token, attemptId: newId('att'), at, until: at.add({ seconds: LEASE_SECONDS }) }
  const claimed = await claimNotice(database, id, lease)
  if (!claimed) return
  const judged = judge(await send(room, sender, claimed), room.wallSeconds())
  const endedAt = now().round('millisecond')
  const end: NoticeEnd = { ...judged, retryAt: judged.outcome === 'delivered' ? null : retryAt(room, claimed, judged, endedAt) }
  await inTransaction(database.kysely, async (trx) => {
    if (!(await endNotice(trx, claimed, end, { token, at: endedAt }))) return
    const gone = end.disable || (end.outcome !== 'delivered' && end.retryAt === null)
    const asked = gone ? await askForce(room, trx, claimed, endedAt) : []
    await appendAuditEvents(trx, endedAt, [eventOf(claimed, end), ...asked])
  })
}

/** Its address is gone, or was silent for days: what it would have heard there, a person at the force must read instead. */
async function askForce(room: OutcomeRoom, trx: Trx, claimed: ClaimedNotice, at: Temporal.Instant): Promise<NewEvent[]> {
  const { notification_id: id, agency, victim_risk: victimRisk } = claimed
  const dataKey = (await dataKeysOf(trx, room, [id], room.faulted)).get(id)
  if (dataKey === undefined) return []
  const question =
    'What came of this could not be sent to your address for outcomes. Read it with the notification, and mend the address.'
  const questions = [{ question, about: [], rules: [] }]
  const dueBy = at.add({ hours: READ_WITHIN_HOURS })
  const notification = { id, dataKey }
  return taskEvents(
    await openTasks(trx, [{ notification, desk: 'domestic_abuse_review', agency, victimRisk, questions, dueBy }], at),
  )
}

async function send(room: OutcomeRoom, sender: Sender, claimed: ClaimedNotice): Promise<Sent> {
  const body = bodyOf(claimed)
  try {
    const signers = openSecrets(room.ring, claimed.agency, claimed).map((secret) => new Webhook(secret))
    return await sender.post(claimed.url, headersOf(claimed.id, body, signers, room.wallSeconds()), body)
  } catch (fault) {
    // The row was damaged or a key is absent: nobody could tell an unsigned call from a forged one. The attempt says so.
    room.faulted(fault)
    return { kind: 'failed', why: 'there is no secret to sign with' }
  }
}

/** References and the code: no note, no name, nothing of the child. The same bytes on every attempt. */
function bodyOf(claimed: ClaimedNotice): string {
  const { id, at, notification_id: notification, police_reference: policeReference, version } = claimed
  const { dispatch_id: dispatch, service, code } = claimed
  const time = at.toString({ smallestUnit: 'millisecond' })
  const data = JSON.stringify({ notification, policeReference, version, dispatch, service, code, at: time })
  return cloudEvent({ id, source: SOURCE, type: OUTCOME_EVENT_TYPE, time: at }, data)
}

function retryAt(
  room: OutcomeRoom,
  { attempts, at }: ClaimedNotice,
  { retryAfterSeconds }: { retryAfterSeconds: number | null },
  failedAt: Temporal.Instant,
): Temporal.Instant | null {
  const dueBy = at.add({ hours: WITHIN_HOURS })
  return nextRetryAt({ attempts, failedAt, dueBy, releaseAt: at, retryAfterSeconds, jitter: room.jitter() })
}

function eventOf(claimed: ClaimedNotice, end: NoticeEnd): NewEvent {
  const { agency, attempts: attempt, code } = claimed
  const about = { stream: claimed.notification_id, actor: 'system', dispatch: claimed.dispatch_id }
  const status = end.status === null ? {} : { status: end.status }
  if (end.outcome === 'delivered') return { ...about, kind: 'outcome told', detail: { agency, attempt, code, ...status } }
  const why = end.detail === null ? {} : { why: end.detail }
  const detail = { agency, attempt, code, outcome: end.outcome, ...status, ...why, retryAt: end.retryAt?.toString() ?? null }
  return { ...about, kind: end.retryAt === null ? 'outcome not told' : 'telling outcome failed', detail }
}
