import type { NewEvent } from '../audit/chain.ts'
import type { Trx } from '../database/connection.ts'
import type { Packs } from '../policy/edition.ts'
import { londonDate } from '../routing/calendar.ts'
import { kindTold } from '../routing/earlier-dispatches.ts'
import { type Confirmation, confirmInWriting } from '../routing/written-confirmation.ts'
import type { NotificationId } from '../words/ids.ts'
import type { Decision, OpenedNotification } from './decide.ts'
import { bringForward, telephoneReferralsOf } from './telephone-store.ts'

/** What calls to confirm make of what was decided. */
export interface Confirmed {
  decisions: Decision[]
  confirmations: (Confirmation & { notification: NotificationId })[]
}

/** Reads the calls logged about those of a batch that have any, and plans what confirms them. No statement where none has. */
export async function confirmCalls(trx: Trx, packs: Packs, decisions: readonly Decision[]): Promise<Confirmed> {
  const telephoned = decisions.filter(({ one }) => one.telephoned).map(({ one }) => one.id)
  const calls = Map.groupBy(await telephoneReferralsOf(trx, telephoned), (call) => call.notification_id)
  const confirmations: Confirmed['confirmations'] = []
  const planned = decisions.map((decision) => {
    const own = calls.get(decision.one.id)
    const hours = own ? hoursToConfirm(decision.one, packs) : null
    if (!own || hours === null) return decision
    const standing = (decision.change?.before.dispatches ?? []).filter(
      (one) => one.state !== 'withdrawn' && kindTold(one) === 'referral',
    )
    const { plan, confirmed } = confirmInWriting(decision.plan, own, hours, new Set(standing.map(({ service }) => service)))
    confirmations.push(...confirmed.map((one) => ({ ...one, notification: decision.one.id })))
    return { ...decision, plan }
  })
  return { decisions: planned, confirmations }
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
