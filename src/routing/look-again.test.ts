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
import type { PlannedDispatch } from '../words/dispatch.ts'
import type { Notification } from '../words/notification.ts'
import type { Contact } from '../words/recipient.ts'
import type { KnownRestriction } from '../words/restriction.ts'
import type { PlanInput } from './circumstances.ts'
import type { EarlierDispatch } from './earlier-dispatches.ts'
import { asksInstead, type HeldBack, lookAgain } from './look-again.ts'
import { planRouting } from './plan.ts'

const suspect = { ref: 's1', role: 'suspect', givenNames: 'Alder', familyName: 'Penhaligon' } as const
const keyAdult: Contact = { name: 'Alder Penhaligon', role: 'key_adult', phone: '01632 960001' }
const deputy: Contact = { name: 'Bryony Tolliver', role: 'deputy', phone: '01632 960002', email: 'deputy@school.example' }
const address = { lines: ['17 Nettlecombe Rise'], postcode: 'ZZ9 7QQ' }
const notification = aRoutedNotification({ people: [aVictim({ address }), suspect, aChild()] })
const rule = aRuling({ rule: 'all-hear', tell: [aTell('education_setting'), aTell('childrens_social_care'), aTell('marac')] })
const outcome = anOutcome([rule])

const input = (given: Partial<PlanInput> = {}) => aPlanInput({ outcome, notification, ...given })
const withSchool = (contacts: Contact[]) => [...everyService.filter(({ urn }) => urn !== '900101'), aSchool({ contacts })]
const bound = (given: Partial<KnownRestriction>): PlanInput['restrictions'] => ({
  living: [
    {
      id: 'rst_1',
      kind: 'must_not_receive',
      from: 'this force',
      binds: 'everyone',
      reason: 'Afraid.',
      protects: { addresses: [], schools: [] },
      ...given,
    },
  ],
  lifted: [],
  doubts: [],
})

/** What stands of one planned before, as it is held back now. */
function standing(service: string, given: Partial<EarlierDispatch> = {}, planned = input()): HeldBack {
  const found = planRouting(planned).dispatches.find((one) => one.service === service)
  if (found === undefined) throw new Error(`${service} is not told`)
  const { hold, content, ...rest }: PlannedDispatch = found
  const state = hold === null ? 'released' : 'held'
  const dispatch: EarlierDispatch = {
    ...rest,
    content,
    id: 'dsp_1',
    own: true,
    state,
    seen: false,
    attempted: false,
    concerns: null,
    ...given,
  }
  return { dispatch, hold }
}

const isStale = (one: HeldBack, now: PlanInput, stillDue = now) => lookAgain([one], now, stillDue).stale.has('dsp_1')
const nobodyDue = (given: Partial<PlanInput> = {}) => input({ ...given, outcome: anOutcome([]) })

describe('a dispatch held back', () => {
  test('stays where what would be planned now says the same', () => {
    const { stale, stays } = lookAgain([standing('education_setting')], input(), input())
    expect([stale.size, stays.size]).toEqual([0, 1])
  })

  test('is for the contacts there now, where it stays', () => {
    const now = input({ recipients: withSchool([deputy]) })
    expect(lookAgain([standing('education_setting')], now, now).stays.get('dsp_1')?.recipientId).toBe('school-900101')
  })

  test.each([
    ['somebody must not read it at the school', 'education_setting', input({ recipients: withSchool([keyAdult]) })],
    ['a restriction holds it', 'childrens_social_care', input({ restrictions: bound({ recipientId: 'csc' }) })],
    ['a restriction forbids it', 'marac', input({ restrictions: bound({ service: 'marac' }) })],
    ['what it says is protected', 'childrens_social_care', input({ restrictions: bound({ kind: 'address_protected' }) })],
  ])('goes where %s', (_why, service, now) => {
    expect(isStale(standing(service), now)).toBe(true)
  })

  test('that was held is let out once nothing holds it, and stays held while something does', () => {
    const conflicted = input({ recipients: withSchool([keyAdult]) })
    const held = standing('education_setting', {}, conflicted)
    expect(isStale(held, input({ recipients: withSchool([deputy]) }))).toBe(true)
    expect(isStale(held, conflicted)).toBe(false)
    expect(isStale(held, nobodyDue({ recipients: withSchool([keyAdult]) }))).toBe(false)
  })

  test('that was seen is not held for it any more, and is corrected where what it says is protected', () => {
    const seen = { seen: true, state: 'collected' } as const
    expect(isStale(standing('childrens_social_care', seen), input({ restrictions: bound({ recipientId: 'csc' }) }))).toBe(false)
    expect(isStale(standing('childrens_social_care', seen), input({ restrictions: bound({ kind: 'address_protected' }) }))).toBe(
      true,
    )
  })
})

