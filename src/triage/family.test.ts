import { expect, test } from 'vitest'
import { aBackground, aChild, aNotification, aSuspect, aVictim } from '../../test/support/builders.ts'
import type { Person } from '../words/notification.ts'
import { childOfTheFamily, relatedToAParty } from './family.ts'
import { situationOf, subjectsOf } from './situation.ts'

function read(child: Partial<Person>, people: Person[] = [aVictim(), aSuspect()]): string {
  const situation = situationOf(aNotification({ people: [...people, aChild(child)] }), aBackground())
  const subject = subjectsOf(situation)['each child'].at(-1)
  if (subject === undefined) throw new Error('There is no child')
  const reading = childOfTheFamily(subject)
  return reading.kind === 'text' ? reading.text : reading.kind
}

test.each([
  [undefined, 'yes'],
  [[], 'no'],
  [[{ ref: 's1', kind: 'child' }], 'yes'],
  [[{ ref: 'v1', kind: 'Mother' }], 'yes'],
  [[{ ref: 's1', kind: 'step-son' }], 'yes'],
  [[{ ref: 's1', kind: 'stepdaughter' }], 'yes'],
  [[{ ref: 'v1', kind: 'nephew' }], 'no'],
  [[{ ref: 'v1', kind: 'grand-child' }], 'no'],
  [[{ ref: 'v1', kind: 'grandson' }], 'no'],
  [[{ ref: 'v1', kind: 'nephew', parentalResponsibility: true }], 'yes'],
  [[{ ref: 'v1', kind: 'special guardianship' }], 'unknown'],
  [[{ ref: 'c9', kind: 'brother' }], 'unknown'],
  [
    [
      { ref: 'c9', kind: 'brother' },
      { ref: 'v1', kind: 'son' },
    ],
    'yes',
  ],
] satisfies [Person['relatedTo'], string][])('related by %j a child is one of the family: %s', (relatedTo, value) => {
  expect(read({ relatedTo })).toBe(value)
})

test('where the child lives does not matter, and a young party is one of the family', () => {
  expect(read({ household: 'elsewhere' })).toBe('yes')
  const young = situationOf(aNotification({ people: [aVictim({ dateOfBirth: '2009-03-03' })] }), aBackground())
  const [subject] = subjectsOf(young)['each child']
  expect(subject === undefined ? null : childOfTheFamily(subject)).toMatchObject({ text: 'yes', found: 'is one of the parties' })
})

/** Every word for kin that an officer may write, and whether it makes a child one of the family. */
test.each([
  ['yes', 'child son daughter baby parent mother father mum dad carer guardian foster adopted ward step-mother stepfather'],
  ['no', 'grandchild grandson granddaughter grandparent grandmother grandfather grand-daughter god-son godchild godparent'],
  ['no', 'nephew niece uncle aunt cousin brother sister sibling neighbour friend lodger step-brother son-in-law mother-in-law'],
  ['unknown', 'partner unknown other 2nd'],
])('kin read as %s: %s', (value, kinds) => {
  for (const kind of kinds.split(' ')) expect(`${kind}: ${read({ relatedTo: [{ ref: 'v1', kind }] })}`).toBe(`${kind}: ${value}`)
})

test('it is said why a child is one of the family, or is not, or why nobody can tell', () => {
  const said = (relatedTo: Person['relatedTo'], of = childOfTheFamily) => {
    const situation = situationOf(aNotification({ people: [aVictim(), aSuspect(), aChild({ relatedTo })] }), aBackground())
    const [subject] = subjectsOf(situation)['each child']
    if (subject === undefined) throw new Error('There is no child')
    const { kind, found } = of(subject)
    return `${kind} ${found}`
  }
  expect(said(undefined)).toBe('text not stated, counted as a child of the family')
  expect(said([])).toBe('text related to nobody here')
  expect(said([{ ref: 'v1', kind: 'son' }])).toBe('text yes')
  expect(said([{ ref: 'v1', kind: 'niece' }])).toBe('text related otherwise than as a child')
  expect(said([{ ref: 'v1', kind: 'special guardianship' }])).toBe('unknown related in a way that is not in the list')
  expect(said([{ ref: 'c9', kind: 'brother' }])).toBe('unknown related to others here, not to a victim or suspect')
  const bothWays = [
    { ref: 'c9', kind: 'brother' },
    { ref: 'v1', kind: 'niece' },
  ]
  expect(said(bothWays)).toBe('unknown related to others here, not to a victim or suspect')
  expect(said(undefined, relatedToAParty)).toBe('text not stated, counted as related')
  expect(said([], relatedToAParty)).toBe('text related to nobody here')
  expect(said([{ ref: 'v1', kind: 'niece' }], relatedToAParty)).toBe('text yes')
  expect(said([{ ref: 'c9', kind: 'brother' }], relatedToAParty)).toBe(
    'unknown related to others here, not to a victim or suspect',
  )
  expect(
    said(
      [
        { ref: 'c9', kind: 'brother' },
        { ref: 's1', kind: 'friend' },
      ],
      relatedToAParty,
    ),
  ).toBe('text yes')
})

test('of the notification as a whole nobody is related, and a party is related to themselves', () => {
  const subjects = subjectsOf(situationOf(aNotification({ people: [aVictim({ dateOfBirth: '2009-03-03' })] }), aBackground()))
  const [whole, party] = [subjects['the notification'][0], subjects['each child'][0]]
  if (whole === undefined || party === undefined) throw new Error('There is nobody')
  expect([childOfTheFamily(whole), relatedToAParty(whole)]).toEqual(Array(2).fill({ kind: 'unknown', found: 'not stated' }))
  expect(relatedToAParty(party)).toEqual({ kind: 'text', text: 'yes', found: 'is one of the parties' })
})
