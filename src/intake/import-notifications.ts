import { type Line, linesOf } from '../access/ndjson.ts'
import type { Fault } from '../access/problems.ts'
import { readJson } from '../access/read-json.ts'
import type { Spill } from '../access/spill.ts'
import { readNotification } from './notification-faults.ts'
import { type Intake, type Received, receiveBatch, receiveNotification, type Sent } from './receive-notification.ts'

/** One body's and one line's limit (contract §1). */
export const BODY_BYTES_MAX = 1024 * 1024
const BATCH_MAX = 50

/** What became of one line, told after its commit. */
export type LineResult =
  | { line: number; status: 202; id: string; policeReference: string; version: number; replayed: boolean }
  | { line: number; status: 400 | 409 | 413 | 500; errors: Fault[] }

type ReadLine = { line: number; sent: Sent } | { line: number; result: LineResult }

/**
 * Takes in one notification a line, of any length, 50 a commit. A line with faults is answered and the rest go on; a
 * batch with a reference we know goes again line by line. Results come in the order of the lines.
 */
export async function importNotifications(
  room: Intake,
  client: Sent['client'],
  stream: AsyncIterable<Buffer>,
  results: Spill,
): Promise<void> {
  let batch: ReadLine[] = []
  const settle = async () => {
    for (const result of await receiveLines(room, batch)) await results.write(`${JSON.stringify(result)}\n`)
    batch = []
  }
  for await (const line of linesOf(stream, BODY_BYTES_MAX)) {
    batch.push(readLine(line, client, room.now()))
    if (batch.length === BATCH_MAX) await settle()
  }
  if (batch.length > 0) await settle()
}

function readLine({ number, bytes }: Line, client: Sent['client'], at: Temporal.Instant): ReadLine {
  const refuse = (status: 400 | 413, errors: Fault[]): ReadLine => ({ line: number, result: { line: number, status, errors } })
  if (bytes === null) return refuse(413, [{ pointer: '', code: 'too-long', detail: 'A line may hold 1 MiB' }])
  const json = readJson(bytes)
  if (json.kind === 'faults') return refuse(400, json.faults)
  const read = readNotification(json.value, at)
  if (read.kind === 'faults') return refuse(400, read.faults)
  return { line: number, sent: { client, notification: read.notification, idempotencyKey: null } }
}

async function receiveLines(room: Intake, batch: readonly ReadLine[]): Promise<LineResult[]> {
  const sent = batch.flatMap((line) => ('sent' in line ? [line.sent] : []))
  const received = (sent.length > 0 ? await wholeOrNull(room, sent) : []) ?? (await oneByOne(room, sent))
  let next = 0
  return batch.map((line) => {
    if ('result' in line) return line.result
    const answer = received[next]
    next += 1
    if (!answer) throw new Error('A line of the import has no answer')
    return toResult(line.line, answer)
  })
}

/** A line that cannot be stored must not take the good ones before and after it with it: then they go one by one. */
async function wholeOrNull(room: Intake, batch: readonly Sent[]): Promise<Received[] | null> {
  const [whole] = await Promise.allSettled([receiveBatch(room, batch)])
  return whole.status === 'fulfilled' ? whole.value : null
}

type ReceivedOrFault = Received | { kind: 'fault' }

/** @throws when not one of them can be stored: that is no fault of a line, and the sender must send them all again */
async function oneByOne(room: Intake, batch: readonly Sent[]): Promise<ReceivedOrFault[]> {
  const received: ReceivedOrFault[] = []
  let last: unknown
  for (const sent of batch) {
    const [one] = await Promise.allSettled([receiveNotification(room, sent)])
    if (one.status === 'rejected') last = one.reason
    received.push(one.status === 'fulfilled' ? one.value : { kind: 'fault' })
  }
  if (received.every(({ kind }) => kind === 'fault')) throw last
  return received
}

function toResult(line: number, received: ReceivedOrFault): LineResult {
  if (received.kind === 'fault') {
    return {
      line,
      status: 500,
      errors: [
        {
          pointer: '',
          code: 'not-kept',
          detail: 'This line could not be stored; send it again, and tell the operator if it fails again',
        },
      ],
    }
  }
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
