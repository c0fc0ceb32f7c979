import { expect, test } from 'vitest'
import type { Reading } from '../policy/conditions.ts'
import { readWritten, recordedOf } from './recorded.ts'

const outcome = {
  policy: null,
  statutory: { area: 'every-shire', inForceFrom: '2025-01-01', sha256: 'b' },
  victimRisk: 'high',
  rulings: [],
} as const

const readings: Reading[] = [
  { kind: 'text', text: 'yes', found: 'yes' },
  { kind: 'several', texts: [], found: 'no move stated' },
  { kind: 'several', texts: ['escalation'], found: 'escalation' },
  { kind: 'number', from: 0, to: 0, countsIn: false, atIncident: null, found: 'under a year' },
  { kind: 'number', from: 2, to: null, countsIn: false, atIncident: null, found: 'at least 2' },
  { kind: 'number', from: 0, to: 17, countsIn: true, atIncident: null, found: 'counts in' },
  { kind: 'number', from: 18, to: 18, countsIn: false, atIncident: { from: 17, found: '17 years' }, found: '18 years' },
  { kind: 'unknown', found: 'not stated' },
]

test.each(readings)('what is written of $found settles what the reading settled', (reading) => {
  const { facts } = recordedOf({ ...outcome, rulings: [] }, [
    { about: 'each child', ref: 'c1', facts: [{ fact: 'age', reading }] },
  ])
  const written = JSON.parse(JSON.stringify(facts))[0].values.age
  // Everything of the reading but its words.
  expect(reading).toMatchObject(readWritten(written))
})
