import type { Client } from '../access/scopes.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { asAgency, type Trx } from '../database/connection.ts'
import { newId } from '../database/new-id.ts'
import { open, seal } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { isOutcomeCode } from '../words/outcome-codes.ts'
import type { Service } from '../words/recipient.ts'
import type { QueueRoom } from './acknowledge.ts'
import { tellForce } from './outcomes/outcome-notice-store.ts'
import { dataKeyOf } from './queue-bodies.ts'
import { lockOwnDispatch, markReturned, type SealedDispatch, saveOutcome } from './queue-store.ts'

export type ReturnReason = 'not_ours' | 'wrong_child' | 'duplicate' | 'cannot_act'

export type Answered =
  | { kind: 'recorded' }
  | { kind: 'no such dispatch' }
  | { kind: 'no such code'; service: Service }
  | { kind: 'nothing to answer'; state: SealedDispatch['state'] }

/** What came of a dispatch, as a code on the force's timeline. A note may name people: it is sealed and in no event. */
export function recordOutcome(
  room: QueueRoom,
  client: Client,
  id: string,
  said: { code: string; note?: string | undefined },
): Promise<Answered> {
  return answering(room, client, id, async (trx, row, at) => {
    if (row.state === 'held' || row.state === 'withdrawn') return { kind: 'nothing to answer', state: row.state }
    if (!isOutcomeCode(row.service, said.code)) return { kind: 'no such code', service: row.service }
    // The same again, after an answer that was lost on the way, is one outcome.
    if (row.outcome === said.code && outcomeNote(room.keys, row) === (said.note ?? null)) return { kind: 'recorded' }
    await saveOutcome(trx, row.id, { code: said.code, note: noteOf(room, row, 'outcome_note', said.note), at })
    const detail = { recipient: row.recipient_id, code: said.code }
    await appendAuditEvents(trx, at, [
      { stream: row.notification_id, kind: 'dispatch outcome', actor: client.id, dispatch: row.id, detail },
    ])
    await tellForce(trx, newId('out'), row.id, at)
    return { kind: 'recorded' }
  })
}

/**
 * A recipient gives a dispatch back: it is held, a person is asked who is told instead, and the clock goes on. One that was
 * acknowledged can be given back too, for a mistake is often seen only on reading.
 */
export function returnDispatch(
  room: QueueRoom,
  client: Client,
  id: string,
  said: { reason: ReturnReason; note?: string | undefined },
): Promise<Answered> {
  return answering(room, client, id, async (trx, row, at) => {
    if (row.state === 'withdrawn') return { kind: 'nothing to answer', state: row.state }
    // Given back before: the same again is answered the same.
    if (row.state === 'held') return { kind: 'recorded' }
    const note = noteOf(room, row, 'return_note', said.note)
    await recordReturn(trx, row, { reason: said.reason, note, actor: client.id, at })
    return { kind: 'recorded' }
  })
}

/** Holds a dispatch this transaction has locked, because its recipient gives it back, by whatever door. The clock goes on. */
export async function recordReturn(
  trx: Trx,
  row: SealedDispatch,
  said: { reason: ReturnReason; note: Buffer | null; actor: string; at: Temporal.Instant },
): Promise<void> {
  const { reason, note, actor, at } = said
  await markReturned(trx, row.id, { reason, note, at })
  const detail = { recipient: row.recipient_id, reason }
  await appendAuditEvents(trx, at, [{ stream: row.notification_id, kind: 'dispatch returned', actor, dispatch: row.id, detail }])
}

function answering(
  { database, now }: QueueRoom,
  client: Client,
  id: string,
  work: (trx: Trx, row: SealedDispatch, at: Temporal.Instant) => Promise<Answered>,
): Promise<Answered> {
  const at = now().round('millisecond')
  return asAgency(database, client.agency, async (trx) => {
    const row = await lockOwnDispatch(trx, id, client.agency)
    return row ? work(trx, row, at) : { kind: 'no such dispatch' }
  })
}

/** What it said beside its outcome. */
function outcomeNote(keys: Keys, row: SealedDispatch): string | null {
  if (!row.outcome_note) return null
  return open(dataKeyOf(keys, row), `dispatch.outcome_note|${row.id}`, row.outcome_note).toString('utf8')
}

function noteOf({ keys }: QueueRoom, row: SealedDispatch, column: string, note: string | undefined): Buffer | null {
  return note === undefined ? null : seal(dataKeyOf(keys, row), `dispatch.${column}|${row.id}`, note)
}
