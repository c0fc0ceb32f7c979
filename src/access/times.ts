import { z } from 'zod'

/** Hours from UTC; no place on earth is further, and Postgres refuses beyond 15. */
const OFFSET_HOURS_MAX = 14
const LATEST_YEAR = 9998

/**
 * A date and time with its offset, RFC 3339, as every door takes it. Stricter than the form alone: a time that passes here
 * can be kept by Temporal (nine digits of a second) and by Postgres (years, offsets), so that nothing fails behind the door.
 */
export const instantText = () =>
  z.iso
    .datetime({ offset: true, error: 'Write an RFC 3339 date and time with its offset, for example 2026-10-14T21:02:00+01:00' })
    .refine(canBeKept, {
      error: 'Write a time between the years 1 and 9998, with at most nine digits of a second and a real offset',
    })

function canBeKept(text: string): boolean {
  const parts = /^(\d{4})-.*?(?:\.(\d+))?(?:Z|[+-](\d\d):\d\d)$/.exec(text)
  // Of another form altogether: that is told already.
  if (!parts) return true
  const [, year = '', fraction = '', hours = '0'] = parts
  return Number(year) >= 1 && Number(year) <= LATEST_YEAR && fraction.length <= 9 && Number(hours) <= OFFSET_HOURS_MAX
}
