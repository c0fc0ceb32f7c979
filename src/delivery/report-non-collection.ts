import { appendAuditEvents } from '../audit/append-audit-events.ts'
import type { NewEvent } from '../audit/chain.ts'
import { inTransaction } from '../database/again.ts'
import type { Trx } from '../database/connection.ts'
import type { DispatchId } from '../words/ids.ts'
import { dataKeysOf } from './due-store.ts'
import {
  lockReportDue,
  lockReportsDue,
  putOffReport,
  type ReportDue,
  reportDueIds,
  saveReported,
} from './non-collection-store.ts'
import { openPrompts, type PromptToOpen } from './prompt-store.ts'
import { FAULTY_AGAIN_MINUTES, pageOrRowByRow } from './row-by-row.ts'
import type { Due, DueRoom } from './settle-due.ts'
import { taskEvents } from './task-events.ts'
import { openTasks, type TaskToOpen } from './task-store.ts'

/** After the first report a dispatch that still lies there is looked at once a day, for the digest. */
const AGAIN_HOURS = 24
/** Nearer than this to its deadline, the duty contact is asked to look now. */
const NOW_WITHIN_HOURS = 24

/**
 * One page of dispatches whose moment has come and that nobody has collected. The first time, each is an event on the force's
 * timeline, a question on its review desk and a prompt to the recipient's duty contact; from then on, once a day, a recipient with
 * any left is prompted once, however many there are. What is under lease is looked at again when the lease ends.
 */
export async function reportNonCollection(room: DueRoom, at: Temporal.Instant, limit: number): Promise<Due> {
  const { db, faulted } = room
  const reported = await pageOrRowByRow({
    whole: async () => (await reportPage(room, at, (trx) => lockReportsDue(trx, at, limit))) === limit,
    ids: () => reportDueIds(db, at, limit),
    // Of one alone there is no more: what is behind this page is due on the next round.
    alone: async (id: DispatchId) => {
      await reportPage(room, at, (trx) => lockReportDue(trx, at, id))
      return false
    },
    putOff: (id) => putOffReport(db, id, at, at.add({ minutes: FAULTY_AGAIN_MINUTES })),
    faulted,
  })
  return { ids: [], unanswered: [], more: reported.includes(true) }
}

/** @returns how many were due */
function reportPage(
  { db, keys, faulted }: DueRoom,
  at: Temporal.Instant,
  lock: (trx: Trx) => Promise<ReportDue[]>,
): Promise<number> {
  return inTransaction(db, async (trx) => {
    const due = await lock(trx)
    const lying = due.filter(liesThere)
    const fresh = lying.filter(({ reported_at }) => reported_at === null)
    await saveReported(
      trx,
      due.map((row) => ({ id: row.id, reportAt: nextReportAt(row, at), reportedAt: liesThere(row) ? at : null })),
    )
    await openPrompts(trx, [...fresh.map((row) => firstPrompt(row, at)), ...digests(lying, at)], at)
    const dataKeys = await dataKeysOf(
      trx,
      keys,
      fresh.map((row) => row.notification_id),
      faulted,
    )
    const opened = await openTasks(
      trx,
      fresh.flatMap((row) => questionOf(row, dataKeys.get(row.notification_id))),
      at,
    )
    await appendAuditEvents(trx, at, [...fresh.map(eventOf), ...taskEvents(opened)])
    return due.length
  })
}

const liesThere = ({ state, channel }: ReportDue) => state === 'released' && channel === 'pull_queue'

function nextReportAt(row: ReportDue, at: Temporal.Instant): Temporal.Instant | null {
  if (liesThere(row)) return at.add({ hours: AGAIN_HOURS })
  if (row.state !== 'collected' && row.state !== 'planned') return null
  const { lease_until: leaseUntil } = row
  // The lease may have ended, and the due loop is about to put it back: a second later it has.
  return leaseUntil !== null && Temporal.Instant.compare(leaseUntil, at) > 0 ? leaseUntil : at.add({ seconds: 1 })
}

function firstPrompt({ id, recipient_id: recipientId, due_by: dueBy }: ReportDue, at: Temporal.Instant): PromptToOpen {
  const soon = Temporal.Instant.compare(dueBy, at.add({ hours: NOW_WITHIN_HOURS })) <= 0
  const urgency = soon ? 'now' : 'today'
  return { key: `${id}|not collected`, why: 'not collected', recipientId, role: 'duty', dispatchId: id, urgency }
}

/** One a recipient and day, for what was reported on a day before. */
function digests(lying: readonly ReportDue[], at: Temporal.Instant): PromptToOpen[] {
  const day = at.toZonedDateTimeISO('Europe/London').toPlainDate()
  const again = lying.filter(({ reported_at }) => reported_at !== null)
  return [...new Set(again.map(({ recipient_id }) => recipient_id))].map((recipientId) => ({
    key: `${recipientId}|not collected|${day}`,
    why: 'not collected',
    recipientId,
    role: 'duty',
    urgency: 'today',
  }))
}

/** Nobody can ask about a notification whose key is gone: it is erased. */
function questionOf(row: ReportDue, dataKey: Buffer | undefined): TaskToOpen[] {
  if (!dataKey) return []
  const { recipient_name: recipient, id, about, rules } = row
  const question = row.collected
    ? `${recipient} collected ${id} and did not acknowledge it, and it waits again. Find out whether they have it.`
    : `${recipient} has not collected ${id}. Its duty contact has been asked to look; find out whether somebody does.`
  return [
    {
      notification: { id: row.notification_id, dataKey },
      desk: 'domestic_abuse_review',
      agency: row.force,
      victimRisk: row.victim_risk,
      questions: [{ question, about, rules }],
      dueBy: row.due_by,
    },
  ]
}

function eventOf(row: ReportDue): NewEvent {
  const { notification_id: stream, id: dispatch, recipient_id: recipient, due_by: dueBy, collected } = row
  const detail = { recipient, dueBy: dueBy.toString(), ...(collected ? { collectedBefore: true } : {}) }
  return { stream, kind: 'dispatch not collected', actor: 'system', dispatch, detail }
}
