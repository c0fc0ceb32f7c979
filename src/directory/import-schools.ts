import { only, type ReadLine, takeLines } from '../access/import-lines.ts'
import { type Client, OPERATOR } from '../access/scopes.ts'
import type { Spill } from '../access/spill.ts'
import { againWhenInTheWay } from '../database/again.ts'
import { asAgency, type Trx } from '../database/connection.ts'
import type { RegisteredSchool, SchoolLink } from './gias-columns.ts'
import { type Directory, type LineResult, LOOK_AGAIN_AFTER_SECONDS, toResult } from './import-recipients.ts'
import { findSchools, idOfSchool, type KnownSchool } from './schools-by-urn-store.ts'
import { type Amendment, type Written, writeRecipients } from './write-recipient.ts'

/** What one row comes to. */
export type Step = { kind: 'write'; amendment: Amendment } | Settled
type Settled =
  | { kind: 'as it was'; id: string }
  | { kind: 'skipped'; id?: string; reason: string }
  | { kind: 'id taken'; id: string }
type Outcome = Settled | { kind: 'written'; id: string; written: Written }

/** Longer than any file of the register's links, and short enough to hold. */
const LINKS_MAX = 200_000

/**
 * Takes the register of schools into the directory, one school a row. It knows a school's name, authority and whether it has closed;
 * channel, contacts, calendar and agency stay as they are. A school that is new has no address yet: whoever is due to be told
 * there is rung, until somebody enters one.
 * @returns how many rows could not be stored through no fault of theirs
 */
export function importSchools(
  room: Directory,
  client: Client,
  rows: AsyncIterable<ReadLine<RegisteredSchool>>,
  results: Spill,
): Promise<number> {
  const today = room.now().toZonedDateTimeISO('Europe/London').toPlainDate().toString()
  return takeRows(room, client, rows, results, {
    urnsOf: ({ urn }) => [urn],
    stepOf: (school, known) => stepOfSchool(school, known.get(school.urn), today),
  })
}

/**
 * Takes the register's links: a closed school leads to the one that succeeded it. One that was split, or has several successors,
 * leads nowhere by itself: the wrong school would be told about somebody's child.
 * @returns how many rows could not be stored through no fault of theirs
 */
export async function importSuccessors(
  room: Directory,
  client: Client,
  rows: AsyncIterable<ReadLine<SchoolLink>>,
  results: Spill,
): Promise<number> {
  const held: ReadLine<SchoolLink>[] = []
  const successors = new Map<string, Set<string>>()
  for await (const row of rows) {
    if (held.length === LINKS_MAX) held.push(tooMany(row.line))
    if (held.length > LINKS_MAX) continue
    held.push(row)
    if (!('item' in row) || row.item.succeeds === 'other') continue
    const { urn, linkUrn } = row.item
    successors.set(urn, (successors.get(urn) ?? new Set()).add(linkUrn))
  }
  return takeRows(room, client, inTurn(held), results, {
    urnsOf: ({ urn, linkUrn }) => [urn, linkUrn],
    stepOf: (link, known) => stepOfLink(link, known, successors.get(link.urn)?.size ?? 0),
  })
}

const tooMany = (line: number): ReadLine<never> => ({
  line,
  status: 413,
  errors: [
    { pointer: '', code: 'too-long', detail: 'A file of links may hold 200,000 rows; this one and those after it were not read' },
  ],
})

async function* inTurn<T>(held: readonly T[]): AsyncGenerator<T> {
  yield* held
}

/** What the register says of one school, against what stands. */
function stepOfSchool(school: RegisteredSchool, known: KnownSchool | undefined, today: string): Step {
  const { urn, name, authority, status } = school
  if (status === 'proposed') {
    return { kind: 'skipped', ...(known ? { id: known.id } : {}), reason: 'This school is proposed and has not opened yet' }
  }
  const id = known?.id ?? idOfSchool(urn)
  if (known !== undefined && (known.service !== 'education_setting' || (known.urn ?? urn) !== urn))
    return { kind: 'id taken', id }
  const amended = <S extends Omit<KnownSchool, 'id' | 'service'>>(stored: S): S => ({
    ...stored,
    urn,
    name,
    authorities: authority === null ? stored.authorities : [authority],
    closedOn: status === 'closed' ? (school.closedOn ?? stored.closedOn ?? today) : undefined,
    // A school that has opened again is told itself. A successor that a person named for an open one is theirs to change.
    successorId: status === 'open' && stored.closedOn !== undefined ? undefined : stored.successorId,
  })
  if (known !== undefined && isSame(known, amended(known))) return { kind: 'as it was', id }
  const closedOn = status === 'closed' ? (school.closedOn ?? today) : undefined
  const authorities = authority === null ? [] : [authority]
  const channel = { kind: 'webhook' as const, url: '' }
  const body = { service: 'education_setting' as const, name, urn, authorities, closedOn, channel }
  return { kind: 'write', amendment: { id, body, isUnknown: known === undefined, amended } }
}

