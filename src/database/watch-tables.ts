import type { ColumnType } from 'kysely'

type Instant = Temporal.Instant
type Later<T> = ColumnType<T | null, T | null | undefined, T | null>

/** The tables of what is watched: what was expected, and the alarms that stand. */
export interface WatchTables {
  manifest: { agency: string; day: string; police_references: string[]; put_at: Instant; put_by: string }
  expected_traffic: {
    agency: string
    /** Empty: the force as a whole. */
    authority: string
    at_least: number
    within_hours: number
    set_at: Instant
    set_by: string
  }
  alarm: {
    id: `alm_${string}`
    key: string
    kind: string
    agency: string
    authority: Later<string>
    recipient_id: Later<string>
    day: Later<string>
    since: Instant
    raised_at: Instant
    ended_at: Later<Instant>
    data_key: Buffer
    wrapped_by: string
  }
}
