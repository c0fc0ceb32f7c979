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
