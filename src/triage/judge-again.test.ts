import { expect, test } from 'vitest'
import { compileEdition } from '../policy/edition.ts'
import { judgeAgain } from './judge-again.ts'
import type { RecordedValues } from './recorded.ts'

const edition = compileEdition(
  {
    area: 'zedshire',
    'in force from': '2026-01-01',
    authorities: ['E99000001'],
    document: { title: 'Zedshire procedures' },
    rules: [
      {
        rule: 'council-told-of-an-injured-child-in-the-household',
        says: 'The council hears of an injured child in the household.',
        cites: { section: 'One' },
        about: 'each child',
        when: { 'in the household': 'yes', injured: 'yes' },
        tell: [{ service: 'childrens social care', kind: 'referral' }],
        examples: { fires: [], 'does not fire': [] },
      },
    ],
  },
  'hash',
)

function aRecordedChild(values: RecordedValues['values']): RecordedValues {
  return { about: 'each child', ref: 'c1', values }
}

test('a rule is judged on what was recorded of each person it is about', () => {
  const judged = judgeAgain(edition, [
    aRecordedChild({ 'in the household': 'yes', injured: 'yes' }),
    { about: 'each party', ref: 'v1', values: {} },
  ])
  expect(judged.fired).toMatchObject([{ edition: 'zedshire/2026-01-01', about: 'c1' }])
  expect(judged.undecided).toBe(0)
})

test('a fact nobody recorded reads as unknown, never as no', () => {
  const judged = judgeAgain(edition, [aRecordedChild({ 'in the household': 'yes' })])
  expect(judged.fired).toEqual([])
  expect(judged.undecided).toBe(1)
  expect([...judged.notRecorded]).toEqual(['injured'])
})

test('a fact nobody recorded settles nothing that another fact has settled', () => {
  const judged = judgeAgain(edition, [aRecordedChild({ 'in the household': 'no' })])
  expect(judged.undecided).toBe(0)
  expect([...judged.notRecorded]).toEqual(['injured'])
})
