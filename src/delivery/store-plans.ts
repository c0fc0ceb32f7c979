import type { NewEvent } from '../audit/chain.ts'
import type { Trx } from '../database/connection.ts'
import { newId } from '../database/new-id.ts'
import { hmac, seal } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { nextAttention } from '../routing/next-attention.ts'
import { nonCollectionReportAt } from '../routing/non-collection.ts'
import { obligationKey, type RoutingPlan } from '../routing/plan.ts'
import type { Desk, DispatchState, PlannedDispatch } from '../words/dispatch.ts'
import type { DispatchId, NotificationId, RecipientId } from '../words/ids.ts'
import type { Recipient } from '../words/recipient.ts'
import { insertDispatches, type NewDispatch } from './dispatch-store.ts'
import { addressMark } from './email/links.ts'
import { firstStepAt } from './escalation.ts'
import { openPrompts, type PromptToOpen } from './prompt-store.ts'
import { taskEvents } from './task-events.ts'
import { openTasks, type TaskToOpen } from './task-store.ts'
import { openUpkeep } from './upkeep-store.ts'

/** One notification's routing plan, about to be stored. */
export interface StoredPlan {
  notification: { id: NotificationId; force: string; dataKey: Buffer }
  victimRisk: string
  plan: RoutingPlan
  /** Whose desk a task of this notification stands on (contract §1). */
  deskAgency: (desk: Desk) => string
  /** The recipients the plan was made with. */
  recipients: ReadonlyMap<RecipientId, Pick<Recipient, 'agency' | 'channel' | 'name' | 'contacts'>>
}

/** How long a bell that was just rung is given before the due loop rings again. */
export const HINT_MS = 5_000

/**
 * Stores the plans of a batch of notifications, each thing once: a plan stored again after a crash, or a second ruling that
 * adds to it, leaves what stands there alone.
 * @returns the events to append in the same transaction, the dispatches to ring the delivery doorbell for after it, and the id
 * of each that is new by `plannedKey`
 */
export async function storePlans(
  trx: Trx,
  keys: Keys,
  plans: readonly StoredPlan[],
  at: Temporal.Instant,
): Promise<{ events: NewEvent[]; ring: DispatchId[]; made: Map<string, DispatchId> }> {
  const drafts = plans.flatMap((stored) => stored.plan.dispatches.map((planned) => draft(keys, stored, planned, at)))
  const inserted = await insertDispatches(
    trx,
    drafts.map(({ row }) => row),
    at,
  )
  const fresh = drafts.filter(({ row }) => inserted.has(row.id))
  const opened = await openTasks(trx, plans.flatMap(tasksOf), at)
  await openPrompts(trx, fresh.flatMap(allContactsAtOnce), at)
  const upkeep = await openUpkeep(
    trx,
    keys,
    plans.flatMap(({ plan }) => plan.upkeep),
    at,
  )
  const events = [...fresh.map(({ row }) => plannedEvent(row)), ...plans.flatMap(notDispatched), ...taskEvents(opened), ...upkeep]
  const ring = fresh.filter(({ row }) => row.hintedUntil !== null).map(({ row }) => row.id)
  const made = new Map(fresh.map(({ row }) => [`${row.notificationId} ${row.obligation}`, row.id]))
  return { events, ring, made }
}

/** By what a planned dispatch is known once it stands in the store. */
export function plannedKey(notification: NotificationId, planned: PlannedDispatch): string {
  return `${notification} ${obligationKey(planned)}`
}

interface Draft {
  row: NewDispatch
  stored: StoredPlan
  recipient: Pick<Recipient, 'agency' | 'channel' | 'name' | 'contacts'>
}

