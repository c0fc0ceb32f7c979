import type { DateText } from '../words/clock.ts'
import type { SchoolCalendar, WeekHours } from '../words/recipient.ts'
import bankHolidays from './bank-holidays.json' with { type: 'json' }

/** The only time zone a school day, a birthday or an opening hour is read in. */
const LONDON = 'Europe/London'

/** A year and a day: no real closure is longer, so a calendar that says so is mistaken. */
const DAYS_AHEAD_MAX = 366

/** GOV.UK publishes whole years, one or two ahead (`https://www.gov.uk/bank-holidays.json`, England and Wales). */
const bankHolidayDates: ReadonlySet<DateText> = new Set(bankHolidays.events.map((event) => event.date))

const lastYearPublished = bankHolidays.events
  .reduce((latest, event) => (event.date > latest ? event.date : latest), '')
  .slice(0, 4)

/** What is assumed of a school we know nothing of: it opens at 08:45 on every weekday that is no bank holiday. */
export const calendarWhereUnknown: SchoolCalendar = { opensAt: '08:45', terms: [], closedDays: [] }

/**
 * The last date for which the bank holidays are known. After it a bank holiday counts as a school day, which makes the
 * deadline earlier and never later; `doctor` and `/health` warn when it is less than six months away.
 */
export function bankHolidayCover(): DateText {
  return `${lastYearPublished}-12-31`
}

/** The calendar date in Europe/London at that instant: the day on which ages, editions and school days are taken. */
export function londonDate(at: Temporal.Instant): DateText {
  return at.toZonedDateTimeISO(LONDON).toPlainDate().toString()
}

/**
 * The first `opensAt` (Europe/London) after an instant on a day the school is open, that same morning included
 * (design, "Settled ambiguities": school deadline).
 */
export function nextOpening(calendar: SchoolCalendar, after: Temporal.Instant): Temporal.Instant {
  const local = after.toZonedDateTimeISO(LONDON)
  const opensAt = Temporal.PlainTime.from(calendar.opensAt)
  const today = local.toPlainDate()
  const stillAhead = Temporal.PlainTime.compare(local.toPlainTime(), opensAt) < 0
  const first = stillAhead ? today : today.add({ days: 1 })
  // A calendar without a single open day in a year is a slip in the directory. The child is then protected by the
  // earliest morning on which any school could be open.
  const day = firstOpenDay(calendar, first) ?? firstOpenDay(calendarWhereUnknown, first) ?? first
  return day.toZonedDateTime({ timeZone: LONDON, plainTime: opensAt }).toInstant()
}

/** Whether the listed terms reach the day on which something is due. Where they do not, the school is asked for them. */
export function termsKnownAt(calendar: SchoolCalendar, at: Temporal.Instant): boolean {
  return calendar.terms.length > 0 && withinListedTerms(calendar, londonDate(at))
}

/** What is assumed of a service that names who stands in for it and not when: the hours of an office. */
export const officeHoursWhereUnknown: WeekHours = {
  monday: [['09:00', '17:00']],
  tuesday: [['09:00', '17:00']],
  wednesday: [['09:00', '17:00']],
  thursday: [['09:00', '17:00']],
  friday: [['09:00', '17:00']],
}

const weekdayNames = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

/**
 * Whether somebody is there at that instant, by a service's hours in Europe/London. `00:00` at the end of a span is midnight.
 * On a bank holiday nobody is taken to be there: then somebody else hears too, and nothing is lost by that.
 */
export function somebodyThere(hours: WeekHours, at: Temporal.Instant): boolean {
  const local = at.toZonedDateTimeISO(LONDON)
  if (bankHolidayDates.has(local.toPlainDate().toString())) return false
  const weekday = weekdayNames[local.dayOfWeek - 1]
  const time = local.toPlainTime().toString().slice(0, 5)
  const spans = weekday === undefined ? [] : (hours[weekday] ?? [])
  return spans.some(([from, to]) => from <= time && (time < to || to === '00:00'))
}

/** Whether the school is open to children on that date. A day beyond the listed terms is open unless a bank holiday. */
export function openOn(calendar: SchoolCalendar, date: DateText): boolean {
  const weekday = Temporal.PlainDate.from(date).dayOfWeek
  return openOnWeekday(calendar, date, weekday)
}

function firstOpenDay(calendar: SchoolCalendar, from: Temporal.PlainDate): Temporal.PlainDate | null {
  let day = from
  for (let looked = 0; looked < DAYS_AHEAD_MAX; looked += 1) {
    const date = day.toString()
    if (openOnWeekday(calendar, date, day.dayOfWeek)) return day
    const termStart = startOfNextTerm(calendar, date)
    day = termStart === null ? day.add({ days: 1 }) : Temporal.PlainDate.from(termStart)
    if (termStart !== null && from.until(day).days > DAYS_AHEAD_MAX) return null
  }
  return null
}

function openOnWeekday(calendar: SchoolCalendar, date: DateText, dayOfWeek: number): boolean {
  if (dayOfWeek > 5 || bankHolidayDates.has(date) || calendar.closedDays.includes(date)) return false
  return inTerm(calendar, date) || !withinListedTerms(calendar, date)
}

function inTerm(calendar: SchoolCalendar, date: DateText): boolean {
  return calendar.terms.some(([first, last]) => first <= date && date <= last)
}

/** Between the first day and the last day of all terms listed, holidays between them included. */
function withinListedTerms(calendar: SchoolCalendar, date: DateText): boolean {
  return calendar.terms.some(([first]) => first <= date) && calendar.terms.some(([, last]) => date <= last)
}

/** For a day in the holidays, the first day of the next term: a summer is then one step and not forty. */
function startOfNextTerm(calendar: SchoolCalendar, date: DateText): DateText | null {
  if (calendar.terms.length === 0 || inTerm(calendar, date) || !withinListedTerms(calendar, date)) return null
  let next: DateText | null = null
  for (const [first] of calendar.terms) if (first > date && (next === null || first < next)) next = first
  return next
}
