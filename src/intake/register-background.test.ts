import { describe, expect, test } from 'vitest'
import type { RegisterMatch } from '../directory/register-matches-store.ts'
import type { KeyedPerson } from '../history/keys-of-people.ts'
import type { PersonKeyKind } from '../history/person-keys.ts'
import { byKey, fromRegisters } from './register-background.ts'

const at = Temporal.Instant.from('2026-04-01T21:00:00Z')
const keyOf = (name: string) => Buffer.from(name)
const aPerson = (ref: string, role: KeyedPerson['role'], ...keys: [PersonKeyKind, string][]): KeyedPerson => ({
  ref,
  role,
  keys: keys.map(([kind, name]) => ({ kind, key: keyOf(name) })),
})
const child = aPerson('c1', 'child', ['upn', 'number'], ['name+birth', 'name'], ['sound+birth', 'sound'])
const from = (people: KeyedPerson[], matches: RegisterMatch[]) => fromRegisters(people, byKey({ matches, rollsKept: [] }), [], at)

const onRoll = (name: string, urn: string, hours = 0, upn: Buffer | null = null): RegisterMatch => ({
  register: 'roll',
  key: keyOf(name),
  urn,
  asOf: at.subtract({ hours }),
  upn,
})
const inMarac = (name: string, id: string, side: 'victim' | 'suspect', referredOn = '2026-01-01'): RegisterMatch => ({
  register: 'marac',
  key: keyOf(name),
  agency: 'marac-here',
  id,
  side,
  referredOn,
  convenedOn: null,
})

describe('a roll', () => {
  test('speaks for thirty days to the second', () => {
    const month = 30 * 24
    expect(from([child], [onRoll('name', 'A', month), onRoll('name', 'B', month + 1)]).rolls).toEqual([
      { ref: 'c1', urn: 'A', fresh: true, by: 'name and birth', pupil: null },
      { ref: 'c1', urn: 'B', fresh: false, by: 'name and birth', pupil: null },
    ])
  })

  test('names a pupil once, by the number where that is what matched', () => {
    const matches = [onRoll('name', 'A', 0, keyOf('number')), onRoll('number', 'A', 0, keyOf('number'))]
    expect(from([child], matches).rolls).toEqual([
      { ref: 'c1', urn: 'A', fresh: true, by: 'upn', pupil: keyOf('number').toString('base64') },
    ])
  })

  test('with a name that only sounds the same is possible, and not where it is certain already', () => {
    const { rolls, possible } = from([child], [onRoll('name', 'A'), onRoll('sound', 'A'), onRoll('sound', 'B')])
    expect(rolls.map(({ urn }) => urn)).toEqual(['A'])
    expect(possible).toEqual([{ ref: 'c1', by: 'sound and birth', record: { kind: 'roll', urn: 'B' } }])
  })
})

describe('a MARAC case', () => {
  const people = [aPerson('v1', 'victim', ['nhs', 'v']), aPerson('s1', 'suspect', ['pnc', 's'])]

  test('is one with the same victim and the same suspect, the latest referral first', () => {
    const matches = [
      ...[inMarac('v', 'M-1', 'victim'), inMarac('s', 'M-1', 'suspect')],
      ...[inMarac('v', 'M-2', 'victim', '2026-03-01'), inMarac('s', 'M-2', 'suspect', '2026-03-01')],
    ]
    expect(from(people, matches).maracs.map(({ victim, suspect, referredOn }) => [victim, suspect, referredOn])).toEqual([
      ['v1', 's1', '2026-03-01'],
      ['v1', 's1', '2026-01-01'],
    ])
  })

  test('is not one of them in two cases, nor the two with their parts changed', () => {
    expect(from(people, [inMarac('v', 'M-1', 'victim'), inMarac('s', 'M-2', 'suspect')]).maracs).toEqual([])
    expect(from(people, [inMarac('v', 'M-1', 'suspect'), inMarac('s', 'M-1', 'victim')]).maracs).toEqual([])
  })
})

test('an open case of a sound-alike is possible, and not where the case is certain', () => {
  const open = (name: string, caseReference: string): RegisterMatch => ({
    register: 'open case',
    key: keyOf(name),
    authority: 'E06000015',
    caseReference,
    asOf: at,
  })
  const { openCases, possible } = from([child], [open('name', 'X'), open('sound', 'X'), open('sound', 'Y')])
  expect(openCases.map(({ caseReference }) => caseReference)).toEqual(['X'])
  expect(possible.map(({ record }) => record)).toEqual([{ kind: 'open case', authority: 'E06000015', caseReference: 'Y' }])
})
