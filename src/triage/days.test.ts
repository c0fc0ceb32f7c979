import { expect, test } from 'vitest'
import {
  dateText,
  dayOf,
  londonDay,
  londonStartMs,
  monthsBefore,
  monthsOn,
  reached,
  receptionStarts,
  schoolAgeStarts,
  yearsOn,
} from './days.ts'

// The first and last come from published examples; the rest were worked out by running the rule (domain §4.1).
test.each([
  ['2019-02-10', '2024-03-31'],
  ['2020-02-29', '2025-03-31'],
  ['2020-03-31', '2025-03-31'],
  ['2020-04-01', '2025-08-31'],
  ['2020-08-31', '2025-08-31'],
  ['2020-09-01', '2025-12-31'],
  ['2020-12-31', '2025-12-31'],
  ['2021-01-01', '2026-03-31'],
  ['2007-09-23', '2012-12-31'],
])('a child born on %s is of compulsory school age from %s', (born, starts) => {
  expect(dateText(schoolAgeStarts(dayOf(born)))).toBe(starts)
})

test.each([
  ['2022-08-31', '2026-09-01'],
  ['2022-09-01', '2027-09-01'],
  ['2022-01-02', '2026-09-01'],
])('a child born on %s may be in Reception from %s', (born, starts) => {
  expect(dateText(receptionStarts(dayOf(born)))).toBe(starts)
})

test.each([
  ['2010-11-04', '2026-11-03', 15],
  ['2010-11-04', '2026-11-04', 16],
  ['2010-11-05', '2026-11-04', 15],
  ['2008-02-29', '2026-02-28', 17],
  ['2008-02-29', '2026-03-01', 18],
  ['2026-11-05', '2026-11-04', -1],
])('someone born on %s has lived on %s for %i years', (born, on, years) => {
  expect(yearsOn(dayOf(born), dayOf(on))).toBe(years)
})

test('twelve months are lived on the first birthday and not the day before', () => {
  expect(monthsOn(dayOf('2025-11-04'), dayOf('2026-11-03'))).toBe(11)
  expect(monthsOn(dayOf('2025-11-04'), dayOf('2026-11-04'))).toBe(12)
})

test.each([
  ['2026-11-04', '2026-08-04'],
  ['2026-02-15', '2025-11-15'],
  ['2026-05-31', '2026-02-28'],
  ['2028-05-31', '2028-02-29'],
  ['2026-03-31', '2025-12-31'],
  ['2026-01-01', '2025-10-01'],
  ['2026-07-31', '2026-04-30'],
  ['2026-12-31', '2026-09-30'],
  ['2027-01-31', '2026-10-31'],
  ['2000-05-30', '2000-02-29'],
  ['2100-05-30', '2100-02-28'],
])('three calendar months before %s is %s', (on, earlier) => {
  expect(dateText(monthsBefore(dayOf(on), 3))).toBe(earlier)
})

test('the day is London’s: half past eleven at night in summer time is already tomorrow there', () => {
  expect(dateText(londonDay(Temporal.Instant.from('2026-07-10T23:30:00Z')))).toBe('2026-07-11')
  expect(dateText(londonDay(Temporal.Instant.from('2026-12-31T23:30:00Z')))).toBe('2026-12-31')
  expect(new Temporal.Instant(BigInt(londonStartMs(dayOf('2026-07-11'))) * 1_000_000n).toString()).toBe('2026-07-10T23:00:00Z')
})

test.each([
  ['2026-06-30', '2025-11-30', 7],
  ['2026-06-30', '2025-06-30', 12],
  ['2026-08-31', '2026-06-30', 2],
])('%s is %s and %i calendar months', (on, earlier, months) => {
  expect(dateText(monthsBefore(dayOf(on), months))).toBe(earlier)
})

test('a day is reached on itself and not before', () => {
  const on = (text: string) => reached(dayOf('2026-09-01'), dayOf(text))
  expect(['2026-08-31', '2026-09-01', '2027-01-01', '2025-12-31'].map(on)).toEqual([false, true, true, false])
  expect(reached(dayOf('2026-09-02'), dayOf('2026-09-01'))).toBe(false)
})
