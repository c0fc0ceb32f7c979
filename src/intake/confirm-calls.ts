import type { NewEvent } from '../audit/chain.ts'
import type { Trx } from '../database/connection.ts'
import type { Packs } from '../policy/edition.ts'
import { londonDate } from '../routing/calendar.ts'
import { kindTold } from '../routing/earlier-dispatches.ts'
import { type Confirmation, confirmInWriting } from '../routing/written-confirmation.ts'
import type { NotificationId } from '../words/ids.ts'
import type { Decision, OpenedNotification } from './decide.ts'
import { bringForward, type TelephoneReferral, telephoneReferralsOf } from './telephone-store.ts'

/** What calls to confirm make of what was decided. */
export interface Confirmed {
  decisions: Decision[]
  confirmations: (Confirmation & { notification: NotificationId })[]
}

/**
 * Reads the calls logged about those of a batch that have any, and plans what confirms them. A call is about the notification
 * and not about the version on which it was logged, so a newer version confirms what was logged on an older one too. No
 * statement where none has any.
 */
export async function confirmCalls(trx: Trx, packs: Packs, decisions: readonly Decision[]): Promise<Confirmed> {
  const stored = await telephoneReferralsOf(trx, decisions.flatMap(telephonedVersions))
  const calls = Map.groupBy(stored, (call) => call.notification_id)
  const confirmations: Confirmed['confirmations'] = []
  const planned = decisions.map((decision) => {
    const own = eachOnce(telephonedVersions(decision).flatMap((id) => calls.get(id) ?? []))
    const hours = own.length > 0 ? hoursToConfirm(decision.one, packs) : null
    if (hours === null) return decision
    const standing = (decision.change?.before.dispatches ?? []).filter(
      (one) => one.state !== 'withdrawn' && kindTold(one) === 'referral',
    )
    const { plan, confirmed } = confirmInWriting(decision.plan, own, hours, new Set(standing.map(({ service }) => service)))
    confirmations.push(...confirmed.map((one) => ({ ...one, notification: decision.one.id })))
    return { ...decision, plan }
  })
  return { decisions: planned, confirmations }
}

function telephonedVersions({ one, change }: Decision): NotificationId[] {
  return [one, ...(change?.before.older ?? [])].filter(({ telephoned }) => telephoned).map(({ id }) => id)
}

/** A force that logs a call again on the newer version has called once. */
function eachOnce(calls: readonly TelephoneReferral[]): TelephoneReferral[] {
  return [...new Map(calls.map((call) => [`${call.service} ${call.at}`, call])).values()]
}

/** What stood in the store already is due sooner too. @returns the events */
export async function settleConfirmed(trx: Trx, confirmations: Confirmed['confirmations']): Promise<NewEvent[]> {
  return (await bringForward(trx, confirmations)).map(({ id, notification_id: stream, due_by }) => ({
    stream,
    kind: 'dispatch due sooner',
    actor: 'system',
    dispatch: id,
    detail: { why: 'it confirms a referral by telephone', dueBy: due_by.toString() },
  }))
}

/** The area's own limit, from its pack; null where its procedure names none. */
function hoursToConfirm({ notification: { incident } }: OpenedNotification, packs: Packs): number | null {
  const edition = packs.editionFor(incident.localAuthority, londonDate(Temporal.Instant.from(incident.reportedAt)))
  return edition?.writtenConfirmationHours ?? null
}
