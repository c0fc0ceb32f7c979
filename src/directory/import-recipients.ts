import { z } from 'zod'
import { faultsOf } from '../access/faults.ts'
import { jsonLines, only, type ReadLine, takeLines } from '../access/import-lines.ts'
import type { Fault } from '../access/problems.ts'
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

/** Batches of one import make the same notifications due again once, and not each time. */
export const LOOK_AGAIN_AFTER_SECONDS = 30

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
  result: z.enum(['added', 'changed', 'as it was', 'skipped', 'failed']),
  reason: z.string().optional().describe('Why a row of the register of schools was passed over'),
  secret: z.string().optional().describe('whsec_…, once, of a webhook that this line made'),
  errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })).optional(),
})
export type LineResult = z.infer<typeof lineResult>

/**
 * Writes one recipient a line, of any length.
 * @returns how many lines could not be stored through no fault of theirs
 */
export function importRecipients(
  room: Directory,
  client: Client,
  lines: AsyncIterable<ReadLine<Put>>,
  results: Spill,
): Promise<number> {
  const together = (puts: readonly Put[]) => writeTogether(room, client, puts)
  return takeLines<Put, Written, LineResult>(lines, results, {
    together,
    alone: async (put) => only(await together([put])),
    written: toResult,
    refused: (line, status, errors) => ({ line, status, result: 'failed', errors }),
    notKept: (line, { id }, errors) => ({ line, status: 500, id, result: 'failed', errors }),
  })
}

/** Reads recipients from lines of JSON, each with its id. */
export function recipientLines(stream: AsyncIterable<Buffer>, webhookAllow: ReadonlySet<string>): AsyncIterable<ReadLine<Put>> {
  const schema = recipientLine(webhookAllow)
  return jsonLines<Put>(stream, (json) => {
    const parsed = schema.safeParse(json)
    if (!parsed.success) return { faults: faultsOf(parsed.error, schema) }
    const { id, ...body } = parsed.data
    return { item: { id, body } }
  })
}

/** The faults of an agency that would change what is the operator's. */
export function operatorOnly(fields: readonly string[]): Fault[] {
  return fields.map((field) => ({ pointer: `/${field}`, code: 'operator-only', detail: 'Ask the operator to change this' }))
}

function writeTogether({ database, keys, now }: Directory, client: Client, puts: readonly Put[]): Promise<Written[]> {
  const at = now()
  const lookAgainAt = at.add({ seconds: LOOK_AGAIN_AFTER_SECONDS })
  return againWhenInTheWay(() =>
    asAgency(database, client.agency, (trx) => writeRecipients(trx, keys.ring, puts, { client, at, lookAgainAt })),
  )
}

/** What a line is answered once it was written. */
export function toResult(line: number, { id }: Pick<Put, 'id'>, written: Written): LineResult {
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