/** What the register says of two schools, against what stands. @param successors how many it names for the first */
function stepOfLink({ urn, linkUrn, succeeds }: SchoolLink, known: ReadonlyMap<string, KnownSchool>, successors: number): Step {
  if (succeeds === 'other') return { kind: 'skipped', reason: 'This link names no successor' }
  const school = known.get(urn)
  if (school === undefined || school.urn !== urn) return { kind: 'skipped', reason: 'This school is not in the directory' }
  const { id, closedOn } = school
  if (closedOn === undefined) {
    const reason = 'This school has not closed, as far as the directory knows; send the establishments first'
    return { kind: 'skipped', id, reason }
  }
  if (succeeds === 'part' || successors > 1) {
    const reason = 'This school has several successors; put the one that is told in its place as its successorId'
    return { kind: 'skipped', id, reason }
  }
  const successor = known.get(linkUrn)
  const successorId = successor?.urn === linkUrn ? successor.id : idOfSchool(linkUrn)
  if (school.successorId === successorId) return { kind: 'as it was', id }
  return { kind: 'write', amendment: { id, body: null, isUnknown: false, amended: (stored) => ({ ...stored, successorId }) } }
}

function isSame(before: KnownSchool, after: KnownSchool): boolean {
  return (
    before.urn === after.urn &&
    before.name === after.name &&
    before.authorities.join() === after.authorities.join() &&
    before.closedOn === after.closedOn &&
    before.successorId === after.successorId
  )
}

interface Rows<T> {
  urnsOf: (item: T) => string[]
  stepOf: (item: T, known: ReadonlyMap<string, KnownSchool>) => Step
}

function takeRows<T>(
  room: Directory,
  client: Client,
  rows: AsyncIterable<ReadLine<T>>,
  results: Spill,
  { urnsOf, stepOf }: Rows<T>,
): Promise<number> {
  const together = (items: readonly T[]) =>
    againWhenInTheWay(() =>
      asAgency(room.database, OPERATOR, async (trx) => {
        const known = await findSchools(trx, [...new Set(items.flatMap(urnsOf))])
        return writeSteps(
          trx,
          room,
          client,
          items.map((item) => stepOf(item, known)),
        )
      }),
    )
  return takeLines<T, Outcome, LineResult>(rows, results, {
    together,
    alone: async (item) => only(await together([item])),
    written: (line, _item, outcome) => resultOf(line, outcome),
    refused: (line, status, errors) => ({ line, status, result: 'failed', errors }),
    notKept: (line, _item, errors) => ({ line, status: 500, result: 'failed', errors }),
  })
}

async function writeSteps(trx: Trx, room: Directory, client: Client, steps: readonly Step[]): Promise<Outcome[]> {
  const at = room.now()
  const amendments = steps.flatMap((step) => (step.kind === 'write' ? [step.amendment] : []))
  const lookAgainAt = at.add({ seconds: LOOK_AGAIN_AFTER_SECONDS })
  const written = (await writeRecipients(trx, room.keys.ring, amendments, { client, at, lookAgainAt })).values()
  return steps.map((step): Outcome => {
    if (step.kind !== 'write') return step
    return { kind: 'written', id: step.amendment.id, written: only([...written.take(1)]) }
  })
}

function resultOf(line: number, outcome: Outcome): LineResult {
  switch (outcome.kind) {
    case 'written':
      return toResult(line, outcome, outcome.written)
    case 'as it was':
      return { line, status: 200, id: outcome.id, result: 'as it was' }
    case 'skipped': {
      const { id, reason } = outcome
      return { line, status: 200, ...(id === undefined ? {} : { id }), result: 'skipped', reason }
    }
    case 'id taken': {
      const detail = 'A recipient that is another stands at this id'
      return { line, status: 400, id: outcome.id, result: 'failed', errors: [{ pointer: '/URN', code: 'id-taken', detail }] }
    }
    default: {
      const never: never = outcome
      throw new Error(`Unknown outcome ${String(never)}`)
    }
  }
}
