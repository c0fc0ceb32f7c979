import { expect, test } from 'vitest'
import type { NotificationId } from '../words/ids.ts'
import type { Outcome } from '../words/outcome.ts'
import { openRecord, openRecorded, sealRecord, type Triage } from './record.ts'

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
  return { at, background: {}, facts, outcome, notDispatched: [] }
}

test('a record opens as it was sealed, every triage with its facts', () => {
  const record = { triages: [aTriage('first', 'c1'), aTriage('second', 'c2')] }
  expect(openRecord(key, id, sealRecord(key, id, record))).toEqual(record)
})

test('what a replay reads is the latest triage', () => {
  const sealed = sealRecord(key, id, { triages: [aTriage('first', 'c1'), aTriage('second', 'c2')] })
  expect(openRecorded(key, id, sealed)).toEqual({
    facts: [{ about: 'each child', ref: 'c2', facts: [] }],
    victimRisk: 'high',
    policy: 'zedshire/2026-01-01',
    statutory: 'every-shire/2025-01-01',
    fired: [],
    undecided: [],
  })
})

test('neither part opens when the other was tampered with', () => {
  const sealed = sealRecord(key, id, { triages: [aTriage('first', 'c1')] })
  sealed.writeUInt8(sealed.readUInt8(sealed.length - 1) ^ 1, sealed.length - 1)
  expect(() => openRecorded(key, id, sealed)).toThrow()
})
