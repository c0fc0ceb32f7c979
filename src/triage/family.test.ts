import { expect, test } from 'vitest'
import { aBackground, aChild, aNotification, aSuspect, aVictim } from '../../test/support/builders.ts'
import type { Person } from '../words/notification.ts'
import { childOfTheFamily } from './family.ts'
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
