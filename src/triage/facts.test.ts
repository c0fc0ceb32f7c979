import { describe, expect, test } from 'vitest'
import {
  aBackground,
  aChild,
  aNotification,
  anEarlierIncident,
  aRiskAssessment,
  aSuspect,
  aVictim,
} from '../../test/support/builders.ts'
import type { Reading } from '../policy/conditions.ts'
import type { FactName } from '../policy/facts.ts'
import { factNamed } from '../policy/facts.ts'
import type { Background } from '../words/background.ts'
import type { Notification, Person } from '../words/notification.ts'
import type { About } from '../words/outcome.ts'
import { readFact } from './facts.ts'
import { situationOf, subjectsOf } from './situation.ts'

type Given = { notification?: Partial<Notification>; background?: Partial<Background>; about?: About }

/** One fact of the first subject of a kind; a child stands on the notification with the default parties. */
function read(
  fact: FactName,
  people: Person[],
  { notification = {}, background = {}, about = 'each child' }: Given = {},
): Reading {
  const situation = situationOf(aNotification({ people, ...notification }), aBackground(background))
  const [subject] = subjectsOf(situation)[about]
  const slot = factNamed(fact)?.slot
  if (subject === undefined || slot === undefined) throw new Error(`Nobody to read “${fact}” of`)
  return readFact(subject, slot)
}

const ofChild = (fact: FactName, child: Partial<Person>, given: Given = {}) =>
  read(fact, [aVictim(), aSuspect(), aChild(child)], given)
const valueIn = (reading: Reading) => (reading.kind === 'text' ? reading.text : reading.kind)

/** Somebody whose date of birth nobody gave. */
const undated = (person: Person): Person => ({ ...person, dateOfBirth: undefined })

describe('age', () => {
  test('is taken on the day of the report in London', () => {
    const incident = { occurredAt: '2026-07-10T22:00:00Z', reportedAt: '2026-07-10T23:30:00Z' }
    const notification = aNotification({ incident, people: [aVictim(), aChild({ dateOfBirth: '2010-07-11' })] })
    expect(read('age', notification.people, { notification })).toMatchObject({ from: 16, to: 16, atIncident: { from: 15 } })
  })

  test('without a date of birth a child counts in for every limit, guessed age or not', () => {
    const child = undated(aChild())
    expect(read('age', [aVictim(), child])).toMatchObject({ countsIn: true, found: 'no date of birth: counted in' })
    expect(read('age', [aVictim(), { ...child, approximateAge: 9 }])).toMatchObject({
      countsIn: true,
      found: 'about 9, no date of birth: counted in',
    })
    expect(valueIn(read('of school age', [aVictim(), child]))).toBe('yes')
  })

  test('a party’s guessed age settles nothing near a limit', () => {
    const party = (approximateAge: number) => read('age', [{ ...undated(aVictim()), approximateAge }], { about: 'each party' })
    expect(party(17)).toMatchObject({ from: 12, to: 22, countsIn: false })
    expect(party(40)).toMatchObject({ from: 35, to: 45 })
  })

  test('a party without any age may be of any', () => {
    expect(read('age', [undated(aVictim())], { about: 'each party' })).toMatchObject({
      from: 0,
      to: null,
      countsIn: false,
    })
  })

  test('a child born between incident and report was not yet born at the incident', () => {
    const incident = { occurredAt: '2026-11-01T10:00:00Z', reportedAt: '2026-11-04T10:00:00Z' }
    const notification = aNotification({ incident })
    const born = { ...aChild(), dateOfBirth: '2026-11-03' }
    expect(read('age in months', [aVictim(), born], { notification: { incident: notification.incident } })).toMatchObject({
      from: 0,
      atIncident: { from: -1, found: 'not yet born' },
    })
  })
})

describe('of school age', () => {
  test.each([
    ['2021-01-02', 'yes'],
    ['2021-12-31', 'no'],
    ['2008-11-05', 'yes'],
    ['2008-11-04', 'no'],
    ['2011-07-30', 'yes'],
  ])('a child born on %s: %s on 4 November 2026', (dateOfBirth, value) => {
    expect(valueIn(ofChild('of school age', { dateOfBirth }))).toBe(value)
  })
})