describe('of what no rule would have told any more', () => {
  test('nothing is taken back that nothing forbids', () => {
    for (const service of ['education_setting', 'childrens_social_care', 'marac'])
      expect(isStale(standing(service), nobodyDue())).toBe(false)
  })

  test('what a doubt would tell is measured by that', () => {
    const stillDue = input({ restrictions: bound({ kind: 'address_protected' }) })
    expect(isStale(standing('childrens_social_care'), nobodyDue({ restrictions: stillDue.restrictions }), stillDue)).toBe(true)
  })

  test.each([
    ['forbidden', 'marac', nobodyDue({ restrictions: bound({ service: 'marac' }) })],
    ['read by whom it is about', 'education_setting', nobodyDue({ recipients: withSchool([keyAdult]) })],
    ['naming what is protected', 'childrens_social_care', nobodyDue({ restrictions: bound({ kind: 'address_protected' }) })],
  ])('is taken back what is %s', (_why, service, now) => {
    expect(isStale(standing(service), now)).toBe(true)
  })

  test('what was put back is taken back too, and what somebody has is left with them', () => {
    const now = nobodyDue({ restrictions: bound({ service: 'marac' }) })
    expect(isStale(standing('marac', { seen: true, state: 'released' }), now)).toBe(true)
    expect(isStale(standing('marac', { seen: true, state: 'collected' }), now)).toBe(false)
  })
})

describe('what was taken back and is told in no other way', () => {
  test('is asked about at the review desk by the deadline it had', () => {
    const lost = standing('childrens_social_care')
    const [task] = asksInstead([lost], { notDispatched: [] }, input())
    expect(task).toMatchObject({ desk: 'domestic_abuse_review', dueBy: lost.dispatch.dueBy })
    expect(task?.questions).toMatchObject([{ question: expect.stringContaining('Recipient csc'), about: lost.dispatch.about }])
  })

  test('is not asked about twice where its restriction asks already', () => {
    const lost = standing('marac')
    const { notDispatched } = planRouting(input({ restrictions: bound({ service: 'marac' }) }))
    expect(asksInstead([lost], { notDispatched }, input())).toEqual([])
  })
})

test('what asks for less gives way to what asks for more', () => {
  const referral = anOutcome([aRuling({ rule: 'refers', tell: [aTell('childrens_social_care', { kind: 'referral' })] })])
  expect(isStale(standing('childrens_social_care'), input({ outcome: referral }))).toBe(true)
  const was = standing('childrens_social_care', {}, input({ outcome: referral }))
  expect(isStale(was, input())).toBe(false)
})

test('a place that another notification protects is hidden though nobody here gives it as an address', () => {
  const written: Notification = aRoutedNotification({
    incident: { ...notification.incident, summary: 'She fled to 3, Thistledown Wynd.' },
  })
  const told = aRuling({ rule: 'refers', tell: [aTell('childrens_social_care', { kind: 'referral' })] })
  const protects = { addresses: [{ lines: ['3 Thistledown Wynd'] }], schools: [] }
  const contentUnder = (restrictions: PlanInput['restrictions']) =>
    JSON.stringify(
      planRouting(aPlanInput({ notification: written, outcome: anOutcome([told]), ...(restrictions ? { restrictions } : {}) }))
        .dispatches,
    )
  expect(contentUnder(undefined)).toContain('Thistledown')
  expect(contentUnder(bound({ kind: 'address_protected', binds: ['v1'], protects }))).not.toContain('Thistledown')
})
