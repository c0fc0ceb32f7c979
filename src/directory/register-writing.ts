import { z } from 'zod'
import { badRequest, conflict, type Fault } from '../access/problems.ts'
import { againWhenInTheWay } from '../database/again.ts'
import { asAgency, type Database } from '../database/connection.ts'
import type { Keys } from '../database/service-keys.ts'
import { nhsNumberOf, pncIdOf, upnOf, uprnOf } from '../history/identifiers.ts'
import { certainKinds, type Findable, personKeys } from '../history/person-keys.ts'
import type { Clock } from '../words/clock.ts'

/** What the registers' stories need; the database is the app's role. */
export interface Registers {
  database: Database
  keys: Keys
  now: Clock
}

/** As for a notification: a clock may be this far ahead of ours, and no more. A future `asOf` would stay fresh for ever. */
const AHEAD_MINUTES = 5
const FLAGS_MAX = 100

export const date = () => z.iso.date({ error: 'Write a date as YYYY-MM-DD' })
export const name = () => z.string().trim().min(1).max(200)
/** Checked, and flagged where it cannot be right; never refused. */
export const identifier = () => z.string().min(1).max(64)
export const reference = () =>
  z
    .string()
    .min(1)
    .max(64)
    .regex(/^[\x21-\x7e]+$/, 'Write the reference in printable characters without spaces')

/** What is wrong with what was taken in all the same. */
export const flags = () =>
  z
    .array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() }))
    .describe('Numbers that cannot be right, and people whom nothing here can find: taken in, and matched to nobody by them')

/** Registers of many rows are sent side by side; their transactions may meet at the same chain. */
export const writingAs: typeof asAgency = (database, agency, work) => againWhenInTheWay(() => asAgency(database, agency, work))

/** A time that has not come is refused. To the millisecond: what Postgres rounds would not be the same when it is sent again. */
export function notAhead(text: string, at: Temporal.Instant, pointer: string): Temporal.Instant {
  const moment = Temporal.Instant.from(text).round('millisecond')
  const fault = aheadOf(moment, at, pointer)
  if (fault === null) return moment
  throw badRequest([fault])
}

/** The fault of a time that has not come, or null. */
export function aheadOf(moment: Temporal.Instant, at: Temporal.Instant, pointer: string): Fault | null {
  if (Temporal.Instant.compare(moment, at.add({ minutes: AHEAD_MINUTES })) <= 0) return null
  return { pointer, code: 'in-the-future', detail: 'This time has not come yet' }
}

/** What cannot be right about a person of a register, and whether anybody could be found by the rest. */
export function flagsOf(person: Findable, pointer: string, keys: Keys): Fault[] {
  const numbers: [string, string | undefined, (text: string) => string | null][] = [
    ['/nhsNumber', person.nhsNumber, nhsNumberOf],
    ['/upn', person.upn, upnOf],
    ['/pncId', person.pncId, pncIdOf],
    ['/address/uprn', person.address?.uprn, uprnOf],
  ]
  const bad = numbers.flatMap(([field, number, read]) =>
    number !== undefined && read(number) === null
      ? [{ pointer: `${pointer}${field}`, code: 'bad-identifier', detail: 'No such number can exist; nobody is found by it' }]
      : [],
  )
  const found = personKeys(keys.service.index.key, person, 'any force').some(({ kind }) => certainKinds.has(kind))
  const detail = 'Nobody is found by this: give a date of birth with both names, or a number that can be right'
  return found ? bad : [...bad, { pointer, code: 'cannot-be-matched', detail }]
}

/**
 * What was sent is older than what stands, and changed nothing. Said aloud: whoever pushes registers would take a 200 for kept.
 * @param asOf of what stands
 */
export const newerKept = (asOf: Temporal.Instant) =>
  conflict('newer-kept', `The register said something newer as of ${asOf}, and that is kept. Nothing needs to be sent again.`)

/** As many as a person would read. */
export const firstFlags = (all: readonly Fault[]) => all.slice(0, FLAGS_MAX)