describe('in the household', () => {
  test.each([
    ['resident', 'yes', 'lives there'],
    ['regularly_staying', 'yes', 'regularly stays there'],
    ['unknown', 'yes', 'not stated, counted in'],
    ['elsewhere', 'no', 'lives elsewhere'],
  ] as const)('%s reads %s', (household, text, found) => {
    expect(ofChild('in the household', { household })).toEqual({ kind: 'text', text, found })
  })

  test('left out counts in', () => {
    expect(ofChild('in the household', { household: undefined })).toMatchObject({ text: 'yes', found: 'not stated, counted in' })
  })
})

describe('open to social care', () => {
  const match = (fresh: boolean) => ({ openCases: [{ ref: 'c1', authority: 'E99000001', caseReference: 'Z-1', fresh }] })

  test('a fresh register outweighs what police say', () => {
    const reading = ofChild('open to social care', { socialCare: { open: 'no' } }, { background: match(true) })
    expect(reading).toMatchObject({ text: 'yes', found: 'the register shows an open case, though police said no' })
  })
  test('a stale register makes a no unknown, and leaves a yes', () => {
    expect(valueIn(ofChild('open to social care', { socialCare: { open: 'no' } }, { background: match(false) }))).toBe('unknown')
    expect(valueIn(ofChild('open to social care', { socialCare: { open: 'yes' } }, { background: match(false) }))).toBe('yes')
  })
  test('without a register it is what police say', () => {
    expect(valueIn(ofChild('open to social care', { socialCare: { open: 'no' } }))).toBe('no')
    expect(valueIn(ofChild('open to social care', { socialCare: { open: 'unknown' } }))).toBe('unknown')
    expect(valueIn(ofChild('open to social care', { socialCare: undefined }))).toBe('unknown')
  })
})

describe('related to a party', () => {
  test.each([
    [undefined, 'yes'],
    [[], 'no'],
    [[{ ref: 'v1', kind: 'child' }], 'yes'],
    [[{ ref: 'c2', kind: 'sibling' }], 'unknown'],
  ])('related to %j reads %s', (relatedTo, value) => {
    expect(valueIn(ofChild('related to a party', { relatedTo }))).toBe(value)
  })
})

describe('the victim’s risk', () => {
  const risk = (...grades: Parameters<typeof aRiskAssessment>[0][]) =>
    valueIn(ofChild('victim risk', {}, { notification: { riskAssessments: grades.map(aRiskAssessment) } }))

  test('is the highest grade given', () =>
    expect(risk({ grade: 'standard' }, { grade: 'high' }, { grade: 'medium' })).toBe('high'))
  test('is unknown when nobody graded it', () => expect([risk(), risk({ grade: 'not_graded' })]).toEqual(['unknown', 'unknown']))
  test('is never worked out from ticks', () => expect(risk({ grade: 'standard', yesCount: 20 })).toBe('standard'))
})

describe('ticks', () => {
  const ticks = (...assessments: Parameters<typeof aRiskAssessment>[0][]) =>
    read('ticks', [aVictim()], { about: 'the notification', notification: { riskAssessments: assessments.map(aRiskAssessment) } })

  test('are the most on any one assessment', () =>
    expect(ticks({ yesCount: 9 }, { yesCount: 14 })).toMatchObject({ from: 14, to: 14 }))
  test('are “at least” where another assessment gives no count', () =>
    expect(ticks({ yesCount: 9 }, { yesCount: undefined })).toMatchObject({ from: 9, to: null }))
  test('are unknown on a tool that counts none', () => expect(ticks({ tool: 'DARA', yesCount: undefined }).kind).toBe('unknown'))
})

describe('features', () => {
  test('an empty list says none, and a list left out says nothing', () => {
    const features = (given: Notification['incident']['features']) =>
      read('mental ill health', [aVictim()], {
        about: 'the notification',
        notification: aNotification({ incident: { features: given } }),
      })
    expect(valueIn(features([]))).toBe('no')
    expect(valueIn(features(['mental_ill_health']))).toBe('yes')
    expect(valueIn(features(undefined))).toBe('unknown')
  })
})

