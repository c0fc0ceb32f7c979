import { expect, test } from 'vitest'
import { instantText } from './times.ts'

const passes = (text: string) => instantText().safeParse(text).success

test('a time that Temporal and Postgres can keep passes, whatever its offset', () => {
  for (const text of [
    '2026-10-14T21:02:00Z',
    '2026-10-14T21:02:00.123456789+01:00',
    '0001-01-01T00:00:00Z',
    '2026-10-14T21:02:00-12:00',
  ]) {
    expect(passes(text), text).toBe(true)
    expect(() => Temporal.Instant.from(text)).not.toThrow()
  }
})

test('a time that either would refuse is a fault at the door', () => {
  for (const text of [
    '2026-10-14T21:02:00.1234567890Z',
    '2026-10-14T21:02:00+23:00',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-14:00',
    '2026-10-14T21:02:00',
    '2026-02-30T00:00:00Z',
    '2026-10-14T24:00:00Z',
  ]) {
    expect(passes(text), text).toBe(false)
  }
})
