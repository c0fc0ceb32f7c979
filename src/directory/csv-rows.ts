import { parse } from 'csv-parse/sync'
import type { ReadLine } from '../access/import-lines.ts'
import { linesOf } from '../access/ndjson.ts'

/** How a file of CSV is written. */
export type Charset = 'utf-8' | 'windows-1252'

const ROW_BYTES_MAX = 64 * 1024
/** A quote that is open for longer was never meant to open: what stands behind it is read as rows of its own again. */
const ROW_LINES_MAX = 20
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

interface Line {
  number: number
  /** Null where it cannot be text. */
  text: string | null
}

/**
 * Reads rows of CSV (RFC 4180) one by one, the first being the header. A row has as many fields as the header; one that cannot
 * be read is named, and the next is read as if it had not been there. Rows count by the line they begin on.
 * @param charset as the sender says; null: UTF-8, until something that cannot be UTF-8 shows that it is Windows-1252
 */
export async function* csvRows(stream: AsyncIterable<Buffer>, charset: Charset | null): AsyncGenerator<ReadLine<string[]>> {
  const decode = decoder(charset)
  const reader = rowReader()
  for await (const { number, bytes } of linesOf(stream, ROW_BYTES_MAX)) {
    if (bytes === null) {
      yield* reader.rest()
      yield { line: number, status: 413, errors: [{ pointer: '', code: 'too-long', detail: 'A row may hold 64 KiB' }] }
    } else yield* reader.take({ number, text: decode(bytes) })
  }
  yield* reader.rest()
}

/** Reads what one line says. What is plain ASCII decides nothing; the first line that is not decides for the file. */
function decoder(charset: Charset | null): (bytes: Buffer) => string | null {
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  const windows = new TextDecoder('windows-1252')
  let known = charset
  return (bytes) => {
    if (bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)) known = 'utf-8'
    if (known === 'windows-1252') return windows.decode(bytes)
    const text = decodedOrNull(utf8, bytes)
    if (known === null && text === null) known = 'windows-1252'
    else if (known === null && text?.length !== bytes.length) known = 'utf-8'
    return known === 'windows-1252' ? windows.decode(bytes) : text
  }
}

function decodedOrNull(decoder: TextDecoder, bytes: Buffer): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}

/** Holds lines back while a quote is open. */
function rowReader() {
  let held: Line[] = []
  let fields: number | null = null

  function* read(isLast: boolean): Generator<ReadLine<string[]>> {
    while (held[0] !== undefined) {
      const lines = linesOfRow(held)
      if (lines === null && !isLast && held.length < ROW_LINES_MAX) return
      const row = lines === null ? null : rowOf(lines)
      const fits = row !== null && (fields === null || row.length === fields)
      if (fits) fields ??= row.length
      yield fits ? { line: held[0].number, item: row } : faultOf(held[0], row)
      held = held.slice(fits && lines !== null ? lines.length : 1)
    }
  }

  return {
    *take(line: Line): Generator<ReadLine<string[]>> {
      held.push(line)
      yield* read(false)
    },
    /** No more lines belong to what is held. */
    *rest(): Generator<ReadLine<string[]>> {
      yield* read(true)
    },
  }
}

/** The fewest lines after which every quote is closed again; null: none of these. */
function linesOfRow(held: readonly Line[]): Line[] | null {
  let quotes = 0
  for (const [index, { text }] of held.slice(0, ROW_LINES_MAX).entries()) {
    quotes += (text ?? '').split('"').length - 1
    if (quotes % 2 === 0) return held.slice(0, index + 1)
  }
  return null
}

function rowOf(lines: readonly Line[]): string[] | null {
  if (lines.some(({ text }) => text === null || text.includes('\0'))) return null
  const text = lines.map((line) => (line.text ?? '').replace(/\r$/, '')).join('\n')
  try {
    const [row, more] = parse(text, { record_delimiter: ['\n'], relax_column_count: true })
    return row === undefined || more !== undefined ? null : row
  } catch {
    return null
  }
}

function faultOf({ number: line, text }: Line, row: string[] | null): ReadLine<string[]> {
  if (text === null)
    return {
      line,
      status: 400,
      errors: [{ pointer: '', code: 'not-utf-8', detail: 'This row is not UTF-8, and those before are' }],
    }
  const detail =
    row === null
      ? 'This row cannot be read; look for a quote that is not closed or not doubled'
      : 'This row has another number of columns than the first'
  return { line, status: 400, errors: [{ pointer: '', code: 'not-csv', detail }] }
}
