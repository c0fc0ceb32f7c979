import { appendAuditEvents } from '../audit/append-audit-events.ts'
import type { NewEvent } from '../audit/chain.ts'
import { inTransaction } from '../database/again.ts'
import type { Database, Trx } from '../database/connection.ts'
import { open, openDataKey } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { storePlans } from '../delivery/store-plans.ts'
import { findRecipients } from '../directory/find-recipients-store.ts'
import { keysOfPeople } from '../history/keys-of-people.ts'
import { findLaterTriaged } from '../history/later-incidents-store.ts'
import type { Packs } from '../policy/edition.ts'
import type { Clock } from '../words/clock.ts'
import type { DispatchId, NotificationId } from '../words/ids.ts'
import type { Notification } from '../words/notification.ts'
import { confirmCalls, settleConfirmed } from './confirm-calls.ts'
import {
  type Decision,
  decide,
  decideWithdrawal,
  type OpenedNotification,
  supersededEvent,
  toSettled,
  toStoredPlan,
  triagedEvent,
  type Withdrawal,
  withdrawalToStore,
} from './decide.ts'
import { withDecidedAndNotTold } from './decided-and-not-told.ts'
import { giveUpObligations } from './earlier-dispatches-store.ts'
import { asLookedUp, gatherBackground } from './gather-background.ts'
import { knownRestrictions } from './known-restrictions.ts'
import { bringForwardGraded, gradedBy, type PersonsDecisions, readDecisions } from './persons-decisions.ts'
import { spreadRestrictions } from './restriction-store.ts'
import { carryTasks, closeTasksOfWithdrawn, judgeWhatStays, settleChanged } from './settle-change.ts'
import {
  type DueNotification,
  lockDue,
  lockOtherVersions,
  lookAgainWhereDirectoryMoved,
  makeDueAgain,
  type OtherVersion,
  settleTriage,
  settleWithdrawn,
  supersede,
} from './triage-store.ts'
import { readVersionsBefore, type VersionsBefore } from './versions-before.ts'

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
  const ring = await inTransaction(room.worker.kysely, async (trx) => {
    const due = (await lockDue(trx, ids)).map((row) => openNotification(room.keys, row))
    if (due.length === 0) return []
    const others = await lockOtherVersions(trx, due)
    const { current, withdrawn, outdated, left } = byVersion(due, others)
    const versions = await readVersionsBefore(trx, room.keys, [...current, ...withdrawn], [...others, ...outdated.map(asOther)])
    const persons = await readDecisions(trx, current, (id) => versions.get(id)?.older ?? [])
    const graded = current.map((one) => ({ ...one, notification: gradedBy(one.notification, persons.get(one.id)) }))
    const decided = await decideAll({ ...room, trx, at }, { current: graded, withdrawn, versions, persons })
    const { withdrawals } = decided
    const { decisions, confirmations } = await confirmCalls(
      trx,
      room.packs,
      await withDecidedAndNotTold(trx, decided.decisions, at),
    )
    const plans = [...decisions.map(toStoredPlan), ...withdrawals.map(withdrawalToStore)]
    await giveUpObligations(trx, decisions.flatMap(ownWithdrawn))
    const stored = await storePlans(trx, room.keys, plans, at)
    const changes = await settleChanges(trx, decided, stored.made, at)
    await judgeWhatStays(trx, room.keys, decisions)
    const confirmed = await settleConfirmed(trx, confirmations)
    const sooner = [...confirmed, ...(await bringForwardGraded(trx, decisions.flatMap(whereGraded), at))]
    await settleTriage(trx, at, [...decisions.map((decision) => toSettled(decision, at)), ...outdated.map(superseded)])
    await supersede(trx, idsOf(left))
    await settleWithdrawn(trx, idsOf(withdrawn))
    await lookAgainWhereDirectoryMoved(trx, idsOf(decisions.filter(waitsForDirectory).map(({ one }) => one)), at)
    await makeDueAgain(trx, await findLaterTriaged(trx, current.filter(({ again }) => !again).map(asLookedUp)), at)
    await spreadRestrictions(trx, statedBy(due, versions), idsOf(due), at)
    const stepped = [...left, ...outdated].map((older) => supersededEvent(older, newerOf(older, due)))
    await appendAuditEvents(trx, at, [
      ...decisions.filter((decision) => !decision.asBefore).map(triagedEvent),
      ...stepped,
      ...stored.events,
      ...changes,
      ...sooner,
    ])
    return stored.ring
  })
  if (ring.length > 0) room.ringDelivery(ring)
}

/** What becomes of what was told before: written after what is sent instead, whose ids it names. */
async function settleChanges(
  trx: Trx,
  { decisions, withdrawals }: Decided,
  made: ReadonlyMap<string, DispatchId>,
  at: Temporal.Instant,
): Promise<NewEvent[]> {
  const changed = decisions.flatMap(({ one, change }) => (change === null ? [] : [{ one, change }]))
  if (changed.length === 0 && withdrawals.length === 0) return []
  return [
    ...(await settleChanged(trx, [...changed, ...withdrawals], made)),
    ...(await carryTasks(trx, changed, at)),
    ...(await closeTasksOfWithdrawn(trx, withdrawals, at)),
  ]
}

