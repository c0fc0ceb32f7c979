import type { FastifyRequest } from 'fastify'
import type { ReadLine } from '../access/import-lines.ts'
import { Problem } from '../access/problems.ts'
import { type Client, OPERATOR } from '../access/scopes.ts'
import type { Spill } from '../access/spill.ts'
import { type Charset, csvRows } from './csv-rows.ts'
import { giasFile, type RowReader } from './gias-columns.ts'
import type { Directory } from './import-recipients.ts'
import { importSchools, importSuccessors } from './import-schools.ts'

export const CSV = 'text/csv'

/** Whether a request brings CSV. */
export const isCsv = ({ headers }: FastifyRequest) => headers['content-type']?.split(';')[0]?.trim().toLowerCase() === CSV

/**
 * Reads the header of a file of the register of schools, and so which of its files it is.
 * @returns what takes in its rows
 * @throws a problem: it is not the operator's, is written in a way nobody here reads, or lacks columns. Nothing is written then
 */
export async function schoolsOf(
  room: Directory,
  client: Client,
  request: FastifyRequest,
  body: AsyncIterable<Buffer>,
): Promise<(results: Spill) => Promise<number>> {
  if (client.agency !== OPERATOR) {
    const title = 'That is for the operator to change'
    throw new Problem({ status: 403, code: 'operator-only', title, detail: 'Only the operator takes in the register of schools' })
  }
  const rows = csvRows(body, charsetOf(request))
  const { value: first } = await rows.next()
  const file = giasFile(first !== undefined && 'item' in first ? first.item : [])
  if (file.kind === 'columns missing') {
    // Read to its end: a client that is still sending would see a broken connection, and not why.
    for await (const _ of rows);
    throw columnsMissing(file.missing)
  }
  return file.kind === 'links'
    ? (results) => importSuccessors(room, client, reading(rows, file.read), results)
    : (results) => importSchools(room, client, reading(rows, file.read), results)
}

async function* reading<T>(rows: AsyncIterable<ReadLine<string[]>>, read: RowReader<T>): AsyncGenerator<ReadLine<T>> {
  for await (const row of rows) {
    if (!('item' in row)) {
      yield row
      continue
    }
    const found = read(row.item)
    yield 'item' in found ? { line: row.line, item: found.item } : { line: row.line, status: 400, errors: found.faults }
  }
}

const CHARSETS: Readonly<Record<string, Charset>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'windows-1252': 'windows-1252',
  cp1252: 'windows-1252',
  'iso-8859-1': 'windows-1252',
}

/** @returns null where the sender does not say */
function charsetOf({ headers }: FastifyRequest): Charset | null {
  const named = /;\s*charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1]?.toLowerCase()
  if (named === undefined) return null
  const known = CHARSETS[named]
  if (known !== undefined) return known
  const detail = 'Send text/csv in windows-1252 or utf-8'
  throw new Problem({ status: 415, code: 'unsupported-media-type', title: 'That cannot be read here', detail })
}

function columnsMissing(missing: readonly string[]): Problem {
  return new Problem({
    status: 400,
    code: 'columns-missing',
    title: 'This is not a file of the register of schools',
    detail: `Columns that are needed are missing: ${missing.join(', ')}. Nothing was written`,
    errors: missing.map((name) => ({ pointer: '', code: 'missing', detail: `The column ${name} is required` })),
  })
}
