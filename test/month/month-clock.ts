const LONDON = 'Europe/London'

/** The moments at which the month is looked at: every hour, every half while schools open, and now and then at night. */
export function* moments(from: Temporal.Instant, to: Temporal.Instant): Generator<Temporal.Instant> {
  for (let at = from; Temporal.Instant.compare(at, to) < 0; ) {
    yield at
    const { hour } = at.toZonedDateTimeISO(LONDON)
    at = at.add({ minutes: hour >= 7 && hour < 9 ? 30 : hour >= 6 && hour < 22 ? 60 : 120 })
  }
}

export const londonHour = (at: Temporal.Instant) => at.toZonedDateTimeISO(LONDON).hour
export const londonDay = (at: Temporal.Instant) => at.toZonedDateTimeISO(LONDON).toPlainDate().toString()
export const isWeekend = (at: Temporal.Instant) => at.toZonedDateTimeISO(LONDON).dayOfWeek > 5
