import { describe, expect, test } from 'vitest'
import { london } from '../../test/support/routing-builders.ts'
import { contentTold, type EarlierDispatch, kindTold, sameTelling, strengthOf, toldBefore } from './earlier-dispatches.ts'

function dispatch(id: number, given: Partial<EarlierDispatch> = {}): EarlierDispatch {
  return {
    id: `dsp_${id}`,
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
    dueBy: london('2026-11-07T20:10'),
    lateOnArrival: false,
    concerns: null,
    content: { kind: 'notification' },
    ...given,
  }
}
const seen = { state: 'acknowledged', seen: true } as const
const correction = (id: number, given: Partial<EarlierDispatch> = {}) =>
  dispatch(id, { kind: 'correction', concerns: 'dsp_1', content: { now: { kind: 'notification', present: 'no' } }, ...given })
const recall = (id: number, of: EarlierDispatch['id'], given: Partial<EarlierDispatch> = {}) =>
  dispatch(id, { kind: 'recall', concerns: of, content: { recalls: of }, ...given })

/** What one recipient was told, each by its id. */
function told(...dispatches: EarlierDispatch[]) {
  const all = [...toldBefore(dispatches).values()]
  const ids = (list: EarlierDispatch[]) => list.map(({ id }) => id)
  return all.map(({ holds, seen: known, attempted, unseen, own }) => ({
    holds: holds?.id ?? null,
    seen: ids(known),
    attempted: ids(attempted),
    unseen: ids(unseen),
    own: ids(own),
  }))
}
const nothing = { holds: null, seen: [], attempted: [], unseen: [], own: [] }

describe('what a recipient holds', () => {
  test('is the latest that was seen, a correction of it included', () => {
    expect(told(dispatch(1, seen), correction(2, seen))).toEqual([{ ...nothing, holds: 'dsp_2', seen: ['dsp_1', 'dsp_2'] }])
  })

  test('is what was seen, though it was withdrawn since', () => {
    expect(told(dispatch(1, { state: 'withdrawn', seen: true }))).toEqual([{ ...nothing, holds: 'dsp_1', seen: ['dsp_1'] }])
  })

  test('is nothing that was recalled, or went before it, and whatever was told after', () => {
    const recalled = [dispatch(1, seen), correction(2, seen), recall(3, 'dsp_2', seen)]
    expect(told(...recalled)).toEqual([nothing])
    expect(told(...recalled, dispatch(4, seen))).toEqual([{ ...nothing, holds: 'dsp_4', seen: ['dsp_4'] }])
  })

  test('is still there where the recall was taken back', () => {
    expect(told(dispatch(1, seen), recall(2, 'dsp_1', { state: 'withdrawn' }))).toEqual([
      { ...nothing, holds: 'dsp_1', seen: ['dsp_1'] },
    ])
  })
})

test('what nobody has seen, what may have arrived and what this version told are kept apart; what was withdrawn is gone', () => {
  const all = [
    dispatch(1),
    dispatch(2, { attempted: true }),
    dispatch(3, { own: true }),
    dispatch(4, { state: 'withdrawn' }),
    dispatch(5, { state: 'withdrawn', own: true }),
  ]
  expect(told(...all)).toEqual([{ ...nothing, unseen: ['dsp_1'], attempted: ['dsp_2'], own: ['dsp_3'] }])
})

describe('the same telling', () => {
  const one = { service: 'childrens_social_care', recipientId: 'csc', kind: 'notification', about: ['c1'] } as const

  test('is one whether it notifies or refers, and an alert or a hand-off is another', () => {
    expect(sameTelling({ ...one, kind: 'referral' })).toBe(sameTelling(one))
    expect(sameTelling({ ...one, kind: 'handoff' })).not.toBe(sameTelling(one))
    expect(sameTelling({ ...one, recipientId: 'csc-2' })).not.toBe(sameTelling(one))
  })

  test('is about whom it is about only for a service that is told of each apart', () => {
    expect(sameTelling({ ...one, about: ['c2'] })).toBe(sameTelling(one))
    const school = { ...one, service: 'education_setting', kind: 'alert' } as const
    expect(sameTelling({ ...school, about: ['c2'] })).not.toBe(sameTelling(school))
    expect(sameTelling({ ...school, about: [] })).not.toBe(sameTelling(school))
  })

  test('of two recipients is two', () => {
    expect(told(dispatch(1), dispatch(2, { recipientId: 'csc-2' }))).toHaveLength(2)
  })
})

describe('what a correction told', () => {
  test('is all that it says as it is now, of the kind that was told', () => {
    const told = correction(2, { content: { now: { kind: 'referral', present: 'no' } } })
    expect(contentTold(told)).toEqual({ kind: 'referral', present: 'no' })
    expect(kindTold(told)).toBe('referral')
  })

  test('is its own words where it carries nothing else', () => {
    for (const now of [null, 'nothing', undefined]) expect(contentTold(correction(2, { content: { now } }))).toEqual({ now })
    expect(contentTold(dispatch(1, { content: { now: { present: 'no' } } }))).toEqual({ now: { present: 'no' } })
    expect(kindTold(dispatch(1, { kind: 'handoff', content: {} }))).toBe('handoff')
  })
})

test('a referral asks for more than a notification, and either for more with an assessment', () => {
  const asks = 'child_and_family_assessment'
  expect([
    strengthOf({ kind: 'notification', asks: null }),
    strengthOf({ kind: 'notification', asks }),
    strengthOf({ kind: 'referral', asks: null }),
    strengthOf({ kind: 'referral', asks }),
  ]).toEqual([1, 2, 2, 3])
})
