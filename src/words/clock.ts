/**
 * The clock, passed in from `main` and read once per story. Nothing else reads the time: a deadline that
 * could be computed from two clocks could be met on one and missed on the other.
 */
export type Clock = () => Temporal.Instant

/** An RFC 3339 date and time with an offset, as the police sent it, for example `2026-10-14T21:02:00+01:00`. */
export type InstantText = string
/** A calendar date, `YYYY-MM-DD`. */
export type DateText = string
/** A time of day in Europe/London, `HH:MM`. */
export type TimeText = string