function openNotification(keys: Keys, row: DueNotification): OpenedNotification {
  const dataKey = openDataKey(keys.ring, row.id, row.key)
  const notification: Notification = JSON.parse(open(dataKey, `notification.body|${row.id}`, row.body).toString('utf8'))
  return { ...row, dataKey, notification, people: keysOfPeople(keys.service.index.key, notification, row.agency) }
}

interface ToDecideAll {
  current: readonly OpenedNotification[]
  withdrawn: readonly OpenedNotification[]
  versions: ReadonlyMap<NotificationId, VersionsBefore>
  persons: ReadonlyMap<NotificationId, PersonsDecisions>
}

interface Decided {
  decisions: Decision[]
  withdrawals: Withdrawal[]
}

async function decideAll(
  { trx, keys, packs, at }: Pick<TriageRoom, 'keys' | 'packs'> & { trx: Trx; at: Temporal.Instant },
  { current, withdrawn, versions, persons }: ToDecideAll,
): Promise<Decided> {
  const gathered = current.length === 0 ? null : await gatherBackground(trx, keys, current, at)
  // What was held back is let go under nothing older than what held it back.
  const heldBack = [...versions.values()].some((before) => before.heldBack.length > 0)
  const restrictions = heldBack || current.some(mayBeBound) ? await knownRestrictions(trx, keys, current) : null
  const recipients = [...(gathered?.recipients ?? [])]
  const known = new Set(recipients.map(({ id }) => id))
  const told = [...versions.values()].flatMap(({ dispatches }) => dispatches.map(({ recipientId }) => recipientId))
  const chosen = [...persons.values()].flatMap((one) => one.told.flatMap(({ recipientId }) => recipientId ?? []))
  const ids = [...new Set([...told, ...chosen])].filter((id) => !known.has(id))
  // Whoever was told before, or was picked by a person, and whom this version does not name.
  if (ids.length > 0) recipients.push(...(await findRecipients(trx, keys, { authorities: [], urns: [], odsCodes: [], ids }, at)))
  return {
    decisions: current.map((one) =>
      decide({
        one,
        background: gathered?.backgrounds.get(one.id),
        restrictions: restrictions?.get(one.id),
        before: versions.get(one.id),
        persons: persons.get(one.id),
        recipients,
        packs,
        at,
      }),
    ),
    withdrawals: withdrawn.flatMap((one) => {
      const before = versions.get(one.id)
      return before ? [decideWithdrawal(one, before, recipients, at)] : []
    }),
  }
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
  const newestDue = due.filter((one) => !outdated.includes(one))
  const withdrawn = newestDue.filter(({ state }) => state === 'withdrawn')
  const current = newestDue.filter(({ state }) => state !== 'withdrawn')
  const decidedNow = new Set(newestDue.map(reference))
  const left = others.filter((other) => decidedNow.has(reference(other)) && ['received', 'triaged'].includes(other.state))
  return { current, withdrawn, outdated, left }
}

function newerOf(
  older: { id: NotificationId; agency: string; policeReference: string; version: number },
  due: readonly DueNotification[],
) {
  return due.find(
    (one) => one.agency === older.agency && one.policeReference === older.policeReference && one.version > older.version,
  )?.id
}

/** Of the same batch, and older than another of it. */
const asOther = (one: OpenedNotification): OtherVersion => one

const states = ({ notification }: Pick<OpenedNotification, 'notification'>) => (notification.restrictions ?? []).length > 0
const mayBeBound = (one: OpenedNotification) => one.restrictionsStand || states(one)

/** Whichever of these versions state a restriction: what it touches elsewhere is looked at again, once. */
function statedBy(due: readonly OpenedNotification[], versions: ReadonlyMap<NotificationId, VersionsBefore>): NotificationId[] {
  const older = [...versions.values()].flatMap((before) => before.older)
  return [...new Set([...due.filter(states), ...older.filter(states)].map(({ id }) => id))]
}

/** Of this very version, and about to be withdrawn. */
function ownWithdrawn({ change }: Decision): DispatchId[] {
  const own = new Set(change?.before.heldBack.map(({ dispatch }) => dispatch.id))
  return (change?.plan.withdrawn ?? []).flatMap(({ id }) => (own.has(id) ? [id] : []))
}

/** Where a person graded the risk: what is due by now, and what waits. */
const whereGraded = ({ persons, wanted, outcome }: Decision) =>
  persons && persons.grades.length > 0 ? [{ family: persons.family, risk: outcome.victimRisk, wanted }] : []

const waitsForDirectory = ({ plan }: Decision) => plan.tasks.some(({ desk }) => desk === 'directory')

const idsOf = (list: readonly { id: NotificationId }[]) => list.map(({ id }) => id)

function superseded({ id }: OpenedNotification) {
  return { id, state: 'superseded' as const, record: null, victimRisk: null, policy: null }
}
