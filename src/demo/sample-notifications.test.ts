import { expect, test } from 'vitest'
import { movedToNow, sampleNotifications } from './sample-notifications.ts'

const at = (text: string) => Temporal.Instant.from(text)
const aSample = (reportedAt: string) =>
  JSON.stringify({
    policeReference: 'DC-2026-10-14',
    incident: { occurredAt: '2026-10-14T20:45:00+01:00', reportedAt },
    people: [{ ref: 'c1', role: 'child', dateOfBirth: '2017-05-04' }],
  })

test('the latest was reported 20 minutes ago, and the others keep their distance to it', () => {
  const samples = [aSample('2026-10-14T21:02:00+01:00'), aSample('2026-10-14T20:50:00+01:00')]
  const moved = movedToNow(samples, at('2026-10-15T10:00:30Z'))
  expect(moved.map(({ incident }) => incident.reportedAt)).toEqual(['2026-10-15T10:40:00+01:00', '2026-10-15T10:28:00+01:00'])
})

test('times carry the offset of their new day, and ages stay when the clocks have changed meanwhile', () => {
  const [moved] = movedToNow([aSample('2026-10-14T21:02:00+01:00')], at('2026-12-24T00:10:00Z'))
  expect(moved?.incident.reportedAt).toBe('2026-12-23T23:50:00+00:00')
  expect(moved?.people[0]?.dateOfBirth).toBe('2017-07-13')
})

test('nothing but times and dates is changed', () => {
  const [moved] = movedToNow([aSample('2026-10-14T21:02:00+01:00')], at('2026-12-24T00:10:00Z'))
  expect(moved?.policeReference).toBe('DC-2026-10-14')
})

test('no sample tells of a time that has yet to come', async () => {
  const now = at('2027-03-28T02:15:00Z')
  const text = JSON.stringify(await sampleNotifications(now))
  const times = text.match(/\d{4}-\d{2}-\d{2}T[\d:]+(Z|[+-]\d{2}:\d{2})/g) ?? []
  expect(times.length).toBeGreaterThan(10)
  expect(times.filter((time) => Temporal.Instant.compare(at(time), now) > 0)).toEqual([])
})
