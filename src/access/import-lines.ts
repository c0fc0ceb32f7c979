import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { loggedFault } from './logged-fault.ts'
import { linesOf } from './ndjson.ts'
import { type Fault, Problem } from './problems.ts'
import { readJson } from './read-json.ts'
import { openSpill, type Spill } from './spill.ts'

/** One line of an import, read: what it asks for, or why it cannot be read. Lines count from 1. */
export type ReadLine<T> = { line: number; item: T } | { line: number; status: 400 | 413; errors: Fault[] }

/** What an import does with its lines. `R` is the result of one line, told after its commit. */
export interface Taking<T, W, R> {
  /** Writes a batch in one commit and answers for each in its order; an answer of another length says that nothing stands. */
  together: (items: readonly T[]) => Promise<readonly W[]>
  /** Writes one alone, when its batch could not be written. */
  alone: (item: T) => Promise<W>
  written: (line: number, item: T, written: W) => R
  refused: (line: number, status: 400 | 413, errors: Fault[]) => R
  /** It is well formed and could not be stored. */
  notKept: (line: number, item: T, errors: Fault[]) => R
}

const LINE_BYTES_MAX = 1024 * 1024
const BATCH_MAX = 50

/** Reads one JSON value a line. @param read what one asks for, or every fault in it */
export async function* jsonLines<T>(
  stream: AsyncIterable<Buffer>,
  read: (json: unknown) => { item: T } | { faults: Fault[] },
): AsyncGenerator<ReadLine<T>> {
  for await (const { number: line, bytes } of linesOf(stream, LINE_BYTES_MAX)) {
    if (bytes === null) {
      yield { line, status: 413, errors: [{ pointer: '', code: 'too-long', detail: 'A line may hold 1 MiB' }] }
      continue
    }
    const json = readJson(bytes)
    const found = json.kind === 'faults' ? { faults: json.faults } : read(json.value)
    yield 'item' in found ? { line, item: found.item } : { line, status: 400, errors: found.faults }
  }
}

/**
 * Takes in lines of any number, 50 a commit, and tells their results in the order of the lines. A line with faults is answered
 * and the rest go on; a batch that fails goes again line by line, so that one which Postgres will not take does not keep out
 * the forty-nine beside it.
 * @returns how many lines could not be stored through no fault of theirs
 * @throws when of a batch of several not one can be stored: that is no line's fault, and the sender must send them all again
 */
export async function takeLines<T, W, R>(
  lines: AsyncIterable<ReadLine<T>>,
  results: Spill,
  taking: Taking<T, W, R>,
): Promise<number> {
  let batch: ReadLine<T>[] = []
  let notStored = 0
  const settle = async () => {
    const items = batch.flatMap((one) => ('item' in one ? [one.item] : []))
    const written = await writeAll(items, taking)
    notStored += written.filter((one) => one === null).length
    let next = 0
    for (const one of batch) {
      const answer = 'item' in one ? written[next++] : null
      await results.write(`${JSON.stringify(resultOf(one, answer, taking))}\n`)
    }
    batch = []
  }
  for await (const line of lines) {
    batch.push(line)
    if (batch.length === BATCH_MAX) await settle()
  }
  if (batch.length > 0) await settle()
  return notStored
}

/** @returns for each what was written, boxed; null where it could not be stored */
async function writeAll<T, W, R>(items: readonly T[], { together, alone }: Taking<T, W, R>): Promise<({ written: W } | null)[]> {
  if (items.length === 0) return []
  const [whole] = await Promise.allSettled([together(items)])
  if (whole.status === 'fulfilled' && whole.value.length === items.length) return whole.value.map((written) => ({ written }))
  const each: ({ written: W } | null)[] = []
  let last: unknown
  for (const item of items) {
    const [one] = await Promise.allSettled([alone(item)])
    if (one.status === 'rejected') last = one.reason
    each.push(one.status === 'fulfilled' ? { written: one.value } : null)
  }
  if (items.length > 1 && each.every((one) => one === null)) throw last
  return each
}

const KEPT_NOT = 'This line could not be stored; send it again, and tell the operator if it fails again'

function resultOf<T, W, R>(one: ReadLine<T>, answer: { written: W } | null | undefined, taking: Taking<T, W, R>): R {
  if (!('item' in one)) return taking.refused(one.line, one.status, one.errors)
  if (answer) return taking.written(one.line, one.item, answer.written)
  return taking.notKept(one.line, one.item, [{ pointer: '', code: 'not-kept', detail: KEPT_NOT }])
}

/** The answer for one that was written alone. */
export function only<W>(written: readonly W[]): W {
  const [one] = written
  if (one === undefined) throw new Error('A line of an import has no answer')
  return one
}

/** The body as it streams in. @throws 415 where it was not sent as lines */
export function streamed({ body }: FastifyRequest, types = 'application/x-ndjson'): Readable {
  if (body instanceof Readable) return body
  throw new Problem({ status: 415, code: 'unsupported-media-type', title: `Send ${types}` })
}

/**
 * Starts an import and gives back its results as they come, whether or not the client reads them yet.
 * @param name of the import, in the log
 */
export async function resultsOf(
  request: FastifyRequest,
  name: string,
  take: (results: Spill) => Promise<number>,
): Promise<Readable> {
  const results = await openSpill()
  const { log, id: requestId } = request
  take(results).then(
    (notStored) => {
      if (notStored > 0) log.warn({ import: name, notStored, requestId }, 'lines of an import were not stored')
      results.end()
    },
    (fault) => {
      log.error({ import: name, fault: loggedFault(fault), requestId }, 'an import broke off')
      results.end(fault)
    },
  )
  return Readable.from(results.read())
}
