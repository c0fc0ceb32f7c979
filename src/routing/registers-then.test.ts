import { describe, expect, test } from 'vitest'
import {
  aBackground,
  anOutcome,
  aPlanInput,
  aRoutedNotification,
  aRuling,
  aTell,
  london,
} from '../../test/support/routing-builders.ts'
import type { OpenCaseMatch } from '../words/background.ts'
import { planChange } from './changes.ts'
import type { EarlierDispatch } from './earlier-dispatches.ts'
import { planRouting } from './plan.ts'
import { asRegistersSaid, carriedOver, type FoundInRegisters } from './registers-then.ts'

const councilHears = aRuling({ rule: 'council-hears', tell: [aTell('childrens_social_care')] })
const openElsewhere: OpenCaseMatch = { ref: 'c1', authority: 'E99000002', caseReference: 'Z-1', fresh: true }
const caseOpen = aBackground({ openCases: [openElsewhere] })
const nobody: FoundInRegisters = { openCases: [], rolls: [], maracs: [] }
const later = london('2026-11-04T22:00')

/** Two authorities were told, the second because it had a case open; the case is gone when it is looked at again. */
function afterTheCaseClosed(given: { own?: boolean; stillKnown?: typeof caseOpen }) {
  const notification = aRoutedNotification()
  const first = planRouting(aPlanInput({ outcome: anOutcome([councilHears]), background: caseOpen, notification }))
  const dispatches = first.dispatches.map((planned, index): EarlierDispatch => {
    const how = { state: 'acknowledged', seen: true, attempted: false, concerns: null, own: given.own ?? false } as const
    return { ...planned, id: `dsp_${index}`, ...how }
  })
  expect(dispatches.map(({ recipientId }) => recipientId)).toEqual(['csc', 'csc-2'])
  const now = given.own === true ? notification : { ...notification, version: 2 }
  const input = aPlanInput({ outcome: anOutcome([councilHears]), notification: now, releaseAt: later, receivedAt: later })
  const { stillKnown } = given
  const before = { dispatches, stillDue: [councilHears], reportedFirst: london('2026-11-04T20:10'), riskRose: false }
  const change = planChange(input, { ...before, ...(stillKnown ? { stillKnown } : {}) })
  return change.plan.dispatches.map(({ kind, recipientId }) => `${kind} ${recipientId}`)
}

describe('an authority that was told because it had a case open', () => {
  test('keeps what it was told when the case is closed before the newer version', () => {
    expect(afterTheCaseClosed({ stillKnown: asRegistersSaid(aBackground(), [caseOpen]) })).toEqual([])
  })

  test('is asked to destroy it where police have corrected whom it was about', () => {
    expect(afterTheCaseClosed({ stillKnown: asRegistersSaid(aBackground(), [nobody]) })).toEqual(['recall csc-2'])
  })

  test('keeps it when the very version that told it is looked at again', () => {
    expect(afterTheCaseClosed({ own: true })).toEqual([])
  })
})

describe('what registers said then', () => {
  const roll = { ref: 'c1', urn: '900101', fresh: true, by: 'upn', pupil: 'p' } as const
  const marac = { victim: 'v1', suspect: 's1', referredOn: '2026-08-01', convenedOn: null }

  test('is added to what they say now, each once, and what they say now goes first', () => {
    const stale = aBackground({ openCases: [{ ...openElsewhere, fresh: false }] })
    const then = { openCases: [openElsewhere], rolls: [roll], maracs: [marac] }
    expect(asRegistersSaid(stale, [then, then])).toEqual({ ...stale, rolls: [roll], maracs: [marac] })
  })

  test('goes with people by who they are now, and not with those of whom police now say otherwise', () => {
    const then = { openCases: [openElsewhere], rolls: [roll], maracs: [marac] }
    const child = new Map([['c1', 'c2']])
    expect(carriedOver(then, child)).toEqual({
      openCases: [{ ...openElsewhere, ref: 'c2' }],
      rolls: [{ ...roll, ref: 'c2' }],
      maracs: [],
    })
    const parties = new Map([
      ['v1', 'v2'],
      ['s1', 's1'],
    ])
    expect(carriedOver(then, parties)).toEqual({ ...nobody, maracs: [{ ...marac, victim: 'v2' }] })
  })
})
