import { describe, expect, test } from 'vitest'
import { beforeSchool, london, whereSilent } from '../../test/support/routing-builders.ts'
import { clockFrom, dueBy, earlier, pastOnArrival, reviewDueBy } from './deadlines.ts'

const report = london('2026-11-04T20:10')
const opening = () => london('2026-11-05T08:45')
const hours = (n: number) => report.add({ hours: n })
const herts = { kind: 'hours', high: 24, otherwise: 72 } as const

describe('a procedure that names its hours', () => {
  test('the stricter limit holds for a high and for an ungraded risk, the other for the rest', () => {
    for (const [risk, expected] of [
      ['high', 24],
      ['not_graded', 24],
      ['medium', 72],
      ['standard', 72],
    ] as const) {
      expect(dueBy(herts, 'childrens_social_care', clockFrom(report, risk, true), opening)).toEqual(hours(expected))
    }
  })

  test('hours are elapsed hours, through a weekend and through both clock changes', () => {
    const autumn = clockFrom(london('2026-10-24T12:00'), 'high', false)
    expect(dueBy(herts, 'health', autumn, opening)).toEqual(london('2026-10-25T11:00'))
    const spring = clockFrom(london('2026-03-28T12:00'), 'high', false)
    expect(dueBy(herts, 'health', spring, opening)).toEqual(london('2026-03-29T13:00'))
  })
})

describe('a procedure that is silent', () => {
  test('MARAC and police child protection are told within the hour', () => {
    const clock = clockFrom(report, 'standard', false)
    expect(dueBy(whereSilent, 'marac', clock, opening)).toEqual(hours(1))
    expect(dueBy(whereSilent, 'police_child_protection', clock, opening)).toEqual(hours(1))
  })

  test('others within 24 hours when high, not graded or a child is injured, else within 72', () => {
    expect(dueBy(whereSilent, 'idva', clockFrom(report, 'high', false), opening)).toEqual(hours(24))
    expect(dueBy(whereSilent, 'idva', clockFrom(report, 'not_graded', false), opening)).toEqual(hours(24))
    expect(dueBy(whereSilent, 'idva', clockFrom(report, 'standard', true), opening)).toEqual(hours(24))
    expect(dueBy(whereSilent, 'idva', clockFrom(report, 'medium', false), opening)).toEqual(hours(72))
    expect(reviewDueBy(clockFrom(report, 'medium', false))).toEqual(hours(72))
  })

  test('a school keeps the settled school deadline', () => {
    expect(dueBy(whereSilent, 'education_setting', clockFrom(report, 'high', false), opening)).toEqual(opening())
  })
})

test('a school is due before it opens, whatever the risk', () => {
  expect(dueBy(beforeSchool, 'education_setting', clockFrom(report, 'high', true), opening)).toEqual(opening())
})

test('another service that must hear before school opens is due then too', () => {
  expect(dueBy(beforeSchool, 'education_authority', clockFrom(report, 'standard', false), opening)).toEqual(opening())
})

test('a deadline that had passed by arrival is known as such', () => {
  expect(pastOnArrival(opening(), london('2026-11-05T08:45'))).toBe(true)
  expect(pastOnArrival(opening(), london('2026-11-05T08:44'))).toBe(false)
  expect(earlier(hours(24), opening())).toEqual(opening())
})
