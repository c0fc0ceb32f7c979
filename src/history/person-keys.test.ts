import { describe, expect, test } from 'vitest'
import { folded } from '../words/names.ts'
import { type Findable, personKeys } from './person-keys.ts'

const indexKey = Buffer.alloc(32, 7)
const keysOf = (person: Findable, force: string | null = 'police-derbyshire') =>
  personKeys(indexKey, person, force).map(({ kind, key }) => `${kind} ${key.toString('hex')}`)
const kindsOf = (person: Findable) => personKeys(indexKey, person, 'police-derbyshire').map(({ kind }) => kind)

describe('the keys a person is found by', () => {
  test.each([
    ['Zoë', 'ZOE'],
    ["O'Neill", 'ONEILL'],
    ['O’Neill', 'O`Neill'],
    ['Smith-Jones', 'smith  jones'],
    ['Łukasz', 'ŁUKASZ'],
    ['  Ann Marie ', 'ann marie'],
  ])('%s and %s are the same name', (one, other) => {
    expect(folded(one)).toBe(folded(other))
  })

  test('a name without a birth date finds nobody, and neither does a name that is only marks', () => {
    expect(kindsOf({ givenNames: 'Wren', familyName: 'Larkmoor' })).toEqual([])
    expect(kindsOf({ givenNames: '-', familyName: '…', dateOfBirth: '2018-07-08' })).toEqual([])
  })

  test.each(['2003/0062845E', '03/62845E', '03/0062845e', '200362845E'])('the PNC number written %s is one person', (pncId) => {
    expect(keysOf({ pncId })).toEqual(keysOf({ pncId: '2003/0062845E' }))
  })

  test('a police person number means somebody within its own force only', () => {
    expect(keysOf({ policePersonId: 'P1' }, 'police-a')).not.toEqual(keysOf({ policePersonId: 'P1' }, 'police-b'))
    expect(keysOf({ policePersonId: 'P1' }, null)).toEqual([])
  })

  test('the same text under another kind or another index key is another key', () => {
    expect(keysOf({ nhsNumber: '9434765919' })).not.toEqual(keysOf({ upn: '9434765919' }))
    const other = personKeys(Buffer.alloc(32, 8), { upn: 'B801200005001' }, null)
    expect(other[0]?.key).not.toEqual(personKeys(indexKey, { upn: 'B801200005001' }, null)[0]?.key)
  })
})
