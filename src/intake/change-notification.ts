import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { asAgency, type Trx } from '../database/connection.ts'
import { openDataKey, seal } from '../database/sealing.ts'
import type { Notification } from '../words/notification.ts'
import { acceptVersion, keepReason, type SealedReason, withdrawNotification } from './change-store.ts'
import { readStored, type StoredNotification, versionsOf } from './notification-store.ts'
import { type Intake, prepare, type Received, receiveNotification } from './receive-notification.ts'

type Client = { id: string; agency: string }

export type NewVersion =
  | Received
  | { kind: 'no such notification' }
  | { kind: 'another reference' }
  | { kind: 'not the next version'; expected: number }

/**
 * A force says anew what it said of an incident: a whole body, with the next version and a reason. The reason stands sealed
 * and in no event. The same again is answered the same.
 */
export async function receiveNewVersion(
  room: Intake,
  client: Client,
  id: string,
  said: { reason: string; notification: Notification },
): Promise<NewVersion> {
  const { notification } = said
  const family = await asAgency(room.app, client.agency, (trx) => familyOf(trx, id))
  if (!family) return { kind: 'no such notification' }
  if (family.stored.policeReference !== notification.policeReference) return { kind: 'another reference' }
  const sent = { client, notification, idempotencyKey: null }
  const expected = family.newest + 1
  if (notification.version !== expected) {
    if (!family.versions.includes(notification.version)) return { kind: 'not the next version', expected }
    const before = await receiveNotification(room, sent)
    return before.kind === 'received before' ? before : { kind: 'not the next version', expected }
  }
  const accepted = prepare(room, sent)
  const dataKey = openDataKey(room.keys.ring, accepted.id, accepted.dataKey)
  const kept: SealedReason = {
    notification: accepted.id,
    change: 'version',
    reason: seal(dataKey, `change_reason.reason|${accepted.id}|version`, said.reason),
    at: accepted.receivedAt,
    by: client.id,
  }
  // Somebody was faster: it is there now, with this body or with another.
  if (!(await acceptVersion(room.intake, accepted, kept))) return receiveNotification(room, sent)
  room.ring([accepted.id])
  return { kind: 'received', receipt: accepted }
}

async function familyOf(trx: Trx, id: string) {
  const stored = await readStored(trx, id)
  if (!stored) return null
  const versions = (await versionsOf(trx, stored.agency, stored.policeReference)).map(({ version }) => version)
  return { stored, versions, newest: Math.max(...versions) }
}

export type Withdrawn =
  | { kind: 'withdrawn'; stored: StoredNotification }
  | { kind: 'no such notification' }
  | { kind: 'not to be withdrawn'; state: StoredNotification['state'] }

/**
 * A force takes a notification back. Nothing more of it can be collected or sent from here on; triage then recalls what was
 * seen. Withdrawing it again changes nothing.
 */
export async function withdraw(room: Intake, client: Client, id: string, reason: string): Promise<Withdrawn> {
  const at = room.now().round('millisecond')
  const withdrawn = await asAgency(room.app, client.agency, async (trx): Promise<Withdrawn & { fresh?: true }> => {
    const stored = await readStored(trx, id)
    if (!stored) return { kind: 'no such notification' }
    if (stored.state === 'withdrawn') return { kind: 'withdrawn', stored }
    if (!stored.key || !(await withdrawNotification(trx, id, at))) return { kind: 'not to be withdrawn', state: stored.state }
    const dataKey = openDataKey(room.keys.ring, stored.id, stored.key)
    const sealed = seal(dataKey, `change_reason.reason|${stored.id}|withdrawal`, reason)
    await keepReason(trx, { notification: stored.id, change: 'withdrawal', reason: sealed, at, by: client.id })
    const { policeReference, version } = stored
    const detail = { policeReference, version }
    await appendAuditEvents(trx, at, [{ stream: stored.id, kind: 'notification withdrawn', actor: client.id, detail }])
    return { kind: 'withdrawn', stored, fresh: true }
  })
  if (withdrawn.kind === 'withdrawn' && withdrawn.fresh) room.ring([withdrawn.stored.id])
  return withdrawn
}
