import type { Client } from '../access/scopes.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { asAgency, type Trx } from '../database/connection.ts'
import { seal } from '../database/sealing.ts'
import type { QueueRoom } from './acknowledge.ts'
import { dataKeyOf } from './queue-bodies.ts'
import { lockOwnDispatch, markReturned, type SealedDispatch, saveOutcome } from './queue-store.ts'

export type ReturnReason = 'not_ours' | 'wrong_child' | 'duplicate' | 'cannot_act'

export type Answered =
  | { kind: 'recorded' }
  | { kind: 'no such dispatch' }
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
    await saveOutcome(trx, row.id, said.code, noteOf(room, row, 'outcome_note', said.note))
    const detail = { recipient: row.recipient_id, code: said.code }
    await appendAuditEvents(trx, at, [
      { stream: row.notification_id, kind: 'dispatch outcome', actor: client.id, dispatch: row.id, detail },
    ])
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

function noteOf({ keys }: QueueRoom, row: SealedDispatch, column: string, note: string | undefined): Buffer | null {
  return note === undefined ? null : seal(dataKeyOf(keys, row), `dispatch.${column}|${row.id}`, note)
}
