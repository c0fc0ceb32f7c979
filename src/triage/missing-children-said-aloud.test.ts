import { expect, test } from 'vitest'
import { aBackground, aNotification, aSuspect, aVictim } from '../../test/support/builders.ts'
import type { ChildSeenBefore } from '../words/child-seen-before.ts'
import { gapsOf } from './gaps.ts'

const occurredAt = Temporal.Instant.from('2025-03-01T20:00:00Z')
const seenOn = { kind: 'notification', policeReference: 'ZZ-1', occurredAt } as const
const elsewhere = { kind: "another force's notification", occurredAt } as const

/** What is asked of children seen before beside these parties, none of whom stands here. */
function asked(...seen: Partial<ChildSeenBefore>[]) {
  const childrenSeenBefore = seen.map((one): ChildSeenBefore => ({ child: {}, beside: ['v1'], others: [], seen: seenOn, ...one }))
  const notification = aNotification({ people: [aVictim(), aSuspect()] })
  return gapsOf(notification, aBackground({ childrenSeenBefore }))
}
const then = 'and is not listed here. Where is this child, is the child safe, and who must be told?'

test('a child of another force is asked about by whom they stood beside, and cannot wait', () => {
  expect(asked({ child: null, seen: elsewhere, beside: ['v1', 's1'] })).toEqual([
    {
      code: 'child_missing',
      question:
        'A notification of another force told of a child beside the victim v1 and the suspect s1 whom nobody here is for certain. Ask that force who it is, and whether the child is safe.',
      about: ['v1', 's1'],
      urgent: true,
    },
  ])
})

test('a child is named as far as the name is known', () => {
  const said = (child: ChildSeenBefore['child']) => asked({ child })[0]?.question
  const where = 'stood beside the victim v1 on notification ZZ-1 of 2025-03-01'
  expect(said({ givenNames: 'Linnet', familyName: 'Zedwing' })).toBe(`Linnet Zedwing ${where} ${then}`)
  expect(said({ givenNames: 'Linnet', dateOfBirth: '2018-06-01' })).toBe(`Linnet, born 2018-06-01, ${where} ${then}`)
  expect(said({ familyName: 'Zedwing' })).toBe(`Zedwing ${where} ${then}`)
  expect(said({})).toBe(`A child without a name ${where} ${then}`)
})

test('it is said where the child stood: another force’s reference is not, and a register says how old it is', () => {
  const said = (seen: ChildSeenBefore['seen'], born?: string) =>
    asked({ child: { givenNames: 'Linnet', ...(born === undefined ? {} : { dateOfBirth: born }) }, seen })[0]?.question
  const fresh = { kind: 'open case', authority: 'E99000001', caseReference: 'Z-1', fresh: true } as const
  expect(said(elsewhere)).toContain('on a notification of 2025-03-01 and')
  expect(said(fresh, '2018-06-01')).toContain(`in the open case Z-1 of E99000001 ${then}`)
  expect(said(fresh)).toContain('No birth date is given there, so this may be a child. Where is')
})

test('two nameless children of two notifications are two, and of one notification one', () => {
  const another = { ...seenOn, policeReference: 'ZZ-2' }
  expect(asked({}, { seen: another })).toHaveLength(2)
  expect(asked({}, {})).toHaveLength(1)
})

test('a guess of long ago does not age a child in a register, which has no day', () => {
  const open = { kind: 'open case', authority: 'E99000001', caseReference: 'Z-1', fresh: true } as const
  expect(asked({ child: { givenNames: 'Linnet', approximateAge: 19 }, seen: open })).toHaveLength(1)
  expect(asked({ child: { givenNames: 'Linnet', approximateAge: 19 } })).toEqual([])
})