function draft(keys: Keys, stored: StoredPlan, planned: PlannedDispatch, at: Temporal.Instant): Draft {
  const { notification, victimRisk } = stored
  const recipient = stored.recipients.get(planned.recipientId)
  if (!recipient) throw new Error(`The plan of ${notification.id} names a recipient it was not made with`)
  const id = newId('dsp')
  // The very text that is sealed is what the HMAC covers and what every attempt sends.
  const content = JSON.stringify(planned.content)
  const released = Temporal.Instant.compare(planned.releaseAt, at) <= 0
  const goesOut = released ? 'released' : 'planned'
  const state = planned.hold === null ? goesOut : 'held'
  const pushed = recipient.channel.kind !== 'pull_queue' && state !== 'held'
  // A deadline that had passed on arrival has its telephone task in the plan itself.
  const escalateAt = planned.lateOnArrival ? null : firstStepAt(planned, state === 'held')
  const attention = { ...planned, state, overdue: false, leaseUntil: null, escalateAt, now: at } as const
  const row: NewDispatch = {
    ...planned,
    id,
    notificationId: notification.id,
    force: notification.force,
    agency: recipient.agency,
    channel: recipient.channel.kind,
    victimRisk,
    obligation: obligationKey(planned),
    state,
    escalateAt,
    reportAt:
      recipient.channel.kind === 'pull_queue' && state !== 'held' ? nonCollectionReportAt({ ...planned, victimRisk }) : null,
    // A moment that has passed already, a deadline that was late on arrival, asks for a look now.
    nextAt: later(nextAttention({ ...attention, nextRetryAt: pushed ? planned.releaseAt : null }) ?? planned.dueBy, at),
    holdReason: planned.hold,
    hintedUntil: released && pushed ? at.add({ milliseconds: HINT_MS }) : null,
    clearContacts: clearOf(keys, planned, recipient),
    content: seal(notification.dataKey, `dispatch.content|${id}`, content),
    contentHmac: hmac(keys.service.content, content),
  }
  return { row, stored, recipient }
}

/** Whom it may be written to about: its contacts now, but for who must not hear of it. Whoever is named later was judged by nobody. */
export function clearOf(
  keys: Keys,
  { keepTo }: Pick<PlannedDispatch, 'keepTo'>,
  { contacts }: Pick<Recipient, 'contacts'>,
): Buffer[] {
  return (keepTo ?? contacts).flatMap(({ email }) => (email === undefined ? [] : [addressMark(keys.service.link, email)]))
}

/** A school whose deadline had passed when we were told: nobody waits for the key adult before the deputy is asked. */
function allContactsAtOnce({ row }: Draft): PromptToOpen[] {
  if (!row.lateOnArrival || row.service !== 'education_setting' || row.state === 'held') return []
  const asked = { recipientId: row.recipientId, dispatchId: row.id, urgency: 'now' } as const
  return [
    { ...asked, key: `${row.id}|key_adult`, why: 'alert waiting', role: 'key_adult' },
    { ...asked, key: `${row.id}|deputy`, why: 'deputy asked', role: 'deputy' },
  ]
}

const firstEvents: Partial<Record<DispatchState, string>> = { released: 'dispatch released', held: 'dispatch held' }

function plannedEvent(row: NewDispatch): NewEvent {
  const { notificationId, id, recipientId, service, kind, about, rules, dueBy, releaseAt, lateOnArrival, restricted } = row
  return {
    stream: notificationId,
    kind: firstEvents[row.state] ?? 'dispatch planned',
    actor: 'system',
    dispatch: id,
    detail: {
      recipient: recipientId,
      service,
      kind,
      about: [...about],
      rules: [...rules],
      releaseAt: releaseAt.toString(),
      dueBy: dueBy.toString(),
      ...(lateOnArrival ? { lateOnArrival } : {}),
      ...(restricted ? { restricted } : {}),
      ...(row.concerns ? { concerns: row.concerns } : {}),
      ...(row.holdReason === null ? {} : { reason: row.holdReason }),
      contentHmac: row.contentHmac.toString('base64url'),
    },
  }
}

function notDispatched({ notification, plan }: StoredPlan): NewEvent[] {
  return plan.notDispatched.map(({ service, about, rule, reason }) => ({
    stream: notification.id,
    kind: 'not dispatched',
    actor: 'system',
    detail: { service, about, rule, reason },
  }))
}

function tasksOf({ notification, victimRisk, plan, deskAgency }: StoredPlan): TaskToOpen[] {
  return plan.tasks.map(({ desk, questions, dueBy }) => ({
    notification,
    desk,
    agency: deskAgency(desk),
    victimRisk,
    questions,
    dueBy,
  }))
}

const later = (one: Temporal.Instant, other: Temporal.Instant) => (Temporal.Instant.compare(one, other) > 0 ? one : other)
