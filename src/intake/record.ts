import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import { open, seal } from '../database/sealing.ts'
import type { RecordedFacts } from '../triage/facts.ts'
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
  notDispatched: NotDispatched[]
}

/** The quickest setting: a seventh of the time of the usual one's, for a tenth more bytes. */
const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }
const place = (id: NotificationId) => `notification.record|${id}`

/**
 * Compressed before it is sealed, because afterwards nothing can: sixty rulings with their findings are 56 kB of words that
 * repeat, and 6 kB compressed. Unpacked they were two thirds of all that triage wrote.
 */
export function sealRecord(dataKey: Buffer, id: NotificationId, record: TriageRecord): Buffer {
  return seal(dataKey, place(id), brotliCompressSync(JSON.stringify(record), QUICK))
}

export function openRecord(dataKey: Buffer, id: NotificationId, sealed: Buffer | null): TriageRecord {
  return sealed === null ? { triages: [] } : JSON.parse(brotliDecompressSync(open(dataKey, place(id), sealed)).toString('utf8'))
}

/** One more triage at the end. `background` holds Temporal values, which JSON writes as text. */
export function withTriage(record: TriageRecord, triage: Omit<Triage, 'background'> & { background: Background }): TriageRecord {
  return { triages: [...record.triages, triage] }
}
