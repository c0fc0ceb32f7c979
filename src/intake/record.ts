import { openJson, sealJson } from '../database/sealing.ts'
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

const place = (id: NotificationId) => `notification.record|${id}`

export function sealRecord(dataKey: Buffer, id: NotificationId, record: TriageRecord): Buffer {
  return sealJson(dataKey, place(id), record)
}

export function openRecord(dataKey: Buffer, id: NotificationId, sealed: Buffer | null): TriageRecord {
  return sealed === null ? { triages: [] } : openJson<TriageRecord>(dataKey, place(id), sealed)
}

/** One more triage at the end. `background` holds Temporal values, which JSON writes as text. */
export function withTriage(record: TriageRecord, triage: Omit<Triage, 'background'> & { background: Background }): TriageRecord {
  return { triages: [...record.triages, triage] }
}
