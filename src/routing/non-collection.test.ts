import { expect, test } from 'vitest'
import { nonCollectionReportAt } from './non-collection.ts'

const releaseAt = Temporal.Instant.from('2026-03-06T21:10:00Z')
const minutesAfter = (victimRisk: string, minutes: number) =>
  releaseAt.until(nonCollectionReportAt({ victimRisk, releaseAt, dueBy: releaseAt.add({ minutes }) })).total('minutes')

test.each([
  ['high', 60, 15],
  ['not_graded', 60, 15],
  ['medium', 60, 30],
  ['standard', 72 * 60, 36 * 60],
  ['high', 24 * 60, 6 * 60],
])('at %s risk, with %d minutes to do it in, somebody is told of non-collection after %d', (victimRisk, allowed, told) => {
  expect(minutesAfter(victimRisk, allowed)).toBe(told)
})

test('a deadline that has passed on arrival is reported at release', () => {
  expect(minutesAfter('high', -30)).toBe(0)
})
