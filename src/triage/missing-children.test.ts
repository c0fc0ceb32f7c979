import { describe, expect, test } from 'vitest'
import { aBackground, aChild, aNotification, aSuspect, aVictim } from '../../test/support/builders.ts'
import type { ChildSeenBefore } from '../words/child-seen-before.ts'
import type { Person } from '../words/notification.ts'
import { gapsOf } from './gaps.ts'

const seenOn = {
  kind: 'notification',
  policeReference: 'ZZ-1',
  occurredAt: Temporal.Instant.from('2025-03-01T20:00:00Z'),
} as const

function seen(child: ChildSeenBefore['child'], given: Partial<ChildSeenBefore> = {}): ChildSeenBefore {
  const linnet = { givenNames: 'Linnet', familyName: 'Zedwing', dateOfBirth: '2018-06-01' }
  return { child: child === null ? null : { ...linnet, ...child }, beside: ['v1'], others: [], seen: seenOn, ...given }
}

function gaps(before: ChildSeenBefore[], people: Person[] = [aChild()]) {
  const notification = aNotification({ people: [aVictim(), aSuspect(), ...people] })
  return gapsOf(notification, aBackground({ childrenSeenBefore: before }))
}
const codes = (found: ReturnType<typeof gaps>) => found.map(({ code }) => code)

describe('a child who stood beside a party before', () => {
  test('and does not stand here is named, with where, and it is urgent', () => {
    const [gap] = gaps([seen({})])
    expect(gap).toMatchObject({ code: 'child_missing', urgent: true, about: ['v1'] })
    expect(gap?.question).toContain(
      'Linnet Zedwing, born 2018-06-01, stood beside the victim v1 on notification ZZ-1 of 2025-03-01',
    )
  })

  test('in an open case too, and an old register says that it is old', () => {
    const inCase = { kind: 'open case', authority: 'E99000001', caseReference: 'Z-1', fresh: false } as const
    expect(gaps([seen({}, { seen: inCase })])[0]?.question).toContain(
      'in the open case Z-1 of E99000001, in a register older than 48 hours,',
    )
  })

  test('is named once, from however many notifications', () => {
    expect(codes(gaps([seen({}), seen({ familyName: 'ZEDWING' }), seen({ givenNames: 'Wren' })]))).toEqual([
      'child_missing',
      'child_missing',
    ])
  })

  test('is not asked about once of age', () => {
    expect(gaps([seen({ dateOfBirth: '2008-11-04' })])).toEqual([])
    expect(codes(gaps([seen({ dateOfBirth: '2008-11-05' })]))).toEqual(['child_missing'])
  })

  test('without a birth date counts in, until the age once guessed has grown past eighteen', () => {
    const guessed = (approximateAge: number) => codes(gaps([{ ...seen({}), child: { givenNames: 'Linnet', approximateAge } }]))
    expect(guessed(16)).toEqual(['child_missing'])
    expect(guessed(17)).toEqual([])
  })

  test('of whom another force told is not named, and that force is asked', () => {
    const elsewhere = { kind: "another force's notification", occurredAt: seenOn.occurredAt } as const
    const found = gaps([seen(null, { seen: elsewhere }), seen(null, { seen: elsewhere })])
    expect(codes(found)).toEqual(['child_missing'])
    expect(found[0]?.question).toContain('Ask that force')
  })
})

