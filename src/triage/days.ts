import type { DateText } from '../words/clock.ts'

/**
 * A calendar date as plain numbers, months counting from 1. Ages are worked out for everybody on every notification, and
 * whole numbers do that a hundred times faster than calendar objects.
 */
export interface Day {
  year: number
  month: number
  day: number
}

/** Reads `YYYY-MM-DD`. */
export function dayOf(text: DateText): Day {
  return { year: Number(text.slice(0, 4)), month: Number(text.slice(5, 7)), day: Number(text.slice(8, 10)) }
}

/** The date in Europe/London at an instant: the day on which ages and editions are taken. */
export function londonDay(instant: Temporal.Instant): Day {
  const { year, month, day } = instant.toZonedDateTimeISO('Europe/London')
  return { year, month, day }
}

/** The first moment of that date in Europe/London, in milliseconds of Unix time. */
export function londonStartMs(date: Day): number {
  return Temporal.PlainDate.from(date).toZonedDateTime('Europe/London').epochMilliseconds
}

/** `YYYY-MM-DD`. */
export function dateText({ year, month, day }: Day): DateText {
  return `${year}-${month < 10 ? '0' : ''}${month}-${day < 10 ? '0' : ''}${day}`
}

/** Whole months lived on a date; negative before birth. Someone born on the 31st is a month older on the 1st after a short month. */
export function monthsOn(born: Day, on: Day): number {
  const months = (on.year - born.year) * 12 + on.month - born.month
  return on.day < born.day ? months - 1 : months
}

/** Whole years lived on a date; negative before birth. Someone born on 29 February comes of age on 1 March. */
export function yearsOn(born: Day, on: Day): number {
  return Math.floor(monthsOn(born, on) / 12)
}

/** The same day so many calendar months earlier, or the last day of that month where it has no such day. */
export function monthsBefore({ year, month, day }: Day, months: number): Day {
  const count = year * 12 + (month - 1) - months
  const earlier = { year: Math.floor(count / 12), month: (count % 12) + 1 }
  return { ...earlier, day: Math.min(day, daysIn(earlier.year, earlier.month)) }
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
}

/**
 * Compulsory school age begins on the fifth birthday when that is 31 March, 31 August or 31 December, else on the next of
 * these days (Education Act 1996 s.8).
 */
export function schoolAgeStarts({ year, month }: Day): Day {
  const fifth = year + 5
  if (month <= 3) return { year: fifth, month: 3, day: 31 }
  return month <= 8 ? { year: fifth, month: 8, day: 31 } : { year: fifth, month: 12, day: 31 }
}

/** The 1 September after the fourth birthday, from which a child may be in Reception. A birthday on that day waits a year. */
export function receptionStarts({ year, month }: Day): Day {
  return { year: month <= 8 ? year + 4 : year + 5, month: 9, day: 1 }
}

/** Whether one date stands on or after another. */
export function reached(from: Day, on: Day): boolean {
  if (on.year !== from.year) return on.year > from.year
  return on.month !== from.month ? on.month > from.month : on.day >= from.day
}
