import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import canonicalize from 'canonicalize'
import { open, seal } from '../database/sealing.ts'
import type { RecordedFacts } from '../triage/facts.ts'
import type { Gap } from '../triage/gaps.ts'
import { type Recorded, recordedOf } from '../triage/recorded.ts'
import type { Background } from '../words/background.ts'
import type { NotDispatched } from '../words/dispatch.ts'
import type { NotificationId } from '../words/ids.ts'
import type { Outcome } from '../words/outcome.ts'

/**
 * What was decided about a notification, as it was decided: kept sealed, never recomputed, and only ever added to when a
 * notification is triaged again (invariant 5).
 */
export interface TriageRecord {
  triages: Triage[]
}

export interface Triage {
  at: string
  /** What was known of the people; times as text. */
  background: unknown
  /** Every fact the rulings rest on, as it was found. */
  facts: RecordedFacts[]
  outcome: Outcome
  /** What the notification left open; absent in records from before it was looked at. */
  gaps?: Gap[]
  notDispatched: NotDispatched[]
}

/** The quickest setting: a seventh of the time of the usual one's, for a tenth more bytes. */
const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }
const LENGTH_BYTES = 4
const place = (id: NotificationId) => `notification.record|${id}`

/**
 * Compressed before it is sealed, because afterwards nothing can: sixty rulings with their findings are 56 kB of words that
 * repeat, and 6 kB compressed. Unpacked they were two thirds of all that triage wrote.
 *
 * It lies in two parts under one seal: the latest facts and whom they told, then everything else. A replay unpacks the
 * first alone, 60 µs in place of 360.
 */
export function sealRecord(dataKey: Buffer, id: NotificationId, { triages }: TriageRecord): Buffer {
  const latest = triages.at(-1)
  if (!latest) throw new Error(`There is nothing to record about ${id}`)
  const first = compress(recordedOf(latest.outcome, latest.facts))
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(first.length)
  const rest = compress({ triages: triages.with(-1, { ...latest, facts: [] }) })
  return seal(dataKey, place(id), Buffer.concat([length, first, rest]))
}

export function openRecord(dataKey: Buffer, id: NotificationId, sealed: Buffer | null): TriageRecord {
  if (sealed === null) return { triages: [] }
  const { first, rest } = inParts(open(dataKey, place(id), sealed))
  const { facts }: Recorded = JSON.parse(brotliDecompressSync(first).toString('utf8'))
  const { triages }: TriageRecord = JSON.parse(brotliDecompressSync(rest).toString('utf8'))
  return { triages: triages.map((triage, at) => (at === triages.length - 1 ? { ...triage, facts } : triage)) }
}

/** The latest facts and whom they told, without unpacking the rest. */
export function openRecorded(dataKey: Buffer, id: NotificationId, sealed: Buffer): Recorded {
  return JSON.parse(brotliDecompressSync(inParts(open(dataKey, place(id), sealed)).first).toString('utf8'))
}

/** One more triage at the end. `background` holds Temporal values, which JSON writes as text. */
export function withTriage(record: TriageRecord, triage: Omit<Triage, 'background'> & { background: Background }): TriageRecord {
  return { triages: [...record.triages, triage] }
}

/** Whether one triage decided what another did, whenever it was and whatever else became known. */
export function saysTheSame(one: Triage, other: Pick<Triage, 'outcome' | 'gaps' | 'notDispatched'>): boolean {
  const said = ({ outcome, gaps, notDispatched }: typeof other) => canonicalize({ outcome, gaps: gaps ?? [], notDispatched })
  return said(one) === said(other)
}

function compress(value: unknown): Buffer {
  return brotliCompressSync(JSON.stringify(value), QUICK)
}

function inParts(plain: Buffer): { first: Buffer; rest: Buffer } {
  const end = LENGTH_BYTES + plain.readUInt32BE(0)
  return { first: plain.subarray(LENGTH_BYTES, end), rest: plain.subarray(end) }
}
