import { expect, test } from 'vitest'
import type { Decided } from '../intake/notification-bodies.ts'
import { type Completeness, isSettled, whatWentWrong } from './verdict.ts'

type Dispatch = Decided['dispatches'][number]

const aDispatch = (over: Partial<Dispatch> = {}): Dispatch => ({
  id: 'dsp_1',
  kind: 'alert',
  service: 'education_setting',
  recipient: { id: 'school-900101', name: 'Larkspur Primary' },
  about: ['c1'],
  rules: [],
  asks: null,
  restricted: false,
  releaseAt: '2026-11-06T21:00:00Z',
  dueBy: '2026-11-09T08:45:00Z',
  state: 'acknowledged',
  overdue: false,
  lateOnArrival: false,
  outcome: null,
  ...over,
})

const decided = (...dispatches: Dispatch[]): Decided => ({
  id: 'ntf_1',
  policeReference: 'DC-1',
  version: 1,
  previous: null,
  next: null,
  state: 'triaged',
  receivedAt: '2026-11-06T21:00:00Z',
  policy: null,
  outcome: null,
  dispatches,
  tasks: [],
})

const aReport = (over: Partial<Completeness> = {}): Completeness => ({
  notifications: 1,
  due: 1,
  dispatches: {},
  notSent: {},
  overdue: 0,
  openTasks: 0,
  faults: [],
  faultsTotal: 0,
  ...over,
})

test('delivered, collected or acknowledged in time is well', () => {
  const all = decided(aDispatch(), aDispatch({ state: 'delivered' }), aDispatch({ state: 'collected' }))
  expect(whatWentWrong([all], aReport())).toEqual([])
})

test('a school that was never reached is named, with its deadline in London', () => {
  expect(whatWentWrong([decided(aDispatch({ state: 'released' }))], aReport())).toEqual([
    'DC-1: the alert to Larkspur Primary was not delivered or collected: it is released, due Mon 9 Nov 08:45.',
  ])
})

test('what came too late is named, and what arrived too late to be told in time is not', () => {
  expect(whatWentWrong([decided(aDispatch({ overdue: true }))], aReport())).toHaveLength(1)
  expect(whatWentWrong([decided(aDispatch({ overdue: true, lateOnArrival: true }))], aReport())).toEqual([])
})

test('a fault in the report, one that was not triaged and one that is not counted are each named', () => {
  const faults = [{ code: 'due_and_not_sent', notification: 'ntf_1', detail: 'health is due' }]
  expect(whatWentWrong([decided()], aReport({ faults, faultsTotal: 1 }))).toEqual([
    'Completeness: health is due (due and not sent, ntf_1).',
  ])
  expect(whatWentWrong([{ ...decided(), state: 'received' }], aReport())).toEqual(['DC-1 is received and was not triaged.'])
  expect(whatWentWrong([decided()], aReport({ notifications: 0 }))).toHaveLength(1)
})

test('nothing more is waited for once everybody has acknowledged or is named', () => {
  expect(isSettled(decided(aDispatch(), aDispatch({ state: 'held' })))).toBe(true)
  expect(isSettled(decided(aDispatch({ state: 'delivered' })))).toBe(false)
  expect(isSettled({ ...decided(), state: 'received' })).toBe(false)
})
