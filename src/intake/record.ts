import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import canonicalize from 'canonicalize'
import { open, seal } from '../database/sealing.ts'
import type { FoundInRegisters } from '../routing/registers-then.ts'
import type { RecordedFacts } from '../triage/facts.ts'
import type { Gap } from '../triage/gaps.ts'
import { type Recorded, recordedOf } from '../triage/recorded.ts'
import type { Background } from '../words/background.ts'
import type { NotDispatched } from '../words/dispatch.ts'
import type { NotificationId } from '../words/ids.ts'
import type { Outcome } from '../words/outcome.ts'
import type { KnownRestriction, KnownRestrictions } from '../words/restriction.ts'

/**
 * What was decided about a notification, as it was decided: kept sealed, never recomputed, and only ever added to when a
 * notification is triaged again (invariant 5).
 */
export interface TriageRecord {
  triages: Triage[]
}

export interface Triage {
  at: string
  /** What was known of the people. Only what has no times in it can be read back: they are text here. */
  background: FoundInRegisters
  /** Every fact the rulings rest on, as it was found. */
  facts: RecordedFacts[]
  outcome: Outcome
  /** What the notification left open; absent in records from before it was looked at. */
  gaps?: Gap[]
  notDispatched: NotDispatched[]
  /** What bound the people, as it was known; absent where nothing did. */
  restrictions?: RecordedRestriction[]
}

/** A restriction as it is recorded: without the places it protects, and of another force's without why. */
export type RecordedRestriction = Omit<KnownRestriction, 'protects'>

/** What is recorded of them; undefined where there are none, as before anybody looked. */
export function recordedRestrictions({ living }: KnownRestrictions): RecordedRestriction[] | undefined {
  return living.length === 0 ? undefined : living.map(({ protects: _places, ...said }) => said)
}

/** The quickest setting: a seventh of the time of the usual one's, for a tenth more bytes. */
const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }
/** Before the part that a replay reads: how long it is, as Postgres must know to hand out that part alone. */
export const LENGTH_BYTES = 4
const replayed = (id: NotificationId) => `notification.record.replayed|${id}`
const place = (id: NotificationId) => `notification.record|${id}`

/**
 * Compressed before it is sealed, because afterwards nothing can: sixty rulings with their findings are 56 kB of words that
 * repeat, and 6 kB compressed. Unpacked they were two thirds of all that triage wrote.
 *
 * Two parts stand in one column, each under a seal of its own: what a replay reads of the latest triage, a twelfth of it, then
 * every triage whole. A replay fetches and opens the first alone.
 */
export function sealRecord(dataKey: Buffer, id: NotificationId, record: TriageRecord): Buffer {
  const latest = record.triages.at(-1)
  if (!latest) throw new Error(`There is nothing to record about ${id}`)
  const first = seal(dataKey, replayed(id), compress(recordedOf(latest.outcome, latest.facts)))
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(first.length)
  return Buffer.concat([length, first, seal(dataKey, place(id), compress(record))])
}

/** Every triage of a notification; none where nothing was recorded yet. @throws when the record was tampered with or moved */
export function openRecord(dataKey: Buffer, id: NotificationId, sealed: Buffer | null): TriageRecord {
  if (sealed === null) return { triages: [] }
  return unpack(open(dataKey, place(id), sealed.subarray(LENGTH_BYTES + sealed.readUInt32BE(0))))
}

/** The latest facts and whom they told. @param first the part a replay reads, without its length */
export function openRecorded(dataKey: Buffer, id: NotificationId, first: Buffer): Recorded {
  return unpack(open(dataKey, replayed(id), first))
}

/** One more triage at the end. `background` holds Temporal values, which JSON writes as text. */
export function withTriage(
  record: TriageRecord,
  triage: Omit<Triage, 'background' | 'restrictions'> & {
    background: Background
    restrictions?: RecordedRestriction[] | undefined
  },
): TriageRecord {
  const { restrictions, ...rest } = triage
  return { triages: [...record.triages, { ...rest, ...(restrictions ? { restrictions } : {}) }] }
}

/** What two triages are compared by. */
type Said = Pick<Triage, 'outcome' | 'gaps' | 'notDispatched'> & { restrictions?: RecordedRestriction[] | undefined }

/** Whether one triage decided what another did under the same restrictions, whenever it was and whatever else became known. */
export function saysTheSame(one: Triage, other: Said): boolean {
  const said = ({ outcome, gaps, notDispatched, restrictions = [] }: Said) =>
    canonicalize({ outcome, gaps: gaps ?? [], notDispatched, restrictions })
  return said(one) === said(other)
}

function compress(value: unknown): Buffer {
  return brotliCompressSync(JSON.stringify(value), QUICK)
}

/** The caller names what it packed: only what we sealed ourselves can be opened at all. */
function unpack<T>(packed: Buffer): T {
  return JSON.parse(brotliDecompressSync(packed).toString('utf8'))
}
