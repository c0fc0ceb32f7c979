import { describe, expect, test } from 'vitest'
import { aRecipient, aRoutedNotification, aSchool, aVictim } from '../../test/support/routing-builders.ts'
import type { Person } from '../words/notification.ts'
import type { Contact, Recipient } from '../words/recipient.ts'
import { conflictAt, possibleReaders } from './conflicts.ts'
import { directoryOf } from './recipients.ts'

const ON = '2026-11-04'
const aSuspect = (given: Partial<Person> = {}): Person => ({
  ref: 's1',
  role: 'suspect',
  givenNames: 'Alder James',
  familyName: 'Penhaligon',
  dateOfBirth: '1990-01-09',
  ...given,
})
const keyAdult = (given: Partial<Contact> = {}): Contact => ({
  name: 'Alder Penhaligon',
  role: 'key_adult',
  phone: '01632 960001',
  ...given,
})

function conflict(people: Person[], recipient: Recipient, others: Recipient[] = []) {
  const notification = aRoutedNotification({ people })
  return conflictAt(recipient, null, possibleReaders(notification, ON), directoryOf([recipient, ...others]))
}
const namesOf = (found: ReturnType<typeof conflict>) => found?.readers.map(({ ref }) => ref) ?? []

describe('a contact is someone in the notification', () => {
  test.each<[string, Partial<Person>, Partial<Contact>, boolean]>([
    ['the same name is enough', {}, {}, true],
    ['case, accents and punctuation are nothing', { familyName: 'O’Neill' }, { name: 'ALDER ONEILL' }, true],
    ['a title is no name', {}, { name: 'Mr Alder Penhaligon' }, true],
    ['the family name may stand first', {}, { name: 'Penhaligon, Alder' }, true],
    ['an initial may be the given name', {}, { name: 'Mr A. Penhaligon' }, true],
    ['another initial is not', {}, { name: 'Mr B. Penhaligon' }, false],
    ['a family name alone may be anybody of it', {}, { name: 'Mrs Penhaligon' }, true],
    ['a person of whom only the family name is known may be', { givenNames: undefined }, {}, true],
    ['another given name is another person', {}, { name: 'Bryony Penhaligon' }, false],
    ['another family name is another person', {}, { name: 'Alder Tolliver' }, false],
    ['both dates of birth differ: two people of one name', {}, { dateOfBirth: '1961-06-30' }, false],
    ['both dates of birth are one', {}, { dateOfBirth: '1990-01-09' }, true],
    ['one date of birth, one name and a married name', {}, { name: 'Alder Tolliver', dateOfBirth: '1990-01-09' }, true],
    ['one date of birth alone says nothing', {}, { name: 'Bryony Tolliver', dateOfBirth: '1990-01-09' }, false],
    ['only one date of birth is known: the name is enough', { dateOfBirth: undefined }, { dateOfBirth: '1961-06-30' }, true],
    ['without any name nobody can match', { givenNames: undefined, familyName: undefined }, {}, false],
  ])('%s', (_, person, contact, expected) => {
    const { givenNames = 'Alder James', familyName = 'Penhaligon', dateOfBirth = '1990-01-09' } = person
    const suspect: Person = {
      ref: 's1',
      role: 'suspect',
      ...('givenNames' in person && person.givenNames === undefined ? {} : { givenNames }),
      ...('familyName' in person && person.familyName === undefined ? {} : { familyName }),
      ...('dateOfBirth' in person && person.dateOfBirth === undefined ? {} : { dateOfBirth }),
    }
    expect(namesOf(conflict([suspect], aSchool({ contacts: [keyAdult(contact)] })))).toEqual(expected ? ['s1'] : [])
  })

  test('a relative counts as a party does; an adult who is related to nobody here, and a young child, do not', () => {
    const school = aSchool({ contacts: [keyAdult()] })
    const another = (given: Partial<Person>) => namesOf(conflict([aSuspect({ ref: 'p', ...given })], school))
    expect(another({ role: 'other_adult' })).toEqual(['p'])
    expect(another({ role: 'victim' })).toEqual(['p'])
    expect(another({ role: 'other_adult', relatedTo: [] })).toEqual([])
    expect(another({ role: 'child', dateOfBirth: '2016-05-04' })).toEqual([])
    expect(another({ role: 'child', dateOfBirth: '2010-11-04' })).toEqual(['p'])
  })
})

describe('somebody in the notification works there', () => {
  const school = aSchool({ urn: '900101', name: 'Larkspur Primary School' })
  test.each<[string, NonNullable<Person['employer']>, boolean]>([
    ['by its number', { urn: '900101' }, true],
    ['by its id', { recipientId: 'school-900101' }, true],
    ['by its name, written otherwise', { name: 'The Larkspur Primary' }, true],
    ['another school', { urn: '900102', name: 'Foxglove Academy' }, false],
    ['a name that is every school’s', { name: 'Primary School' }, false],
    ['no employer that says which', { role: 'teacher' }, false],
  ])('%s', (_, employer, expected) => {
    const found = conflict([aSuspect({ employer })], school)
    expect(namesOf(found)).toEqual(expected ? ['s1'] : [])
  })

  test('by the number of the school it succeeded', () => {
    const closed = aSchool({ urn: '900777', name: 'Old Larkspur', successorId: 'school-900101' })
    expect(namesOf(conflict([aSuspect({ employer: { urn: '900777' } })], school, [closed]))).toEqual(['s1'])
  })

  test('by the code of a health service, and by another door of the same agency', () => {
    const midwives = aRecipient({ id: 'midwives', service: 'health', odsCode: 'RZZ01', agency: 'trust-zz' })
    const nurses = aRecipient({ id: 'nurses', service: 'health', odsCode: 'RZZ02', agency: 'trust-zz' })
    expect(namesOf(conflict([aSuspect({ employer: { odsCode: 'RZZ01' } })], midwives))).toEqual(['s1'])
    expect(namesOf(conflict([aSuspect({ employer: { odsCode: 'RZZ02' } })], midwives, [nurses]))).toEqual(['s1'])
  })
})

describe('who there is clear of it', () => {
  const clear = (...contacts: Contact[]) =>
    conflict([aSuspect(), aVictim()], aSchool({ contacts }))?.clear.map(({ name }) => name)
  const deputy: Contact = { name: 'Bryony Tolliver', role: 'deputy', phone: '01632 960002' }

  test('another contact, the one who can be rung before the one who can only be written to', () => {
    const writes: Contact = { name: 'Colm Ashgrove', role: 'key_adult', email: 'ashgrove@school.example' }
    expect(clear(keyAdult(), writes, deputy)).toEqual(['Bryony Tolliver', 'Colm Ashgrove'])
  })

  test('nobody who shares a telephone or mailbox with the one who must not hear, and nobody without either', () => {
    expect(clear(keyAdult(), { ...deputy, phone: '+44 1632 960001' })).toEqual([])
    const office = 'Office@school.example'
    expect(
      clear(keyAdult({ email: office }), { name: 'Bryony Tolliver', role: 'deputy', email: 'office@school.example' }),
    ).toEqual([])
    expect(clear(keyAdult(), { name: 'Bryony Tolliver', role: 'deputy' })).toEqual([])
  })
})