describe('what police state once for the whole notification', () => {
  const ofAll = (fact: FactName, notification: Partial<Notification>) =>
    valueIn(read(fact, [aVictim()], { about: 'the notification', notification: aNotification(notification) }))

  test.each([
    ['yes', 'yes'],
    ['no', 'no'],
    ['unsafe', 'unknown'],
    ['unknown', 'unknown'],
    [undefined, 'unknown'],
  ] as const)('a victim’s wish for support given as %s reads %s', (victimAsksForSupport, value) => {
    expect(ofAll('victim asks for support', { victimAsksForSupport })).toBe(value)
  })
  test('a call by a child left out is unknown', () => {
    const { incident } = aNotification()
    expect(ofAll('call made by the child', { incident })).toBe('no')
    expect(ofAll('call made by the child', { incident: { ...incident, callMadeByChild: undefined } })).toBe('unknown')
  })
})

describe('previous incidents in three months', () => {
  const at = (text: string) => ({ occurredAt: Temporal.Instant.from(text) })
  const count = (background: Partial<Background>) => ofChild('previous incidents in three months', {}, { background })

  test('reach back to the same day three months before the report, that day included', () => {
    const onTheDay = anEarlierIncident({ policeReference: 'ZZ-1', ...at('2026-08-03T23:00:00Z') })
    const theDayBefore = anEarlierIncident({ policeReference: 'ZZ-2', ...at('2026-08-03T22:59:00Z') })
    expect(count({ earlier: [onTheDay, theDayBefore] })).toMatchObject({ from: 1, to: 1, found: '1: ZZ-1 (same victim)' })
  })
  test('count each police reference once, and never this one', () => {
    const earlier = [anEarlierIncident(), anEarlierIncident(), anEarlierIncident({ policeReference: 'ZZ-2026-0000001' })]
    expect(count({ earlier })).toMatchObject({ from: 1, to: 1 })
  })
  test('leave out what came after the report', () => {
    expect(count({ earlier: [anEarlierIncident(at('2026-11-04T20:11:00Z'))] })).toMatchObject({ to: 0, found: 'none known' })
  })
  test('of the same suspect in another household count, and say no more', () => {
    const earlier = [anEarlierIncident({ policeReference: 'ZZ-9', matches: [{ ref: 's1', role: 'suspect' }] })]
    expect(count({ earlier })).toMatchObject({ from: 1, found: '1: same suspect, another household' })
  })
  test('of another force count, and their reference is not shown', () => {
    expect(count({ earlier: [anEarlierIncident({ policeReference: null })] })).toMatchObject({
      from: 1,
      found: '1: another force’s (same victim)',
    })
  })
  test('are “at least” so many where the history may be short', () => {
    expect(
      count({ earlier: [anEarlierIncident()], earlierWholeFrom: null, earlierDoubts: ['the history begins on 1 October'] }),
    ).toMatchObject({
      from: 1,
      to: null,
      found: 'at least 1 (the history begins on 1 October): ZZ-2026-0000000 (same victim)',
    })
  })
  test('are counted exactly where the history is whole for as far back as the count looks', () => {
    const earlierDoubts = ['the history begins on 4 August']
    const whole = {
      earlier: [anEarlierIncident()],
      earlierDoubts,
      earlierWholeFrom: Temporal.Instant.from('2026-08-03T23:00:00Z'),
    }
    expect(count(whole)).toMatchObject({ from: 1, to: 1 })
    expect(count({ ...whole, earlierWholeFrom: Temporal.Instant.from('2026-08-03T23:00:01Z') })).toMatchObject({
      from: 1,
      to: null,
    })
  })
  test('of someone on the margins of this one do not count', () => {
    const people = [aVictim(), aChild(), { ref: 'o1', role: 'other_adult' } satisfies Person]
    const earlier = [anEarlierIncident({ matches: [{ ref: 'o1', role: 'victim' }] })]
    expect(read('previous incidents in three months', people, { background: { earlier } })).toMatchObject({ to: 0 })
  })
})
