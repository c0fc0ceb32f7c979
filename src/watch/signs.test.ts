import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { london } from '../../test/support/routing-builders.ts'
import { alarmKey, type ForceTraffic, type Measured, signsOf, silentFrom } from './signs.ts'

const noon = london('2026-11-04T12:00')
const HOUR_MS = 3_600_000

const nothing: Measured = { forces: [], floors: [], queues: [], suspended: [], manifests: [], withoutManifest: [] }
const signs = (given: Partial<Measured>, at = noon) => signsOf({ ...nothing, ...given }, at)

const force = (given: Partial<ForceTraffic> = {}): ForceTraffic => ({
  agency: 'police-zz',
  count: 400,
  lastAt: london('2026-11-04T02:00'),
  longestGapMs: 4 * HOUR_MS,
  ...given,
})

describe('a force that falls silent', () => {
  test('for half as long again as in four weeks is an alarm, and not a moment before', () => {
    const from = london('2026-11-04T08:00')
    expect(signs({ forces: [force()] }, from.subtract({ seconds: 1 }))).toEqual([])
    const [sign] = signs({ forces: [force()] }, from)
    expect(sign).toMatchObject({ kind: 'no notifications', agency: 'police-zz', dueBy: from.add({ hours: 1 }) })
    expect(sign?.says).toContain('2026-11-04T02:00:00Z')
  })

  test('however busy it is, two hours are no silence', () => {
    expect(silentFrom(force({ longestGapMs: 60_000 }))).toEqual(force().lastAt.add({ hours: 2 }))
  })

  test('of which too little is known to say what is usual raises none', () => {
    expect(silentFrom(force({ count: 49 }))).toBeNull()
    expect(silentFrom(force({ count: 50 }))).not.toBeNull()
  })

  test('is never an alarm within the longest silence it has had', () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 10_000 }), fc.integer({ min: 0, max: 72 * HOUR_MS }), (count, longestGapMs) => {
        const one = force({ count, longestGapMs })
        expect(signs({ forces: [one] }, one.lastAt.add({ milliseconds: longestGapMs }))).toEqual([])
      }),
    )
  })
})

describe('too few notifications', () => {
  const floor = { agency: 'police-zz', authority: null, atLeast: 5, withinHours: 24, setAt: london('2026-11-01T12:00'), came: 4 }

  test('are an alarm, and as many as expected are none', () => {
    expect(signs({ floors: [floor] })).toMatchObject([{ kind: 'too few notifications', since: noon.subtract({ hours: 24 }) }])
    expect(signs({ floors: [{ ...floor, came: 5 }] })).toEqual([])
  })

  test('cannot be told until so many hours have passed since it was said', () => {
    expect(signs({ floors: [{ ...floor, setAt: noon.subtract({ hours: 23 }) }] })).toEqual([])
    expect(signs({ floors: [{ ...floor, setAt: noon.subtract({ hours: 24 }) }] })).toHaveLength(1)
  })

  test('in one authority and in the whole force are two alarms', () => {
    const both = signs({ floors: [floor, { ...floor, authority: 'E99000001' }] })
    expect(new Set(both.map(alarmKey)).size).toBe(2)
    expect(both[1]?.says).toContain('E99000001')
  })
})

describe('a queue nobody collects', () => {
  const queue = {
    recipientId: 'csc',
    agency: 'csc',
    name: 'Daylight Team',
    hours: null,
    waiting: 3,
    oldestAt: london('2026-11-03T09:00'),
  }

  test('is an alarm', () => {
    expect(signs({ queues: [queue] })).toMatchObject([{ kind: 'no collection', recipientId: 'csc', since: queue.oldestAt }])
  })

  test('is one while its team is there, and not over its weekend', () => {
    const hours = { monday: [['09:00', '17:00'] satisfies [string, string]] }
    expect(signs({ queues: [{ ...queue, hours }] }, london('2026-11-08T12:00'))).toEqual([])
    expect(signs({ queues: [{ ...queue, hours }] }, london('2026-11-09T09:00'))).toHaveLength(1)
  })
})

test('a suspended route is an alarm, due to be looked at by the time it ends', () => {
  const until = noon.add({ hours: 48 })
  expect(signs({ suspended: [{ recipientId: 'csc', agency: 'csc', name: 'Daylight Team', until }] })).toMatchObject([
    { kind: 'route suspended', recipientId: 'csc', dueBy: until },
  ])
})

describe('a manifest', () => {
  const difference = { agency: 'police-zz', day: '2026-11-03', putAt: noon, notReceived: [], notListed: [] }

  test('that agrees with what came is no alarm', () => {
    expect(signs({ manifests: [difference] })).toEqual([])
  })

  test('that differs names what is missing on either side', () => {
    const [sign] = signs({ manifests: [{ ...difference, notReceived: ['ZZ-1'], notListed: ['ZZ-2'] }] })
    expect(sign).toMatchObject({ kind: 'manifest differs', day: '2026-11-03' })
    expect(sign?.says).toMatch(/not received here: ZZ-1\..*not on the manifest: ZZ-2\./)
  })

  test('that misses very many names the first twenty and counts the rest', () => {
    const references = Array.from({ length: 25 }, (_, index) => `ZZ-${index}`)
    const [sign] = signs({ manifests: [{ ...difference, notReceived: references }] })
    expect(sign?.says).toContain('ZZ-19 and 5 more')
    expect(sign?.says).not.toContain('ZZ-20')
  })

  test('that does not come is an alarm of its own for its day', () => {
    const [sign] = signs({ withoutManifest: [{ agency: 'police-zz', day: '2026-11-03' }] })
    expect(sign).toMatchObject({ kind: 'manifest missing', day: '2026-11-03' })
  })
})
