import { describe, expect, test } from 'vitest'
import { aBackground, aNotification, anEarlierIncident } from '../../test/support/builders.ts'
import type { Background } from '../words/background.ts'
import { incidentsWithThisOne, previousIncidents } from './history.ts'
import { situationOf } from './situation.ts'

const at = (text: string) => ({ occurredAt: Temporal.Instant.from(text) })
const count = (background: Partial<Background>) => incidentsWithThisOne(situationOf(aNotification(), aBackground(background)))

describe('incidents in twelve months with this one', () => {
  test('are never fewer than one', () => {
    expect(count({})).toMatchObject({ from: 1, to: 1, found: 'this one alone' })
  })
  test('reach back to the same day twelve months before the report, that day included', () => {
    const onTheDay = anEarlierIncident({ policeReference: 'ZZ-1', ...at('2025-11-04T00:00:00Z') })
    const theDayBefore = anEarlierIncident({ policeReference: 'ZZ-2', ...at('2025-11-03T23:59:59Z') })
    expect(count({ earlier: [onTheDay, theDayBefore] })).toMatchObject({
      from: 2,
      to: 2,
      found: '2: this one; ZZ-1 (same victim)',
    })
  })
  test('of the same suspect in another household count, and say no more', () => {
    const earlier = [anEarlierIncident({ policeReference: 'ZZ-9', matches: [{ ref: 's1', role: 'suspect' }] })]
    expect(count({ earlier })).toMatchObject({ from: 2, found: '2: this one; same suspect, another household' })
  })
  test('are “at least” so many where the history is shorter than twelve months, though long enough for three', () => {
    const background = { earlierWholeFrom: Temporal.Instant.from('2026-06-01T00:00:00Z') }
    expect(count(background)).toMatchObject({ from: 1, to: null, found: 'at least 1 (the history may be short): this one' })
    expect(previousIncidents(situationOf(aNotification(), aBackground(background)))).toMatchObject({ from: 0, to: 0 })
  })
})
