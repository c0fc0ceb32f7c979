import { expect, test } from 'vitest'
import type { NotificationId } from '../words/ids.ts'
import type { Outcome } from '../words/outcome.ts'
import { LENGTH_BYTES, openRecord, openRecorded, sealRecord, type Triage } from './record.ts'

const key = Buffer.alloc(32, 7)
const id: NotificationId = 'ntf_one'

const outcome: Outcome = {
  policy: { area: 'zedshire', inForceFrom: '2026-01-01', sha256: 'a' },
  statutory: { area: 'every-shire', inForceFrom: '2025-01-01', sha256: 'b' },
  victimRisk: 'high',
  rulings: [],
}

function aTriage(at: string, ref: string): Triage {
  const facts: Triage['facts'] = [{ about: 'each child', ref, facts: [] }]
  return { at, background: { openCases: [], rolls: [], maracs: [] }, facts, outcome, notDispatched: [] }
}

test('a record opens as it was sealed, every triage with its facts', () => {
  const record = { triages: [aTriage('first', 'c1'), aTriage('second', 'c2')] }
  expect(openRecord(key, id, sealRecord(key, id, record))).toEqual(record)
})

/** The part that a replay reads, as Postgres hands it out. */
const firstOf = (sealed: Buffer) => sealed.subarray(LENGTH_BYTES, LENGTH_BYTES + sealed.readUInt32BE(0))

test('what a replay reads is the latest triage', () => {
  const sealed = sealRecord(key, id, { triages: [aTriage('first', 'c1'), aTriage('second', 'c2')] })
  expect(openRecorded(key, id, firstOf(sealed))).toEqual({
    facts: [{ about: 'each child', ref: 'c2', values: {} }],
    victimRisk: 'high',
    policy: 'zedshire/2026-01-01',
    statutory: 'every-shire/2025-01-01',
    fired: [],
    undecided: [],
  })
})

test('neither part opens where it was tampered with, or stands in the other’s place', () => {
  const sealed = sealRecord(key, id, { triages: [aTriage('first', 'c1')] })
  const first = firstOf(sealed)
  const last = sealed.subarray(LENGTH_BYTES + first.length)
  expect(() => openRecorded(key, id, last)).toThrow()
  for (const part of [first, last]) part.writeUInt8(part.readUInt8(part.length - 1) ^ 1, part.length - 1)
  expect(() => openRecorded(key, id, first)).toThrow()
  expect(() => openRecord(key, id, sealed)).toThrow()
})
