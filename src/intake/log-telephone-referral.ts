import { randomUUID } from 'node:crypto'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { asAgency } from '../database/connection.ts'
import { openDataKey, seal } from '../database/sealing.ts'
import type { NotificationId } from '../words/ids.ts'
import type { Service } from '../words/recipient.ts'
import { readStored } from './notification-store.ts'
import type { Intake } from './receive-notification.ts'
import { logTelephoneReferral } from './telephone-store.ts'

/** As far ahead of ours as a force's clock may be. */
const AHEAD_MAX_MS = 5 * 60 * 1000

/**
 * Logs a referral made by telephone. Who was spoken to stands sealed and in no event. Triage then looks again, with the
 * area's procedure in hand.
 */
export async function logReferral(
  room: Intake,
  client: { id: string; agency: string },
  id: string,
  call: { service: Service; spokenTo: string; at: Temporal.Instant },
): Promise<'logged' | 'no such notification' | 'not the living version' | 'in the future'> {
  const loggedAt = room.now().round('millisecond')
  if (call.at.epochMilliseconds > loggedAt.epochMilliseconds + AHEAD_MAX_MS) return 'in the future'
  const { outcome, ring } = await asAgency(room.app, client.agency, async (trx): Promise<Logged> => {
    const stored = await readStored(trx, id)
    if (!stored) return { outcome: 'no such notification', ring: [] }
    if (!stored.key || (stored.state !== 'received' && stored.state !== 'triaged'))
      return { outcome: 'not the living version', ring: [] }
    const callId = `tel_${randomUUID()}`
    const spokenTo = seal(
      openDataKey(room.keys.ring, stored.id, stored.key),
      `telephone_referral.spoken_to|${callId}`,
      call.spokenTo,
    )
    const row = {
      id: callId,
      notification_id: stored.id,
      service: call.service,
      spokenTo,
      at: call.at,
      loggedAt,
      loggedBy: client.id,
    }
    if (!(await logTelephoneReferral(trx, row))) return { outcome: 'logged', ring: [] }
    const detail = { service: call.service, at: call.at.toString() }
    await appendAuditEvents(trx, loggedAt, [{ stream: stored.id, kind: 'telephone referral logged', actor: client.id, detail }])
    return { outcome: 'logged', ring: [stored.id] }
  })
  room.ring(ring)
  return outcome
}

interface Logged {
  outcome: 'logged' | 'no such notification' | 'not the living version'
  ring: NotificationId[]
}