describe('a child who is listed under another spelling', () => {
  test.each<[string, Partial<Person>, 'missing' | 'possible' | 'plain']>([
    ['a name that sounds alike, and the birth date', { givenNames: 'Lynette', familyName: 'Zedwyng' }, 'possible'],
    ['one of the two names, and the birth date', { givenNames: 'Birdie' }, 'possible'],
    ['the other of the two names, and the birth date', { familyName: 'Quillfeather' }, 'possible'],
    ['the birth date alone', { givenNames: 'Rook', familyName: 'Quillfeather' }, 'missing'],
    ['the whole name, and no birth date', { dateOfBirth: undefined }, 'plain'],
    ['the whole name, no birth date, and an age years apart', { dateOfBirth: undefined, approximateAge: 15 }, 'possible'],
    ['a given name alone', { dateOfBirth: undefined, familyName: '' }, 'possible'],
    ['a family name alone', { dateOfBirth: undefined, givenNames: '' }, 'possible'],
    [
      'nothing, at an age that may be theirs',
      { dateOfBirth: undefined, givenNames: '', familyName: '', approximateAge: 9 },
      'possible',
    ],
    ['nothing, at an age years apart', { dateOfBirth: undefined, givenNames: '', familyName: '', approximateAge: 15 }, 'missing'],
    ['the whole name, and another birth date', { dateOfBirth: '2018-06-02' }, 'missing'],
    ['half the name, and no birth date', { dateOfBirth: undefined, givenNames: 'Birdie' }, 'missing'],
  ])('%s: %s', (_, here, expected) => {
    const { dateOfBirth, ...names } = { givenNames: 'Linnet', familyName: 'Zedwing', dateOfBirth: '2018-06-01', ...here }
    const { dateOfBirth: __, ...child } = aChild()
    const found = gaps([seen({})], [{ ...child, ...names, ...(dateOfBirth === undefined ? {} : { dateOfBirth }) }])
    const code = { missing: ['child_missing'], possible: ['child_perhaps_listed_otherwise'], plain: [] }[expected]
    expect(codes(found)).toEqual(code)
    if (expected === 'possible') expect(found[0]).toMatchObject({ urgent: false, about: ['c1'] })
  })
})

describe('twins', () => {
  const wren = aChild({ givenNames: 'Wren', dateOfBirth: '2018-06-01' })

  test('one who is certainly here does not hide the other', () => {
    expect(codes(gaps([seen({}, { others: ['c1'] })], [wren]))).toEqual(['child_missing'])
  })

  test('one person here is taken for one of them at most, the likelier', () => {
    const found = gaps([seen({}), seen({ givenNames: 'Renn' })], [{ ...wren, givenNames: 'Ren' }])
    expect(found.map(({ code, question }) => [code, question.slice(0, 4)])).toEqual([
      ['child_missing', 'Linn'],
      ['child_perhaps_listed_otherwise', 'Renn'],
    ])
  })
})

describe('a child of whom an earlier report gave no birth date', () => {
  const nameOnly = { ...seen({}), child: { givenNames: 'Linnet', familyName: 'Zedwing' } }
  const nameless = { ...seen({}), child: {} }
  const inCase = { kind: 'open case', authority: 'E99000001', caseReference: 'Z-1', fresh: true } as const

  test('and whose name is nobody’s here is missing', () => {
    expect(gaps([nameOnly])).toMatchObject([{ code: 'child_missing', urgent: true, question: expect.stringContaining('Linnet') }])
  })

  test('and whose name a child here plainly has is not missing', () => {
    expect(gaps([nameOnly], [aChild({ givenNames: 'linnet', familyName: 'ZEDWING' })])).toEqual([])
  })

  test('is not taken for a father of that name', () => {
    const father: Person = { ref: 's2', role: 'suspect', givenNames: 'Linnet', familyName: 'Zedwing' }
    expect(codes(gaps([nameOnly], [father]))).toEqual(['child_perhaps_listed_otherwise'])
  })

  test('is one with the child of that name whose birth date another report gave', () => {
    expect(codes(gaps([nameOnly, seen({})]))).toEqual(['child_missing'])
  })

  test('nor a name may be any child here whom nothing else accounts for, and no other', () => {
    expect(codes(gaps([nameless]))).toEqual(['child_perhaps_listed_otherwise'])
    expect(codes(gaps([{ ...nameless, others: ['c1'] }]))).toEqual(['child_missing'])
    expect(codes(gaps([nameless, { ...seen({}), child: { ...aChild() } }]))).toContain('child_missing')
    expect(codes(gaps([nameless], []))).toEqual(['child_missing'])
  })

  test('in an open case may be an adult, and the question says so', () => {
    const [gap] = gaps([{ ...nameOnly, seen: inCase }])
    expect(gap).toMatchObject({ code: 'child_missing', urgent: true })
    expect(gap?.question).toContain('No birth date is given there, so this may be a child')
    const mother: Person = { ref: 'x1', role: 'other_adult', givenNames: 'Linnet', familyName: 'Zedwing' }
    expect(gaps([{ ...nameOnly, seen: inCase }], [mother])).toEqual([])
  })
})
