import Holidays from 'date-holidays'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCalendar, london } from '../../test/support/routing-builders.ts'
import bankHolidays from './bank-holidays.json' with { type: 'json' }
import { bankHolidayCover, londonDate, nextOpening, openOn, termsKnownAt } from './calendar.ts'

const opens = (after: string, calendar = aCalendar()) => nextOpening(calendar, london(after))

describe('a school without listed terms', () => {
  test('an incident reported in the evening reaches the school before it opens next morning', () => {
    expect(opens('2026-11-04T20:10')).toEqual(london('2026-11-05T08:45'))
  })

  test('an incident reported before the school opens is due that same morning', () => {
    expect(opens('2026-11-05T03:10')).toEqual(london('2026-11-05T08:45'))
    expect(opens('2026-11-05T08:44:59')).toEqual(london('2026-11-05T08:45'))
  })

  test('an incident reported as the school opens is due the next morning', () => {
    expect(opens('2026-11-05T08:45')).toEqual(london('2026-11-06T08:45'))
  })

  test('a Friday-night incident reaches the school before Monday opens', () => {
    expect(opens('2026-03-06T21:10')).toEqual(london('2026-03-09T08:45'))
    expect(opens('2026-03-06T23:59')).toEqual(london('2026-03-09T08:45'))
    expect(opens('2026-03-07T00:01')).toEqual(london('2026-03-09T08:45'))
  })

  test('an incident over Easter reaches the school on the Tuesday', () => {
    expect(opens('2026-04-02T19:00')).toEqual(london('2026-04-07T08:45'))
  })

  test('an incident on 31 December reaches the school on the first weekday that is no bank holiday', () => {
    expect(opens('2026-12-31T23:30')).toEqual(london('2027-01-04T08:45'))
    expect(opens('2027-12-31T23:30')).toEqual(london('2028-01-04T08:45'))
  })

  test('a substitute day for Boxing Day is a bank holiday', () => {
    expect(opens('2026-12-24T12:00')).toEqual(london('2026-12-29T08:45'))
  })
})

describe('a school whose terms are listed', () => {
  const calendar = aCalendar({
    opensAt: '08:30',
    terms: [
      ['2026-11-02', '2026-12-18'],
      ['2026-09-02', '2026-10-23'],
    ],
    closedDays: ['2026-11-02'],
  })

  test('an incident at half-term is due before the first day back, after a closed day', () => {
    expect(opens('2026-10-23T15:30', calendar)).toEqual(london('2026-11-03T08:30'))
    expect(opens('2026-10-28T10:00', calendar)).toEqual(london('2026-11-03T08:30'))
  })

  test('beyond the listed terms every weekday but a bank holiday is open, and the terms are asked for', () => {
    expect(opens('2026-12-18T12:00', calendar)).toEqual(london('2026-12-21T08:30'))
    expect(opens('2026-08-31T12:00', calendar)).toEqual(london('2026-09-01T08:30'))
    expect(termsKnownAt(calendar, london('2026-12-21T08:30'))).toBe(false)
    expect(termsKnownAt(calendar, london('2026-11-03T08:30'))).toBe(true)
    expect(termsKnownAt(aCalendar(), london('2026-11-03T08:30'))).toBe(false)
  })

  test('the first and the last day of a term are school days', () => {
    const december = aCalendar({ terms: [['2026-12-01', '2026-12-17']] })
    const january = aCalendar({ terms: [...december.terms, ['2027-01-05', '2027-02-12']] })
    expect(opens('2026-12-16T20:00', january)).toEqual(london('2026-12-17T08:45'))
    expect(opens('2026-12-17T20:00', january)).toEqual(london('2027-01-05T08:45'))
    expect(['2026-12-01', '2026-12-17'].map((day) => termsKnownAt(december, london(`${day}T08:45`)))).toEqual([true, true])
    expect(['2026-11-30', '2026-12-18'].map((day) => termsKnownAt(december, london(`${day}T08:45`)))).toEqual([false, false])
  })

  test('in the holidays the term that comes next counts, however the terms are listed', () => {
    const terms: [string, string][] = [
      ['2026-09-02', '2026-10-23'],
      ['2026-11-02', '2026-12-18'],
      ['2027-01-05', '2027-02-12'],
    ]
    for (const listed of [terms, terms.toReversed()]) {
      expect(opens('2026-10-28T10:00', aCalendar({ terms: listed }))).toEqual(london('2026-11-02T08:45'))
    }
  })

  test('a closure of a year and a day is believed, and a longer one is a slip', () => {
    const closedUntil = (day: string) =>
      aCalendar({
        terms: [
          ['2026-01-05', '2026-02-02'],
          [day, '2027-03-25'],
        ],
      })
    expect(opens('2026-02-02T20:00', closedUntil('2027-02-04'))).toEqual(london('2027-02-04T08:45'))
    expect(opens('2026-02-02T20:00', closedUntil('2027-02-05'))).toEqual(london('2026-02-03T08:45'))
  })

  test('a school that lists every day as closed still gives a morning', () => {
    const start = Temporal.PlainDate.from('2026-01-01')
    const closedDays = Array.from({ length: 800 }, (_, days) => start.add({ days }).toString())
    expect(opens('2026-02-03T12:00', aCalendar({ closedDays }))).toEqual(london('2026-02-04T08:45'))
  })

  test('a calendar without any open day in a year still gives a morning', () => {
    const mistaken = aCalendar({
      terms: [
        ['2026-01-05', '2026-01-05'],
        ['2036-01-07', '2036-01-08'],
      ],
    })
    expect(opens('2026-02-03T12:00', mistaken)).toEqual(london('2026-02-04T08:45'))
  })
})

