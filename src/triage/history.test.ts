import { describe, expect, test } from 'vitest'
import { aBackground, aNotification, anEarlierIncident } from '../../test/support/builders.ts'
import type { Background } from '../words/background.ts'
import { incidentsWithThisOne, maracReferral, previousIncidents } from './history.ts'
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

describe('a referral to MARAC in twelve months', () => {
  const read = (...days: string[]) => {
    const maracs = days.map((referredOn) => ({ victim: 'v1', suspect: 's1', referredOn, convenedOn: null }))
    return maracReferral(situationOf(aNotification(), aBackground({ maracs })))
  }
  test('is registered from the same day twelve months before the report', () => {
    expect(read('2025-11-04')).toMatchObject({ text: 'registered', found: 'referred on 2025-11-04' })
    expect(read('2025-11-03')).toMatchObject({ text: 'none registered' })
  })
  test('that came after the report is none, and an older one beside it does not hide it', () => {
    expect(read('2026-11-05')).toMatchObject({ text: 'none registered' })
    expect(read('2026-11-05', '2026-03-01', '2020-01-01')).toMatchObject({ found: 'referred on 2026-03-01' })
  })
  test('that no register shows is a reading of its own, and not a no', () => {
    expect(read()).toEqual({ kind: 'text', text: 'none registered', found: 'no referral is registered' })
  })
})

describe('the history that is shown', () => {
  const read = (background: Partial<Background>) => previousIncidents(situationOf(aNotification(), aBackground(background)))

  test('is none known, or each incident by its reference and who stood on it', () => {
    expect(read({})).toEqual({ kind: 'number', from: 0, to: 0, countsIn: false, atIncident: null, found: 'none known' })
    const matches = [
      { ref: 'v1', role: 'victim' as const },
      { ref: 's1', role: 'suspect' as const },
    ]
    const earlier = [anEarlierIncident({ matches }), anEarlierIncident({ policeReference: 'ZZ-2' })]
    expect(read({ earlier }).found).toBe('2: ZZ-2026-0000000 (same victim, suspect); ZZ-2 (same victim)')
  })

  test('says every reason for which it may be short, and that it may be where none is given', () => {
    const short = { earlierWholeFrom: null, earlierDoubts: ['it begins in May', 'a look-up was cut'] }
    expect(read(short).found).toBe('at least 0 (it begins in May; a look-up was cut)')
    expect(read({ earlierWholeFrom: null }).found).toBe('at least 0 (the history may be short)')
    expect(count({ ...short, earlier: [anEarlierIncident()] }).found).toBe(
      'at least 2 (it begins in May; a look-up was cut): this one; ZZ-2026-0000000 (same victim)',
    )
  })

  test('has every incident of another force, whose references are not known to us', () => {
    const earlier = [anEarlierIncident({ policeReference: null }), anEarlierIncident({ policeReference: null })]
    expect(read({ earlier })).toMatchObject({ from: 2, to: 2 })
  })

  test('has an incident at the very moment of the report, and none of people who do not stand here', () => {
    expect(read({ earlier: [anEarlierIncident(at('2026-11-04T20:10:00Z'))] })).toMatchObject({ from: 1 })
    expect(read({ earlier: [anEarlierIncident({ matches: [{ ref: 'v9', role: 'victim' }] })] })).toMatchObject({ from: 0 })
  })
})
