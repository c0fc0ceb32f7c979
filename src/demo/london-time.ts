const LONDON = 'Europe/London'
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

const two = (value: number) => String(value).padStart(2, '0')

/** A moment as people in England and Wales say it: `Mon 9 Nov 08:45`. */
export function dayAndTime(at: Temporal.Instant): string {
  const local = at.toZonedDateTimeISO(LONDON)
  return `${DAYS[local.dayOfWeek - 1]} ${local.day} ${MONTHS[local.month - 1]} ${two(local.hour)}:${two(local.minute)}`
}

/** The time of day to the second, for what happens while one watches: `08:45:02`. */
export function timeOfDay(at: Temporal.Instant): string {
  const local = at.toZonedDateTimeISO(LONDON)
  return `${two(local.hour)}:${two(local.minute)}:${two(local.second)}`
}

/** A date of birth as it is read aloud: `4 May 2017`. */
export function dayInWords(date: string): string {
  const { day, month, year } = Temporal.PlainDate.from(date)
  return `${day} ${MONTHS[month - 1]} ${year}`
}

/** An instant as a police system in England and Wales would write it, with the offset of that day. */
export function londonText(at: Temporal.Instant): string {
  return at.toZonedDateTimeISO(LONDON).toString({ timeZoneName: 'never', smallestUnit: 'second' })
}

/** The calendar day in London at that moment. */
export function londonDay(at: Temporal.Instant): Temporal.PlainDate {
  return at.toZonedDateTimeISO(LONDON).toPlainDate()
}
