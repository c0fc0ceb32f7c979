import { expect, test } from 'vitest'
import { readPack } from './pack-faults.ts'

/** A pack of one rule that is in order, but for what a test changes. */
function faultsOf(change: { tell?: Record<string, unknown>; assumes?: unknown }): string[] {
  const pack = {
    area: 'somewhere',
    'in force from': '2026-01-01',
    authorities: ['E99000001'],
    document: { title: 'Somewhere, its procedure' },
    ...(change.assumes === undefined ? {} : { assumes: change.assumes }),
    rules: [
      {
        rule: 'council-told',
        says: 'The council hears of it.',
        cites: { section: 'Section 1' },
        about: 'each child',
        when: {},
        tell: [{ service: 'childrens social care', kind: 'notification', ...change.tell }],
        examples: { fires: [{}], 'does not fire': [] },
      },
    ],
  }
  const read = readPack(pack)
  return read.kind === 'pack' ? [] : read.faults.map(({ path, says }) => `${path.join('.')}: ${says}`)
}

test('a notification to social care may go with the officer’s account, and nothing else may ask for it', () => {
  const fault = 'rules.0.tell.0.with summary: only a notification to social care may ask for it; leave it out'
  expect(faultsOf({ tell: { 'with summary': 'yes' } })).toEqual([])
  expect(faultsOf({ tell: { 'with summary': 'yes', kind: 'referral' } })).toEqual([fault])
  expect(faultsOf({ tell: { 'with summary': 'yes', service: 'health' } })).toEqual([fault])
})

test('a document may bear no date, and what is assumed of it needs somebody who signs it off', () => {
  const says = 'The document bears no date, so it holds from the first day that is possible.'
  expect(faultsOf({ assumes: [{ says, owner: 'The partnership' }] })).toEqual([])
  expect(faultsOf({ assumes: [{ says }] })).toEqual(['assumes.0.owner: is missing'])
})
