import { z } from 'zod'
import { faultsOf } from '../access/faults.ts'
import { type Line, linesOf } from '../access/ndjson.ts'
import type { Fault } from '../access/problems.ts'
import { readJson } from '../access/read-json.ts'
import type { Client } from '../access/scopes.ts'
import type { Spill } from '../access/spill.ts'
import { instantText } from '../access/times.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import {
  type RegisteredIncident,
  wakeNotificationsOfPeople,
  writeRegisteredIncidents,
} from '../history/earlier-incident-register-store.ts'
import { aheadOf, date, flags, flagsOf, identifier, name, type Registers, reference, writingAs } from './register-writing.ts'

const LINE_BYTES_MAX = 1024 * 1024
const BATCH_MAX = 50
const PEOPLE_MAX = 100
/** Batches of one import make the same notifications due again once, and not each time. */
const LOOK_AGAIN_AFTER_SECONDS = 2

const address = z.strictObject({
  lines: z.array(z.string().min(1).max(200)).max(10),
  postcode: z.string().max(10).optional(),
  uprn: identifier().optional(),
})

/** One incident from before go-live, as one line. */
export const earlierIncidentLine = z
  .strictObject({
    policeReference: reference().describe('The force’s own; a notification of the same reference stands in its place'),
    occurredAt: instantText(),
    people: z
      .array(
        z.strictObject({
          role: z.enum(['victim', 'suspect', 'child', 'other_adult']),
          givenNames: name().optional(),
          familyName: name().optional(),
          dateOfBirth: date().optional(),
          policePersonId: identifier().optional(),
          pncId: identifier().optional(),
          nhsNumber: identifier().optional(),
          upn: identifier().optional(),
          address: address.optional(),
        }),
      )
      .min(1)
      .max(PEOPLE_MAX),
  })
  .meta({ id: 'EarlierIncident' })

/** What became of one line, told after its commit. */
export const lineResult = z.object({
  line: z.int().describe('Counted from 1'),
  status: z.union([z.literal(200), z.literal(201), z.literal(400), z.literal(413), z.literal(500)]),
  policeReference: z.string().optional(),
  result: z.enum(['added', 'changed', 'failed']),
  flags: flags().optional(),
  errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })).optional(),
})
type LineResult = z.infer<typeof lineResult>

type ReadLine = { line: number; incident: RegisteredIncident } | { line: number; result: LineResult }

/**
 * Takes in a force's own history, one incident a line, of any length, 50 a commit. It dispatches nothing; where it touches
 * what was triaged already, that becomes due again, and looking again only adds. A line with faults is answered and the rest
 * go on; a batch that fails goes again line by line.
 * @returns how many lines could not be stored through no fault of theirs
 */
export async function importEarlierIncidents(
  room: Registers,
  client: Client,
  stream: AsyncIterable<Buffer>,
  results: Spill,
): Promise<number> {
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
    batch.push(readLine(line, room.now()))
    if (batch.length === BATCH_MAX) await settle()
  }
  if (batch.length > 0) await settle()
  return notStored
}

function readLine({ number, bytes }: Line, at: Temporal.Instant): ReadLine {
  const fail = (status: 400 | 413, errors: Fault[]): ReadLine => ({
    line: number,
    result: { line: number, status, result: 'failed', errors },
  })
  if (bytes === null) return fail(413, [{ pointer: '', code: 'too-long', detail: 'A line may hold 1 MiB' }])
  const json = readJson(bytes)
  if (json.kind === 'faults') return fail(400, json.faults)
  const parsed = earlierIncidentLine.safeParse(json.value)
  if (!parsed.success) return fail(400, faultsOf(parsed.error, earlierIncidentLine))
  const occurredAt = Temporal.Instant.from(parsed.data.occurredAt)
  const ahead = aheadOf(occurredAt, at, '/occurredAt')
  return ahead === null ? { line: number, incident: { ...parsed.data, occurredAt } } : fail(400, [ahead])
}

async function writeLines(room: Registers, client: Client, batch: readonly ReadLine[]): Promise<LineResult[]> {
  const incidents = batch.flatMap((line) => ('incident' in line ? [line.incident] : []))
  const added = await writeTogether(room, client, incidents).catch(() => writeOneByOne(room, client, incidents))
  let next = 0
  return batch.map((line) => {
    if ('result' in line) return line.result
    const isNew = added[next]
    next += 1
    if (isNew === undefined) throw new Error('A line of the import has no answer')
    return toResult(line.line, line.incident, isNew, room)
  })
}

/** @returns for each whether it was new */
async function writeTogether(
  { database, keys, now }: Registers,
  { id, agency }: Client,
  incidents: readonly RegisteredIncident[],
): Promise<boolean[]> {
  if (incidents.length === 0) return []
  const at = now()
  const lookAgainAt = at.add({ seconds: LOOK_AGAIN_AFTER_SECONDS })
  const added = await writingAs(database, agency, async (trx) => {
    const written = await writeRegisteredIncidents(trx, keys, agency, incidents, at)
    await wakeNotificationsOfPeople(trx, keys, agency, incidents, lookAgainAt)
    const detail = { incidents: incidents.length, added: written.size }
    const kind = 'earlier incidents registered'
    await appendAuditEvents(trx, at, [{ stream: `register:history:${agency}`, kind, actor: id, detail }])
    return written
  })
  // Once more now that anybody can read them: what was triaged between the two had neither seen them nor been seen.
  await writingAs(database, agency, (trx) => wakeNotificationsOfPeople(trx, keys, agency, incidents, lookAgainAt))
  return incidents.map(({ policeReference }) => added.has(policeReference))
}

/** One line that Postgres will not take must not keep out the forty-nine beside it. Its result says so, and it is counted. */
async function writeOneByOne(
  room: Registers,
  client: Client,
  incidents: readonly RegisteredIncident[],
): Promise<(boolean | 'fault')[]> {
  const written: (boolean | 'fault')[] = []
  for (const incident of incidents) {
    written.push(...(await writeTogether(room, client, [incident]).catch(() => ['fault' as const])))
  }
  return written
}

function toResult(line: number, incident: RegisteredIncident, isNew: boolean | 'fault', { keys }: Registers): LineResult {
  const { policeReference, people } = incident
  if (isNew === 'fault') {
    const errors = [{ pointer: '', code: 'fault', detail: 'This line could not be stored; send it again' }]
    return { line, status: 500, policeReference, result: 'failed', errors }
  }
  const flagged = people.flatMap((person, index) => flagsOf(person, `/people/${index}`, keys))
  return {
    line,
    status: isNew ? 201 : 200,
    policeReference,
    result: isNew ? 'added' : 'changed',
    ...(flagged.length > 0 ? { flags: flagged } : {}),
  }
}
