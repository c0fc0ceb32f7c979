import { appendAuditEvents } from '../audit/append-audit-events.ts'
import type { Database, Trx } from '../database/connection.ts'
import { open, openDataKey } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { storePlans } from '../delivery/store-plans.ts'
import { keysOfPeople } from '../history/keys-of-people.ts'
import { findLaterTriaged } from '../history/later-incidents-store.ts'
import type { Packs } from '../policy/edition.ts'
import type { Clock } from '../words/clock.ts'
import type { DispatchId, NotificationId } from '../words/ids.ts'
import type { Notification } from '../words/notification.ts'
import {
  type Decision,
  decide,
  type OpenedNotification,
  supersededEvent,
  toSettled,
  toStoredPlan,
  triagedEvent,
} from './decide.ts'
import { asLookedUp, gatherBackground } from './gather-background.ts'
import { withdrawReplaced } from './replaced-dispatches-store.ts'
import {
  type DueNotification,
  lockDue,
  lockOtherVersions,
  lookAgainWhereDirectoryMoved,
  makeDueAgain,
  type OtherVersion,
  settleTriage,
  supersede,
} from './triage-store.ts'

/** What triage needs. */
export interface TriageRoom {
  worker: Database
  keys: Keys
  packs: Packs
  now: Clock
  /** Rings for webhooks that are due, after the commit. */
  ringDelivery: (ids: readonly DispatchId[]) => void
}

/**
 * Triages a batch in one transaction: lock the rows, gather what is known, judge, plan, store, record. Pure inside,
 * effects at the edge. A row that is no longer due, or that another worker holds, is passed over.
 * @throws when any of the batch cannot be triaged; nothing stands then, and the caller goes on one by one
 */
export async function triageNotifications(room: TriageRoom, ids: readonly string[]): Promise<void> {
  const at = room.now().round('millisecond')
  const ring = await room.worker.kysely.transaction().execute(async (trx) => {
    const due = (await lockDue(trx, ids)).map((row) => openNotification(room.keys, row))
    if (due.length === 0) return []
    const others = await lockOtherVersions(trx, due)
    const { current, outdated, left } = byVersion(due, others)
    const decisions = await decideAll(room, trx, current, at)
    const stored = await storePlans(trx, room.keys, decisions.map(toStoredPlan), at)
    const replaced = await withdrawReplaced(trx, idsOf(left), idsOf(current))
    await settleTriage(trx, at, [...decisions.map((decision) => toSettled(decision, at)), ...outdated.map(superseded)])
    await supersede(trx, idsOf(left))
    await lookAgainWhereDirectoryMoved(trx, idsOf(decisions.filter(waitsForDirectory).map(({ one }) => one)), at)
    await makeDueAgain(trx, await findLaterTriaged(trx, current.filter(({ again }) => !again).map(asLookedUp)), at)
    const events = [...decisions.map(triagedEvent), ...[...left, ...outdated].map(supersededEvent), ...stored.events, ...replaced]
    await appendAuditEvents(trx, at, events)
    return stored.ring
  })
  if (ring.length > 0) room.ringDelivery(ring)
}

function openNotification(keys: Keys, row: DueNotification): OpenedNotification {
  const dataKey = openDataKey(keys.ring, row.id, row.key)
  const notification: Notification = JSON.parse(open(dataKey, `notification.body|${row.id}`, row.body).toString('utf8'))
  return { ...row, dataKey, notification, people: keysOfPeople(keys.service.index.key, notification, row.agency) }
}

async function decideAll(
  room: TriageRoom,
  trx: Trx,
  current: readonly OpenedNotification[],
  at: Temporal.Instant,
): Promise<Decision[]> {
  if (current.length === 0) return []
  const { backgrounds, recipients } = await gatherBackground(trx, room.keys, current, at)
  return current.map((one) => decide({ one, background: backgrounds.get(one.id), recipients, packs: room.packs, at }))
}

/**
 * Of several versions of one reference only the newest is decided. An older one that comes late is kept `superseded`,
 * sends nothing, and counts in history (contract §1); one that was decided before steps back.
 */
function byVersion(due: readonly OpenedNotification[], others: readonly OtherVersion[]) {
  const reference = (one: { agency: string; policeReference: string }) => `${one.agency} ${one.policeReference}`
  const newest = new Map<string, number>()
  for (const one of [...due, ...others]) newest.set(reference(one), Math.max(one.version, newest.get(reference(one)) ?? 0))
  const outdated = due.filter((one) => one.version < (newest.get(reference(one)) ?? 0))
  const current = due.filter((one) => !outdated.includes(one))
  const decidedNow = new Set(current.map(reference))
  const left = others.filter((other) => decidedNow.has(reference(other)) && ['received', 'triaged'].includes(other.state))
  return { current, outdated, left }
}

const waitsForDirectory = ({ plan }: Decision) => plan.tasks.some(({ desk }) => desk === 'directory')

const idsOf = (list: readonly { id: NotificationId }[]) => list.map(({ id }) => id)

function superseded({ id }: OpenedNotification) {
  return { id, state: 'superseded' as const, record: null, victimRisk: null, policy: null }
}
