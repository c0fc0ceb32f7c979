import { describe, expect, test } from 'vitest'
import { aCalendar, anOutcome, aRecipient, aSchool, london } from '../../test/support/routing-builders.ts'
import type { PlannedDispatch } from '../words/dispatch.ts'
import type { Outcome } from '../words/outcome.ts'
import type { Service } from '../words/recipient.ts'
import { changeClock, dueAfterChange } from './change-deadlines.ts'
import type { EarlierDispatch } from './earlier-dispatches.ts'

// A Wednesday evening.
const now = london('2026-11-04T20:10')
const recipients = [
  aRecipient({ id: 'csc', service: 'childrens_social_care' }),
  aRecipient({ id: 'marac', service: 'marac' }),
  aSchool({ calendar: aCalendar({ opensAt: '09:15' }) }),
]

interface Given {
  receivedAt?: Temporal.Instant
  riskRose?: boolean
  risk?: Outcome['victimRisk']
}

function clock({ receivedAt, riskRose = false, risk = 'standard' }: Given = {}) {
  const arrived = receivedAt === undefined ? {} : { receivedAt }
  return changeClock({ releaseAt: now, recipients, outcome: anOutcome([], risk), ...arrived }, riskRose)
}

const planned = (dueBy: Temporal.Instant, service: Service = 'childrens_social_care', recipientId = 'csc'): PlannedDispatch => ({
  kind: 'notification',
  service,
  recipientId,
  about: ['c1'],
  rules: [],
  asks: null,
  restricted: false,
  releaseAt: now,
  dueBy,
  lateOnArrival: false,
  hold: null,
  content: {},
})

const earlier = (dueBy: Temporal.Instant, given: Partial<EarlierDispatch> = {}): EarlierDispatch => ({
  id: 'dsp_0001',
  own: false,
  service: 'childrens_social_care',
  recipientId: 'csc',
  kind: 'notification',
  asks: null,
  restricted: false,
  rules: [],
  about: ['c1'],
  state: 'released',
  seen: false,
  attempted: false,
  dueBy,
  lateOnArrival: false,
  concerns: null,
  content: {},
  ...given,
})

const ahead = (hours: number) => now.add({ hours })
const ago = (hours: number) => now.subtract({ hours })

describe('a limit that is still ahead', () => {
  test('is the newer version’s own where nothing is open', () => {
    expect(dueAfterChange('replaced', planned(ahead(5)), [], clock())).toEqual({ dueBy: ahead(5), lateOnArrival: false })
  })

  test('never moves back: of everything still open the earliest holds', () => {
    const open = [earlier(ahead(9)), earlier(ahead(2)), earlier(ahead(4))]
    expect(dueAfterChange('replaced', planned(ahead(5)), open, clock()).dueBy).toEqual(ahead(2))
    expect(dueAfterChange('corrected', planned(ahead(1)), open, clock()).dueBy).toEqual(ahead(1))
  })

  test('is not made stricter by what was answered, or taken back', () => {
    const ended = [earlier(ahead(1), { state: 'acknowledged' }), earlier(ahead(2), { state: 'withdrawn' })]
    expect(dueAfterChange('corrected', planned(ahead(5)), ended, clock()).dueBy).toEqual(ahead(5))
  })
})

describe('a limit that has passed', () => {
  test('is ours to answer for where the dispatch that is replaced was due already, and is not written off as late on arrival', () => {
    expect(dueAfterChange('replaced', planned(ahead(5)), [earlier(ago(1))], clock())).toEqual({
      dueBy: ago(1),
      lateOnArrival: false,
    })
    const cameLate = [earlier(ago(1), { lateOnArrival: true })]
    expect(dueAfterChange('replaced', planned(ahead(5)), cameLate, clock()).lateOnArrival).toBe(true)
  })

  test('has passed at its own moment', () => {
    expect(dueAfterChange('asks for more', planned(now), [], clock({ receivedAt: now }))).toEqual({
      dueBy: now,
      lateOnArrival: true,
    })
    expect(dueAfterChange('corrected', planned(now), [], clock()).dueBy).toEqual(ahead(72))
  })

  test('is now where more is asked for, and where the newer version alone had the earlier limit', () => {
    expect(dueAfterChange('asks for more', planned(ago(1)), [earlier(ago(2))], clock()).dueBy).toEqual(now)
    expect(dueAfterChange('replaced', planned(ago(1)), [earlier(ahead(2))], clock()).dueBy).toEqual(now)
  })

  test('is late on arrival only where it had passed when the newer version came', () => {
    const lateBy = (receivedAt: Temporal.Instant) =>
      dueAfterChange('asks for more', planned(ago(1)), [], clock({ receivedAt })).lateOnArrival
    expect([ago(2), ago(1), now].map(lateBy)).toEqual([false, true, true])
  })

  test('of a correction is a fresh one, for nobody could have met the old; but now where the risk rose', () => {
    expect(dueAfterChange('corrected', planned(ago(1)), [earlier(ago(2))], clock())).toEqual({
      dueBy: ahead(72),
      lateOnArrival: false,
    })
    expect(dueAfterChange('corrected', planned(ago(1)), [earlier(ago(2))], clock({ riskRose: true })).dueBy).toEqual(now)
  })
})

describe('a fresh limit', () => {
  const fresh = (service: Service, recipientId: string, given: Given = {}) =>
    dueAfterChange('corrected', planned(ago(1), service, recipientId), [], clock(given)).dueBy

  test('is by the victim’s risk as it is graded now', () => {
    expect(fresh('childrens_social_care', 'csc')).toEqual(ahead(72))
    expect(fresh('childrens_social_care', 'csc', { risk: 'high' })).toEqual(ahead(24))
    expect(fresh('marac', 'marac')).toEqual(ahead(1))
  })

  test('of a school is its own next opening, and 08:45 where it is not in the directory', () => {
    expect(fresh('education_setting', 'school-900101')).toEqual(london('2026-11-05T09:15'))
    expect(fresh('education_setting', 'school-of-nowhere')).toEqual(london('2026-11-05T08:45'))
  })

  test('of what should never have been told is that of high risk, whatever the grade', () => {
    expect(clock().urgent('childrens_social_care', 'csc')).toEqual(ahead(24))
  })

  test('is that of high risk too where a withdrawn notification leaves no grade', () => {
    const withdrawn = changeClock({ releaseAt: now, recipients }, false)
    expect(withdrawn.fresh('childrens_social_care', 'csc')).toEqual(ahead(24))
  })
})
