import { jsonLines, takeLines } from '../access/import-lines.ts'
import type { Fault } from '../access/problems.ts'
import type { Spill } from '../access/spill.ts'
import { readNotification } from './notification-faults.ts'
import { type Intake, type Received, receiveBatch, receiveNotification, type Sent } from './receive-notification.ts'

/** One body's limit, as one line's (contract §1). */
export const BODY_BYTES_MAX = 1024 * 1024

/** What became of one line, told after its commit. */
export type LineResult =
  | { line: number; status: 202; id: string; policeReference: string; version: number; replayed: boolean }
  | { line: number; status: 400 | 409 | 413 | 500; errors: Fault[] }

/**
 * Takes in one notification a line, of any length; a batch with a reference we know goes again line by line.
 * @returns how many lines could not be stored through no fault of theirs
 */
export function importNotifications(
  room: Intake,
  client: Sent['client'],
  stream: AsyncIterable<Buffer>,
  results: Spill,
): Promise<number> {
  const lines = jsonLines<Sent>(stream, (json) => {
    const read = readNotification(json, room.now())
    if (read.kind === 'faults') return { faults: read.faults }
    return { item: { client, notification: read.notification, idempotencyKey: null } }
  })
  return takeLines<Sent, Received, LineResult>(lines, results, {
    together: async (batch) => (await receiveBatch(room, batch)) ?? [],
    alone: (sent) => receiveNotification(room, sent),
    written: (line, _, received) => toResult(line, received),
    refused: (line, status, errors) => ({ line, status, errors }),
    notKept: (line, _, errors) => ({ line, status: 500, errors }),
  })
}

function toResult(line: number, received: Received): LineResult {
  if (received.kind === 'received' || received.kind === 'received before') {
    const { id, policeReference, version } = received.receipt
    return { line, status: 202, id, policeReference, version, replayed: received.kind === 'received before' }
  }
  return {
    line,
    status: 409,
    errors: [
      { pointer: '/policeReference', code: 'reference-taken', detail: 'Another body was sent under this reference and version' },
    ],
  }
}
