import { describe, expect, test } from 'vitest'
import { type Accounted, type AccountedDispatch, findFaults } from './completeness.ts'

const at = Temporal.Instant.from('2026-10-15T09:00:00Z')

function aDispatch(given: Partial<AccountedDispatch> = {}): AccountedDispatch {
  return {
    id: 'dsp_1',
    service: 'education_setting',
    kind: 'alert',
    about: ['c1'],
    state: 'acknowledged',
    seen: true,
    attempted: true,
    replacedBy: null,
    overdue: false,
    dueBy: at,
    nextAt: null,
    ...given,
  }
}

function accounted(given: Partial<Accounted> = {}): Accounted {
  return {
    id: 'ntf_1',
    state: 'triaged',
    receivedAt: at.subtract({ hours: 10 }),
    nextAt: null,
    due: [{ service: 'education_setting', about: ['c1'], rule: 'school-hears' }],
    notSent: [],
    alreadyTold: [],
    dispatches: [],
    tasks: [],
    broken: null,
    ...given,
  }
}

const codes = (one: Accounted) => findFaults(one, at).map(({ code }) => code)
const waiting = { state: 'released', seen: false, attempted: false, overdue: true, nextAt: at.add({ hours: 1 }) }

describe('what is due under a newer version', () => {
  test('is answered by a dispatch of its own, or by one that told it already', () => {
    expect(codes(accounted())).toEqual(['due_and_not_sent'])
    expect(codes(accounted({ dispatches: [aDispatch()] }))).toEqual([])
    const alreadyTold = [{ service: 'education_setting', about: ['c1'], dispatch: 'dsp_0' }]
    expect(codes(accounted({ alreadyTold }))).toEqual([])
  })

  test('is not answered by a recall', () => {
    expect(codes(accounted({ dispatches: [aDispatch({ kind: 'recall' })] }))).toEqual(['due_and_not_sent'])
  })
})

describe('a superseded version', () => {
  test('was sent or taken back, and nothing of it waits to be seen', () => {
    expect(codes(accounted({ state: 'superseded', dispatches: [aDispatch({ state: 'withdrawn' })] }))).toEqual([])
    expect(codes(accounted({ state: 'superseded', dispatches: [aDispatch(waiting)] }))).toEqual(['stale_and_waiting'])
    expect(codes(accounted({ state: 'superseded' }))).toEqual(['due_and_not_sent'])
  })

  test('may have one that was called, says what is so, and goes on', () => {
    expect(codes(accounted({ state: 'superseded', dispatches: [aDispatch({ ...waiting, attempted: true })] }))).toEqual([])
  })
})

describe('a withdrawn notification', () => {
  test('owes nobody anything, and was recalled where it was seen', () => {
    expect(codes(accounted({ state: 'withdrawn', due: [] }))).toEqual([])
    expect(codes(accounted({ state: 'withdrawn', due: [], dispatches: [aDispatch()] }))).toEqual(['seen_and_not_recalled'])
    const recalled = [aDispatch({ replacedBy: 'dsp_2' }), aDispatch({ id: 'dsp_2', kind: 'recall' })]
    expect(codes(accounted({ state: 'withdrawn', due: [], dispatches: recalled }))).toEqual([])
  })

  test('is given a moment to be settled', () => {
    const just = { state: 'withdrawn' as const, due: [], dispatches: [aDispatch(waiting)] }
    expect(codes(accounted({ ...just, nextAt: at }))).toEqual([])
    expect(codes(accounted({ ...just, nextAt: at.subtract({ minutes: 5 }) }))).toContain('stale_and_waiting')
  })
})
