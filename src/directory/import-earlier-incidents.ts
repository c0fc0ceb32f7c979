import { z } from 'zod'
import { faultsOf } from '../access/faults.ts'
import { jsonLines, only, takeLines } from '../access/import-lines.ts'
import type { Fault } from '../access/problems.ts'
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

/**
 * Takes in a force's own history, one incident a line, of any length. It dispatches nothing; where it touches what was triaged
 * already, that becomes due again, and looking again only adds.
 * @returns how many lines could not be stored through no fault of theirs
 */
export function importEarlierIncidents(
  room: Registers,
  client: Client,
  stream: AsyncIterable<Buffer>,
  results: Spill,
): Promise<number> {
  const together = (incidents: readonly RegisteredIncident[]) => writeTogether(room, client, incidents)
  const lines = jsonLines(stream, (json) => readIncident(json, room.now()))
  return takeLines<RegisteredIncident, boolean, LineResult>(lines, results, {
    together,
    alone: async (incident) => only(await together([incident])),
    written: (line, incident, isNew) => toResult(line, incident, isNew, room),
    refused: (line, status, errors) => ({ line, status, result: 'failed', errors }),
    notKept: (line, { policeReference }, errors) => ({ line, status: 500, policeReference, result: 'failed', errors }),
  })
}

function readIncident(json: unknown, at: Temporal.Instant): { item: RegisteredIncident } | { faults: Fault[] } {
  const parsed = earlierIncidentLine.safeParse(json)
  if (!parsed.success) return { faults: faultsOf(parsed.error, earlierIncidentLine) }
  const occurredAt = Temporal.Instant.from(parsed.data.occurredAt)
  const ahead = aheadOf(occurredAt, at, '/occurredAt')
  return ahead === null ? { item: { ...parsed.data, occurredAt } } : { faults: [ahead] }
}

/** @returns for each whether it was new */
async function writeTogether(
  { database, keys, now }: Registers,
  { id, agency }: Client,
  incidents: readonly RegisteredIncident[],
): Promise<boolean[]> {
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

function toResult(line: number, incident: RegisteredIncident, isNew: boolean, { keys }: Registers): LineResult {
  const { policeReference, people } = incident
  const flagged = people.flatMap((person, index) => flagsOf(person, `/people/${index}`, keys))
  return {
    line,
    status: isNew ? 201 : 200,
    policeReference,
    result: isNew ? 'added' : 'changed',
    ...(flagged.length > 0 ? { flags: flagged } : {}),
  }
}
