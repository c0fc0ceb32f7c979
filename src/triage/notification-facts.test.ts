import { describe, expect, test } from 'vitest'
import { aBackground, aNotification } from '../../test/support/builders.ts'
import type { Notification } from '../words/notification.ts'
import { areaHasAProcedure, feature, features, victimAsksForSupport } from './notification-facts.ts'
import { situationOf } from './situation.ts'

const situation = (given: Parameters<typeof aNotification>[0] = {}) => situationOf(aNotification(given), aBackground())
const withFeatures = (given: Notification['incident']['features']) => situation({ incident: { features: given } })
const yes = { kind: 'text', text: 'yes', found: 'yes' }
const no = { kind: 'text', text: 'no', found: 'no' }

describe('the features of an incident', () => {
  test('are named in words, an empty list is none, and a list left out says nothing', () => {
    expect(features(withFeatures(['mental_ill_health', 'weapon']))).toEqual({
      kind: 'several',
      texts: ['mental ill health', 'weapon'],
      found: 'mental ill health, weapon',
    })
    expect(features(withFeatures([]))).toEqual({ kind: 'several', texts: [], found: 'none' })
    expect(features(withFeatures(undefined))).toEqual({ kind: 'unknown', found: 'not stated' })
  })

  test('are each there, not there, or unknown', () => {
    const read = feature('weapon')
    expect(read(withFeatures(['weapon']))).toEqual(yes)
    expect(read(withFeatures(['mental_ill_health']))).toEqual(no)
    expect(read(withFeatures(undefined))).toEqual({ kind: 'unknown', found: 'not stated' })
  })
})

test('whether the victim asks for support is unknown where it was not safe to ask, and where nobody says', () => {
  const read = (given: Notification['victimAsksForSupport']) => victimAsksForSupport(situation({ victimAsksForSupport: given }))
  expect(read('yes')).toEqual(yes)
  expect(read('no')).toEqual(no)
  expect(read('unsafe')).toEqual({ kind: 'unknown', found: 'it was not safe to ask' })
  expect(read('unknown')).toEqual({ kind: 'unknown', found: 'not stated' })
  expect(read(undefined)).toEqual({ kind: 'unknown', found: 'not stated' })
})

test('an area has a procedure or it has none', () => {
  expect(areaHasAProcedure({ ...situation(), areaHasProcedure: true })).toEqual(yes)
  expect(areaHasAProcedure({ ...situation(), areaHasProcedure: false })).toEqual(no)
})
