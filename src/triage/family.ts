import type { Reading } from '../policy/conditions.ts'
import type { Person } from '../words/notification.ts'
import type { Subject } from './situation.ts'
import { isParty } from './situation.ts'

/** How a child stands to the parties. */

/** Related to a victim or suspect, or one of them. Where only others are named nobody can tell from here. */
export function relatedToAParty({ person, situation }: Subject): Reading {
  if (person === null) return notStated
  if (isParty(person)) return isOne
  if (person.relatedTo === undefined) return relatedByDefault
  if (person.relatedTo.length === 0) return unrelated
  const parties = situation.notification.people.filter(isParty)
  return person.relatedTo.some(({ ref }) => parties.some((party) => party.ref === ref)) ? yes : relatedToOthers
}

const isOne: Reading = { kind: 'text', text: 'yes', found: 'is one of the parties' }
const relatedByDefault: Reading = { kind: 'text', text: 'yes', found: 'not stated, counted as related' }
const unrelated: Reading = { kind: 'text', text: 'no', found: 'related to nobody here' }
const relatedToOthers: Reading = { kind: 'unknown', found: 'related to others here, not to a victim or suspect' }

/**
 * A child of either party wherever the child lives, or someone under 18 who is a party (design, "LLR"). Police may write the
 * relation from either side, `son` or `mother`; parental responsibility settles it too.
 */
export function childOfTheFamily({ person, situation }: Subject): Reading {
  if (person === null) return notStated
  if (isParty(person)) return isOne
  if (person.relatedTo === undefined) return childByDefault
  const parties = new Set(situation.notification.people.filter(isParty).map(({ ref }) => ref))
  let found = person.relatedTo.length === 0 ? unrelated : anotherRelation
  for (const relation of person.relatedTo) {
    // A brother or sister of a child of the family may be one too, and nobody says whether.
    const reading = parties.has(relation.ref) ? childBy(relation) : relatedToOthers
    if (reading === yes) return yes
    if (reading.kind === 'unknown') found = reading
  }
  return found
}

function childBy({ kind, parentalResponsibility }: NonNullable<Person['relatedTo']>[number]): Reading {
  if (parentalResponsibility === true) return yes
  const words = kind.toLowerCase().split(/[^a-z]+/)
  if (words.some((word) => otherKin.has(word))) return anotherRelation
  return words.some((word) => childOrParent.has(word.replace(/^step/, ''))) ? yes : relationNotKnown
}

const childOrParent = new Set([
  'child',
  'son',
  'daughter',
  'baby',
  'parent',
  'mother',
  'father',
  'mum',
  'dad',
  'carer',
  'guardian',
  'foster',
  'adopted',
  'ward',
])
const otherKin = new Set([
  'grand',
  'god',
  'grandchild',
  'grandson',
  'granddaughter',
  'grandparent',
  'grandmother',
  'grandfather',
  'nephew',
  'niece',
  'uncle',
  'aunt',
  'cousin',
  'brother',
  'sister',
  'sibling',
  'godchild',
  'godparent',
  'neighbour',
  'friend',
  'lodger',
  'law',
])

const childByDefault: Reading = { kind: 'text', text: 'yes', found: 'not stated, counted as a child of the family' }
const anotherRelation: Reading = { kind: 'text', text: 'no', found: 'related otherwise than as a child' }
const relationNotKnown: Reading = { kind: 'unknown', found: 'related in a way that is not in the list' }
const yes: Reading = { kind: 'text', text: 'yes', found: 'yes' }
const notStated: Reading = { kind: 'unknown', found: 'not stated' }
