import { sql } from 'kysely'
import type { Trx } from '../database/connection.ts'
import { certainKinds, type PersonKey } from '../history/person-keys.ts'

/** A register of open cases older than this reads as unknown (contract §7). */
export const OPEN_CASE_FRESH_HOURS = 48
/** A roll is written by term and not by night. */
export const ROLL_FRESH_HOURS = 30 * 24

/** Registers of many rows come in one night: what they touch looks again once, and soon. */
const LOOK_AGAIN_AFTER_SECONDS = 2

/** What a register said of somebody before it was written now. */
export interface SaidBefore {
  /** The keys its row had. */
  keys: readonly Buffer[]
  /** It counted: not new, not closed, and not so old that it read as unknown. */
  counted: boolean
}

/**
 * Makes the triaged notifications of these people due again: triage did not know what the register says now. Certain keys
 * alone, as they alone decide. A row that counted already says something new only of whoever was not in it, so that a register
 * pushed whole every night has nothing triaged again for nothing. Looking again only adds: who is no longer in a register
 * wakes nobody. One statement, and none where nothing is new.
 */
export async function wakeWhomItNames(
  trx: Trx,
  now: readonly PersonKey[],
  before: SaidBefore,
  at: Temporal.Instant,
): Promise<void> {
  const known = new Set(before.counted ? before.keys.map((key) => key.toString('base64')) : [])
  const news = now.filter(({ key, kind }) => certainKinds.has(kind) && !known.has(key.toString('base64'))).map(({ key }) => key)
  if (news.length === 0) return
  const lookAgainAt = at.add({ seconds: LOOK_AGAIN_AFTER_SECONDS })
  await sql`select wake_notifications_named_by_register(${news}::bytea[], ${lookAgainAt}::timestamptz)`.execute(trx)
}

/** Whether a register that spoke at `asOf` still counts at `at`. */
export function counts(asOf: Temporal.Instant, hours: number, at: Temporal.Instant): boolean {
  return Temporal.Instant.compare(asOf, at.subtract({ hours })) >= 0
}
