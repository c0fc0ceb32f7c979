import { z } from 'zod'
import { faultsOf } from '../access/faults.ts'
import { type Line, linesOf } from '../access/ndjson.ts'
import type { Fault } from '../access/problems.ts'
import { readJson } from '../access/read-json.ts'
import type { Client } from '../access/scopes.ts'
import type { Spill } from '../access/spill.ts'
import { againWhenInTheWay } from '../database/again.ts'
import { asAgency, type Database } from '../database/connection.ts'
import type { Keys } from '../database/service-keys.ts'
import type { Clock } from '../words/clock.ts'
import { recipientLine } from './recipient-body.ts'
import { type Put, type Written, writeRecipients } from './write-recipient.ts'

/** What the directory's stories need. */
export interface Directory {
  /** The pool of the app's role. */
  database: Database
  keys: Keys
  now: Clock
  /** `host:port` of webhooks that may go without https (demo and tests). */
  webhookAllow: ReadonlySet<string>
}

const LINE_BYTES_MAX = 1024 * 1024
const BATCH_MAX = 50
/** Batches of one import make the same notifications due again once, and not each time. */
const LOOK_AGAIN_AFTER_SECONDS = 30

/** What became of one line, told after its commit. */
export const lineResult = z.object({
  line: z.int().describe('Counted from 1'),
  status: z.union([
    z.literal(200),
    z.literal(201),
    z.literal(400),
    z.literal(403),
    z.literal(404),
    z.literal(413),
    z.literal(500),
  ]),
  id: z.string().optional(),
  result: z.enum(['added', 'changed', 'as it was', 'failed']),
  secret: z.string().optional().describe('whsec_…, once, of a webhook that this line made'),
  errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })).optional(),
})
export type LineResult = z.infer<typeof lineResult>

type ReadLine = { line: number; put: Put } | { line: number; result: LineResult }

/**
 * Writes one recipient a line, of any length, 50 a commit. A line with faults is answered and the rest go on; a batch
 * that fails goes again line by line. Results come in the order of the lines.
 * @returns how many lines could not be stored through no fault of theirs
 */
export async function importRecipients(
  room: Directory,
  client: Client,
  stream: AsyncIterable<Buffer>,
  results: Spill,
): Promise<number> {
  const schema = recipientLine(room.webhookAllow)
  let batch: ReadLine[] = []
  let notStored = 0
  const settle = async () => {
    for (const result of await writeLines(room, client, batch)) {
      if (result.status === 500) notStored += 1
      await results.write(`${JSON.stringify(result)}\n`)
    }
    batch = []
  }
  for await (const line of linesOf(stream, LINE_BYTES_MAX)) {
    batch.push(readLine(line, schema))
    if (batch.length === BATCH_MAX) await settle()
  }
  if (batch.length > 0) await settle()
  return notStored
}

/** The faults of an agency that would change what is the operator's. */
export function operatorOnly(fields: readonly string[]): Fault[] {
  return fields.map((field) => ({ pointer: `/${field}`, code: 'operator-only', detail: 'Ask the operator to change this' }))
}

function readLine({ number, bytes }: Line, schema: ReturnType<typeof recipientLine>): ReadLine {
  const fail = (status: 400 | 413, errors: Fault[]): ReadLine => ({
    line: number,
    result: { line: number, status, result: 'failed', errors },
  })
  if (bytes === null) return fail(413, [{ pointer: '', code: 'too-long', detail: 'A line may hold 1 MiB' }])
  const json = readJson(bytes)
  if (json.kind === 'faults') return fail(400, json.faults)
  const parsed = schema.safeParse(json.value)
  if (!parsed.success) return fail(400, faultsOf(parsed.error, schema))
  const { id, ...body } = parsed.data
  return { line: number, put: { id, body } }
}

async function writeLines(room: Directory, client: Client, batch: readonly ReadLine[]): Promise<LineResult[]> {
  const puts = batch.flatMap((line) => ('put' in line ? [line.put] : []))
  const written = await writeTogether(room, client, puts).catch(() => writeOneByOne(room, client, puts))
  let next = 0
  return batch.map((line) => {
    if ('result' in line) return line.result
    const one = written[next]
    next += 1
    if (!one) throw new Error('A line of the import has no answer')
    return toResult(line.line, line.put.id, one)
  })
}

function writeTogether({ database, keys, now }: Directory, client: Client, puts: readonly Put[]): Promise<Written[]> {
  const at = now()
  const lookAgainAt = at.add({ seconds: LOOK_AGAIN_AFTER_SECONDS })
  return againWhenInTheWay(() =>
    asAgency(database, client.agency, (trx) => writeRecipients(trx, keys.ring, puts, { client, at, lookAgainAt })),
  )
}

/** One line that Postgres will not take must not keep out the forty-nine beside it. Its result says so, and it is counted. */
async function writeOneByOne(room: Directory, client: Client, puts: readonly Put[]): Promise<(Written | 'fault')[]> {
  const written: (Written | 'fault')[] = []
  for (const put of puts) {
    written.push(...(await writeTogether(room, client, [put]).catch(() => ['fault' as const])))
  }
  return written
}

function toResult(line: number, id: string, written: Written | 'fault'): LineResult {
  if (written === 'fault') {
    const errors = [{ pointer: '', code: 'fault', detail: 'This line could not be stored; send it again' }]
    return { line, status: 500, id, result: 'failed', errors }
  }
  switch (written.kind) {
    case 'added':
    case 'changed': {
      const { kind, secret } = written
      return { line, status: kind === 'added' ? 201 : 200, id, result: kind, ...(secret ? { secret } : {}) }
    }
    case 'as it was':
      return { line, status: 200, id, result: written.kind }
    case 'not yours':
      return {
        line,
        status: 404,
        id,
        result: 'failed',
        errors: [{ pointer: '/id', code: 'not-found', detail: 'No such recipient' }],
      }
    case "the operator's":
      return { line, status: 403, id, result: 'failed', errors: operatorOnly(written.fields) }
    default: {
      const never: never = written
      throw new Error(`Unknown outcome ${String(never)}`)
    }
  }
}
