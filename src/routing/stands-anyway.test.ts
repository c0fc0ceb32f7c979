import { describe, expect, test } from 'vitest'
import {
  aChild,
  anOutcome,
  aPlanInput,
  aRoutedNotification,
  aRuling,
  aSchool,
  aTell,
  aVictim,
  everyService,
} from '../../test/support/routing-builders.ts'
import type { NotDispatched, PlannedDispatch } from '../words/dispatch.ts'
import type { Recipient, Service } from '../words/recipient.ts'
import { type EarlierDispatch, toldBefore } from './earlier-dispatches.ts'
import { planRouting } from './plan.ts'
import { standsAnyway } from './stands-anyway.ts'

const planned = (service: Service, about = 'c1'): PlannedDispatch => {
  const notification = aRoutedNotification({ people: [aVictim(), aChild(), aChild({ ref: 'c2' })] })
  const ruling = aRuling({ rule: 'hears', about, tell: [aTell(service)] })
  const [one] = planRouting(aPlanInput({ outcome: anOutcome([ruling]), notification })).dispatches
  if (one === undefined) throw new Error('It tells nobody')
  return one
}
const earlier = (service: Service, given: Partial<EarlierDispatch> = {}): EarlierDispatch => ({
  ...planned(service),
  id: 'dsp_1',
  own: false,
  state: 'acknowledged',
  seen: true,
  attempted: false,
  concerns: null,
  ...given,
})

interface Now {
  told?: EarlierDispatch
  sent?: PlannedDispatch[]
  notSent?: NotDispatched[]
  recipients?: readonly Recipient[]
  notification?: ReturnType<typeof aRoutedNotification>
}

function stands({ told = earlier('education_setting'), ...given }: Now): boolean {
  const [one] = toldBefore([told]).values()
  if (one === undefined) throw new Error('Nothing was told')
  return standsAnyway(one, { notification: aRoutedNotification(), recipients: everyService, sent: [], notSent: [], ...given })
}

const notSent = (reason: NotDispatched['reason'], given: Partial<NotDispatched> = {}): NotDispatched[] => [
  { service: 'education_setting', about: ['c1'], rule: 'hears', reason, ...given },
]

test('what nothing speaks for does not stand', () => {
  expect(stands({})).toBe(false)
})

describe('what a school was told stands', () => {
  test('where the school is not certain any more, for that child and that service', () => {
    expect(stands({ notSent: notSent('the school is not certain') })).toBe(true)
    expect(stands({ notSent: notSent('the school is not certain', { about: ['c2'] }) })).toBe(false)
    expect(stands({ notSent: notSent('the school is not certain', { service: 'health' }) })).toBe(false)
  })

  test('where it is out of use and so could not be told, and not where somebody else is out of reach', () => {
    const away = [aSchool({ disabled: true })]
    expect(stands({ notSent: notSent('recipient is out of reach'), recipients: away })).toBe(true)
    expect(stands({ notSent: notSent('recipient is out of reach') })).toBe(false)
    expect(stands({ notSent: notSent('recipient is out of reach'), recipients: [] })).toBe(false)
    expect(stands({ notSent: notSent('no recipient in the directory'), recipients: away })).toBe(false)
  })

  test('where it has closed, and police still name it for the child', () => {
    const closed = [aSchool({ successorId: 'school-900102' })]
    expect(stands({ recipients: closed })).toBe(true)
    const named = (urns: string[] | undefined, ref = 'c1') =>
      aRoutedNotification({ people: [aVictim(), aChild({ ref, education: { status: 'on_roll', ...(urns ? { urns } : {}) } })] })
    expect(stands({ recipients: closed, notification: named(['900102']) })).toBe(false)
    expect(stands({ recipients: closed, notification: named(undefined) })).toBe(false)
    expect(stands({ recipients: closed, notification: named(['900101'], 'c2') })).toBe(false)
    expect(stands({ recipients: [aSchool()] })).toBe(false)
  })
})

describe('what was told stands where the same place hears of it otherwise', () => {
  test('of the same child, for a service that is told of each apart', () => {
    expect(stands({ sent: [planned('education_setting')] })).toBe(true)
    expect(stands({ sent: [planned('education_setting', 'c2')] })).toBe(false)
  })

  test('of whomever, for a service that is told of the notification', () => {
    const told = earlier('childrens_social_care')
    expect(stands({ told, sent: [{ ...planned('childrens_social_care'), about: ['c2'] }] })).toBe(true)
  })

  test('and not by a recall, another recipient or another service', () => {
    const told = earlier('childrens_social_care')
    const other = planned('childrens_social_care')
    expect(stands({ told, sent: [{ ...other, kind: 'recall' }] })).toBe(false)
    expect(stands({ told, sent: [{ ...other, recipientId: 'csc-2' }] })).toBe(false)
    expect(stands({ told, sent: [{ ...other, service: 'health' }] })).toBe(false)
  })
})

test('what was never seen, and what may have arrived, stand for the same reasons', () => {
  const reason = notSent('the school is not certain')
  expect(stands({ told: earlier('education_setting', { state: 'released', seen: false }), notSent: reason })).toBe(true)
  const attempted = earlier('education_setting', { state: 'released', seen: false, attempted: true })
  expect(stands({ told: attempted, notSent: reason })).toBe(true)
  expect(stands({ told: earlier('education_setting', { state: 'withdrawn', seen: false }), notSent: reason })).toBe(false)
})
