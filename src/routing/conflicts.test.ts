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
    ['half of a double family name is not the whole of it', { familyName: 'Penhaligon-Ashgrove' }, {}, false],
    ['one given name of several is enough', {}, { name: 'Alder Rowan Penhaligon' }, true],
    ['of the person’s name only an initial may be known', { givenNames: 'A' }, {}, true],
    ['the same first letter is not the same name', {}, { name: 'Alban Penhaligon' }, false],
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

  test('by an id, number or code that the directory does not have, which is all the same its own', () => {
    const practice = aRecipient({ id: 'practice', service: 'health', odsCode: 'RZZ07' })
    const works = (employer: Person['employer'], recipient: Recipient) =>
      namesOf(
        conflictAt(
          recipient,
          '900555',
          possibleReaders(aRoutedNotification({ people: [aSuspect({ employer })] }), ON),
          directoryOf([]),
        ),
      )
    expect(works({ recipientId: 'school-900101' }, school)).toEqual(['s1'])
    expect(works({ urn: '900101' }, school)).toEqual(['s1'])
    expect(works({ urn: '900555' }, school)).toEqual(['s1'])
    expect(works({ odsCode: 'RZZ07' }, practice)).toEqual(['s1'])
    expect(works({ odsCode: 'RZZ08' }, practice)).toEqual([])
    expect(works({ urn: '900556' }, school)).toEqual([])
    expect(works({ recipientId: 'practice' }, school)).toEqual([])
  })

  test('by the id of another door of the same agency', () => {
    const [front, back] = ['front', 'back'].map((id) =>
      aRecipient({ id, service: 'childrens_social_care', agency: 'council-zz' }),
    )
    if (front === undefined || back === undefined) throw new Error('There are two doors')
    expect(namesOf(conflict([aSuspect({ employer: { recipientId: 'front' } })], back, [front]))).toEqual(['s1'])
    const elsewhere = aRecipient({ id: 'front', service: 'childrens_social_care', agency: 'council-xx' })
    expect(namesOf(conflict([aSuspect({ employer: { recipientId: 'front' } })], back, [elsewhere]))).toEqual([])
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

describe('whom it is to be kept from', () => {
  const named = (given: Partial<Person>) =>
    conflict([aSuspect({ employer: { urn: '900101' }, ...given })], aSchool())?.readers.map((reader) => reader.named)

  test('is named as far as a name is known, and else by what they are here', () => {
    expect(named({})).toEqual(['Alder James Penhaligon'])
    expect(named({ givenNames: undefined })).toEqual(['Penhaligon'])
    expect(named({ familyName: undefined })).toEqual(['Alder James'])
    expect(named({ givenNames: undefined, familyName: undefined, role: 'other_adult' })).toEqual(['the other adult s1'])
  })
})

describe('who there is clear of it', () => {
  const clear = (...contacts: Contact[]) =>
    conflict([aSuspect(), aVictim()], aSchool({ contacts }))?.clear.map(({ name }) => name)
  const deputy: Contact = { name: 'Bryony Tolliver', role: 'deputy', phone: '01632 960002' }

  test('another contact, the one who can be rung before the one who can only be written to', () => {
    const writes: Contact = { name: 'Colm Ashgrove', role: 'key_adult', email: 'ashgrove@school.example' }
    expect(clear(keyAdult(), writes, deputy)).toEqual(['Bryony Tolliver', 'Colm Ashgrove'])
    const [lead, duty] = [
      keyAdult({ name: 'Dora Vane', phone: '01632 960003' }),
      { ...deputy, role: 'duty', name: 'Ewan Moss' },
    ] as const
    expect(clear(duty, deputy, lead, keyAdult())).toEqual(['Dora Vane', 'Bryony Tolliver', 'Ewan Moss'])
  })

  test('nobody who shares a telephone or mailbox with the one who must not hear, and nobody without either', () => {
    for (const phone of ['+44 1632 960001', '0044 1632 960001', '+44 (0)1632 960001']) {
      expect(clear(keyAdult(), { ...deputy, phone })).toEqual([])
    }
    expect(clear(keyAdult(), { ...deputy, phone: '01632 960441' })).toEqual(['Bryony Tolliver'])
    const both = keyAdult({ email: 'penhaligon@school.example' })
    expect(clear(both, { ...deputy, email: 'penhaligon@school.example' })).toEqual([])
    const office = 'Office@school.example'
    expect(
      clear(keyAdult({ email: office }), { name: 'Bryony Tolliver', role: 'deputy', email: 'office@school.example' }),
    ).toEqual([])
    expect(clear(keyAdult(), { name: 'Bryony Tolliver', role: 'deputy' })).toEqual([])
  })
})