describe('when the clocks change', () => {
  test('a Saturday before the clocks go forward is due at 08:45 summer time', () => {
    expect(opens('2026-03-28T22:00').toString()).toBe('2026-03-30T07:45:00Z')
  })

  test('a Saturday before the clocks go back is due at 08:45 winter time', () => {
    expect(opens('2026-10-24T22:00').toString()).toBe('2026-10-26T08:45:00Z')
  })

  test('midnight in London decides the date', () => {
    expect(londonDate(Temporal.Instant.from('2026-07-01T23:30:00Z'))).toBe('2026-07-02')
    expect(londonDate(Temporal.Instant.from('2026-12-01T23:30:00Z'))).toBe('2026-12-01')
  })
})

test('an opening is never before the report, never on a closed day, and the first of its kind', () => {
  const times = fc.integer({
    min: london('2025-01-01T00:00').epochMilliseconds,
    max: london('2029-06-01T00:00').epochMilliseconds,
  })
  const days = fc.integer({ min: 0, max: 60 }).map((n) => Temporal.PlainDate.from('2026-10-01').add({ days: n }).toString())
  const termPairs = fc.constantFrom<[string, string][]>(
    [],
    [
      ['2026-09-02', '2026-10-23'],
      ['2026-11-02', '2026-12-18'],
    ],
  )
  fc.assert(
    fc.property(times, fc.array(days, { maxLength: 8 }), termPairs, (ms, closedDays, terms) => {
      const report = Temporal.Instant.fromEpochMilliseconds(ms)
      const calendar = aCalendar({ closedDays, terms })
      const opening = nextOpening(calendar, report)
      expect(opening.epochMilliseconds).toBeGreaterThan(ms)
      expect(openOn(calendar, londonDate(opening))).toBe(true)
      const early = opening.subtract({ hours: 24 })
      if (Temporal.Instant.compare(early, report) > 0) expect(openOn(calendar, londonDate(early))).toBe(false)
    }),
    { numRuns: 300 },
  )
})

test('the bank holidays are those of an independent calendar of England, and their end is known', () => {
  const england = new Holidays('GB', 'ENG')
  const published = bankHolidays.events.map(({ date }) => date)
  for (const year of [2025, 2026, 2027, 2028]) {
    const expected = england
      .getHolidays(year)
      .filter(({ type }) => type === 'public')
      .map(({ date }) => date.slice(0, 10))
    const weekdays = [...new Set(expected)].filter((date) => Temporal.PlainDate.from(date).dayOfWeek <= 5)
    expect(published.filter((date) => date.startsWith(`${year}`))).toEqual(weekdays.sort())
  }
  expect(bankHolidayCover()).toBe('2028-12-31')
})
