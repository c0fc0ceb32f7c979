import { expect, test } from 'vitest'
import type { Decided } from '../intake/notification-bodies.ts'
import { type Completeness, type Evening, isAnswered, isSettled, whatWentWrong } from './verdict.ts'

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

const anEvening = (dispatches: Dispatch[], over: Partial<Evening> = {}): Evening => ({
  decided: [decided(...dispatches)],
  report: aReport(),
  deliveries: dispatches.map(({ id, service, recipient, state }) => ({
    ...{ id, service, recipient, state },
    plannedAt: '2026-11-06T21:00:00Z',
    acknowledgedAt: null,
  })),
  manifest: { listed: 1, notReceived: [], notListed: [] },
  outcomes: { expectedOf: ['health'], heard: new Set() },
  ...over,
})

test('delivered, collected or acknowledged in time is well', () => {
  const all = [aDispatch(), aDispatch({ state: 'delivered' }), aDispatch({ state: 'collected' })]
  expect(whatWentWrong(anEvening(all))).toEqual([])
})

test('a school that was never reached is named, with its deadline in London', () => {
  expect(whatWentWrong(anEvening([aDispatch({ state: 'released' })]))).toEqual([
    'DC-1: the alert to Larkspur Primary was not delivered or collected: it is released, due Mon 9 Nov 08:45.',
  ])
})

test('what came too late is named, and what arrived too late to be told in time is not', () => {
  expect(whatWentWrong(anEvening([aDispatch({ overdue: true })]))).toHaveLength(1)
  expect(whatWentWrong(anEvening([aDispatch({ overdue: true, lateOnArrival: true })]))).toEqual([])
})

test('a fault in the report, one that was not triaged and one that is not counted are each named', () => {
  const faults = [{ code: 'due_and_not_sent', notification: 'ntf_1', detail: 'health is due' }]
  expect(whatWentWrong(anEvening([], { report: aReport({ faults, faultsTotal: 1 }) }))).toEqual([
    'Completeness: health is due (due and not sent, ntf_1).',
  ])
  expect(whatWentWrong(anEvening([], { decided: [{ ...decided(), state: 'received' }] }))).toEqual([
    'DC-1 is received and was not triaged.',
  ])
  expect(whatWentWrong(anEvening([], { report: aReport({ notifications: 0 }) }))).toHaveLength(1)
})

test('an outcome that was not said, and one that the force was not told of, are each named', () => {
  const health = { service: 'health', recipient: { id: 'health-derby', name: 'Health (Derby)' } }
  const said = { outcome: { code: 'record_flagged', at: '2026-11-06T21:05:00Z', note: null } }
  const outcomes = { expectedOf: ['health'], heard: new Set(['dsp_1']) }
  expect(whatWentWrong(anEvening([aDispatch(health)], { outcomes }))).toEqual([
    'DC-1: what came of it at Health (Derby) does not stand with the notification.',
  ])
  expect(whatWentWrong(anEvening([aDispatch({ ...health, ...said })]))).toEqual([
    'DC-1: what came of it at Health (Derby) was not told to the force’s own system.',
  ])
  expect(whatWentWrong(anEvening([aDispatch({ ...health, ...said })], { outcomes }))).toEqual([])
})

test('a dispatch that the list of deliveries leaves out, and what the manifest and the record differ by, are named', () => {
  expect(whatWentWrong(anEvening([aDispatch()], { deliveries: [] }))).toEqual([
    'Deliveries: the list leaves out 1 of the dispatches.',
  ])
  const manifest = { listed: 1, notReceived: ['DC-2'], notListed: ['DC-1'] }
  expect(whatWentWrong(anEvening([], { manifest }))).toEqual([
    'DC-2 is on the manifest and was never received.',
    'DC-1 was received and is on no manifest.',
  ])
})

test('nothing more is waited for once everybody has acknowledged or is named, and has said what came of it', () => {
  expect(['acknowledged', 'held'].every((state) => isSettled({ state }))).toBe(true)
  expect(isSettled({ state: 'delivered' })).toBe(false)
  const one = { id: 'dsp_1', service: 'health', state: 'acknowledged' }
  expect(isAnswered(one, ['health'], new Set())).toBe(false)
  expect(isAnswered(one, ['health'], new Set(['dsp_1']))).toBe(true)
  expect(isAnswered(one, ['marac'], new Set())).toBe(true)
})
