import { expect, test } from 'vitest'
import { whatChanged } from './what-changed.ts'

test('the same moment with another offset, and a list in another order, are no change', () => {
  const was = { incident: { occurredAt: '2026-10-14T20:45:00+01:00' }, risk: { features: ['weapon', 'stalking'] } }
  const now = { incident: { occurredAt: '2026-10-14T19:45:00Z' }, risk: { features: ['stalking', 'weapon'] } }
  expect(whatChanged(was, now)).toEqual([])
})

test('people go by their ref, wherever they stand in the list', () => {
  const [c1, c2] = [
    { ref: 'c1', present: true },
    { ref: 'c2', present: true },
  ]
  const changed = whatChanged(
    { notification: { people: [c1, c2] } },
    { notification: { people: [c2, { ...c1, present: false }] } },
  )
  expect(changed).toEqual([{ field: 'notification/people/c1/present', was: true, now: false }])
})

test('what an address was is not said again, and what is no longer said is told as nothing', () => {
  const was = {
    notification: { incident: { address: { lines: ['1 Zedwing Close'], postcode: 'ZZ1 1ZZ' } }, moved: { on: '2026-01-01' } },
  }
  const now = { notification: { incident: { address: 'Protected.' } } }
  expect(whatChanged(was, now)).toEqual([
    { field: 'notification/incident/address', now: 'Protected.' },
    { field: 'notification/moved/on', now: null },
  ])
})

test('our own sentences, the kind and the version are no facts', () => {
  const was = { kind: 'notification', schoolShould: ['a'], notification: { version: 1 } }
  expect(whatChanged(was, { kind: 'referral', schoolShould: ['b'], notification: { version: 2 } })).toEqual([])
})

test('what a closed word, a number, or a yes or no was is told; what a name or another text was is not', () => {
  const was = { grade: 'high', present: 'yes', role: 'victim', household: 'elsewhere', count: 3, known: true, name: 'Merrin' }
  const now = { grade: 'standard', present: 'no', role: 'suspect', household: 'resident', count: 4, known: false, name: 'Meryn' }
  expect(whatChanged(was, now)).toEqual([
    { field: 'count', was: 3, now: 4 },
    { field: 'grade', was: 'high', now: 'standard' },
    { field: 'household', was: 'elsewhere', now: 'resident' },
    { field: 'known', was: true, now: false },
    { field: 'name', now: 'Meryn' },
    { field: 'present', was: 'yes', now: 'no' },
    { field: 'role', was: 'victim', now: 'suspect' },
  ])
  for (const word of ['no', 'unsafe', 'unknown', 'not_known', 'suspect', 'child', 'other_adult', 'medium', 'not_graded']) {
    expect(whatChanged({ it: word }, { it: 'yes' })).toEqual([{ field: 'it', was: word, now: 'yes' }])
  }
  expect(whatChanged({ it: 'regularly_staying' }, { it: 'resident' })).toEqual([
    { field: 'it', was: 'regularly_staying', now: 'resident' },
  ])
  expect(whatChanged({ it: 'standard' }, { it: 'resident' })).toEqual([{ field: 'it', was: 'standard', now: 'resident' }])
})

test('what is said for the first time is now, and was nothing', () => {
  expect(whatChanged({}, { childPresent: 'yes' })).toEqual([{ field: 'childPresent', now: 'yes' }])
  expect(whatChanged({ features: [] }, {})).toEqual([])
  expect(whatChanged({ features: undefined }, { features: ['weapon'] })).toEqual([{ field: 'features', now: ['weapon'] }])
  expect(whatChanged({ address: null }, { address: 'Protected.' })).toEqual([{ field: 'address', now: 'Protected.' }])
})

test('a moment is the same with seconds, parts of a second or none, and another moment is not', () => {
  const at = (moment: string) => whatChanged({ at: '2026-10-14T19:45:00Z' }, { at: moment }).length
  expect(
    ['2026-10-14T19:45Z', '2026-10-14T19:45:00.000Z', '2026-10-14T20:45+01:00', '2026-10-14T14:45:00-05:00'].map(at),
  ).toEqual([0, 0, 0, 0])
  expect(['2026-10-14T19:46:00Z', '2026-10-14', 'at 2026-10-14T19:45:00Z', '2026-10-14T19:45:00Z or so'].map(at)).toEqual([
    1, 1, 1, 1,
  ])
})

test('a list that holds other things is another, and one of people who have no ref is one value', () => {
  expect(whatChanged({ features: ['weapon'] }, { features: ['weapon', 'stalking'] })).toHaveLength(1)
  expect(whatChanged({ victims: [{ name: 'a' }] }, { victims: [{ name: 'b' }] })).toEqual([
    { field: 'victims', now: [{ name: 'b' }] },
  ])
  const mixed = [{ ref: 'v1' }, { name: 'b' }]
  expect(whatChanged({ people: mixed }, { people: mixed.toReversed() })).toEqual([])
})

test.each([
  'kind',
  'asks',
  'about',
  'schoolShould',
  'schoolMustNot',
  'policeData',
  'rolesContestedNote',
  'restrictedNote',
  'question',
  'notForPatientFacingRecord',
])('%s is ours to say, and no fact about anybody', (field) => {
  expect(whatChanged({ [field]: 'one' }, { [field]: 'other' })).toEqual([])
  expect(whatChanged({ notification: { [field]: 'one' } }, { notification: { [field]: 'other' } })).toHaveLength(1)
})
