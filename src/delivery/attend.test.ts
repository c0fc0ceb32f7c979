import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attend } from './attend.ts'
import type { DueDispatch } from './due-store.ts'

const at = Temporal.Instant.from('2026-03-06T21:10:00Z')
const inMinutes = (minutes: number) => at.add({ minutes })

/** A school's webhook, released an hour ago and due in an hour. */
function aDue(given: Partial<DueDispatch> = {}): DueDispatch {
  return {
    id: 'dsp_1',
    notification_id: 'ntf_1',
    recipient_id: 'school-1',
    recipient_name: 'Larkspur Primary',
    recipient_channel: given.channel ?? 'webhook',
    reachable: true,
    channel: 'webhook',
    service: 'education_setting',
    about: ['c1'],
    rules: ['school-hears'],
    victim_risk: 'standard',
    state: 'released',
    overdue: false,
    late_on_arrival: false,
    release_at: inMinutes(-60),
    due_by: inMinutes(60),
    escalate_at: null,
    retry_at: null,
    lease_until: null,
    hinted_until: null,
    attempts: 0,
    fence: 0,
    content_hmac: null,
    return_reason: null,
    replaced_by: null,
    set_aside_until: null,
    ...given,
  }
}

describe('a look at a due dispatch', () => {
  test('releases what was planned for now, and pushes it', () => {
    const { after, found, push } = attend(aDue({ state: 'planned', release_at: at, retry_at: at }), at)
    expect({ state: after.state, found, push }).toEqual({ state: 'released', found: ['released'], push: true })
    expect(after.hinted_until).toEqual(at.add({ seconds: 5 }))
  })

  test('leaves a live lease alone, whatever else is due', () => {
    const { after, found, push } = attend(aDue({ retry_at: inMinutes(-1), lease_until: inMinutes(1), due_by: at }), at)
    expect({ found, push, lease: after.lease_until, fence: after.fence }).toEqual({
      found: ['overdue'],
      push: false,
      lease: inMinutes(1),
      fence: 0,
    })
  })

  test('fences off an attempt whose lease ended, and is due again at once', () => {
    const { after, found, push } = attend(aDue({ retry_at: inMinutes(-1), lease_until: at, attempts: 3, fence: 3 }), at)
    expect({ found, push, fence: after.fence, lease: after.lease_until }).toEqual({
      found: ['attempt lapsed'],
      push: true,
      fence: 4,
      lease: null,
    })
  })

  test('lets one that lapses again and again wait as a failed attempt does, and gives it up 75 hours after its deadline', () => {
    const lapsed = { retry_at: inMinutes(-1), lease_until: at, attempts: 3 }
    const again = attend(aDue({ ...lapsed, fence: 4 }), at)
    expect({ push: again.push, retryAt: again.after.retry_at }).toEqual({ push: false, retryAt: inMinutes(1) })
    expect(again.after.next_at).toEqual(inMinutes(1))
    const often = attend(aDue({ ...lapsed, attempts: 50, fence: 70, overdue: true, due_by: inMinutes(-60) }), at)
    expect(often.after.retry_at).toEqual(inMinutes(15))
    const long = { due_by: at.subtract({ hours: 75 }), release_at: at.subtract({ hours: 90 }), overdue: true }
    for (const fence of [3, 4]) {
      const { after, found, push } = attend(aDue({ ...lapsed, ...long, fence }), at)
      expect({ state: after.state, found, push }).toEqual({
        state: 'given_up',
        found: ['attempt lapsed', 'given up'],
        push: false,
      })
    }
  })

  test('puts back what was collected and not acknowledged', () => {
    const { after, found, push } = attend(aDue({ channel: 'pull_queue', state: 'collected', lease_until: at }), at)
    expect({ state: after.state, found, push }).toEqual({ state: 'released', found: ['collection lapsed'], push: false })
  })

  test('does not push to an address that is disabled, and looks again', () => {
    const { after, found, push } = attend(aDue({ reachable: false, retry_at: at }), at)
    expect({ found, push }).toEqual({ found: ['out of reach'], push: false })
    expect(after.retry_at).toEqual(inMinutes(15))
  })

  test('gives up an address that stayed disabled for 75 hours after the deadline', () => {
    const long = { reachable: false, retry_at: at, due_by: at.subtract({ hours: 75 }), release_at: at.subtract({ hours: 90 }) }
    const { after, found } = attend(aDue({ ...long, overdue: true }), at)
    expect({ state: after.state, found }).toEqual({ state: 'given_up', found: ['given up'] })
  })

  test('mails again what a process died over, as it would call again', () => {
    const { after, found, push } = attend(
      aDue({ channel: 'email', retry_at: inMinutes(-1), lease_until: at, attempts: 1, fence: 1 }),
      at,
    )
    expect({ state: after.state, found, push }).toEqual({ state: 'released', found: ['attempt lapsed'], push: true })
  })

  test('mails at once what waits for a recipient that has a mailbox now', () => {
    const { after, found, push } = attend(aDue({ channel: 'pull_queue', recipient_channel: 'email' }), at)
    expect({ channel: after.channel, found, push }).toEqual({ channel: 'email', found: [], push: true })
  })

  test('asks a school’s deputy at half the time, then leaves the telephone its own moment', () => {
    const half = { release_at: inMinutes(-300), due_by: inMinutes(300), escalate_at: at }
    const asked = attend(aDue({ ...half, state: 'delivered' }), at)
    expect({ found: asked.found, next: asked.after.escalate_at }).toEqual({ found: ['deputy to be asked'], next: inMinutes(240) })
    const rung = attend({ ...asked.after }, inMinutes(240))
    expect({ found: rung.found, next: rung.after.escalate_at }).toEqual({ found: ['telephone task due'], next: null })
  })

  test('asks both at once where nobody looked for long, and has a person ring where the content cannot be opened at all', () => {
    const half = { release_at: inMinutes(-600), due_by: inMinutes(30), state: 'delivered' } as const
    expect(attend(aDue({ ...half, escalate_at: inMinutes(-285) }), at).found).toEqual([
      'deputy to be asked',
      'telephone task due',
    ])
    const setAside = attend(
      aDue({ ...half, due_by: inMinutes(600), escalate_at: inMinutes(-1), set_aside_until: inMinutes(5) }),
      at,
    )
    expect(setAside.found).toEqual(['telephone task due'])
  })

  test('asks no deputy of another service, and none about what is held', () => {
    const half = { release_at: inMinutes(-300), due_by: inMinutes(300), escalate_at: at }
    expect(attend(aDue({ ...half, service: 'health', channel: 'pull_queue' }), at).found).toEqual(['telephone task due'])
    expect(attend(aDue({ ...half, state: 'held' }), at).found).toEqual([])
  })

  test('asks somebody to ring before the deadline, and is overdue at it', () => {
    const before = attend(aDue({ state: 'delivered', escalate_at: at }), at)
    expect(before.found).toEqual(['deputy to be asked', 'telephone task due'])
    expect(before.after.escalate_at).toBeNull()
    expect(before.after.next_at).toEqual(inMinutes(60))
    const then = attend({ ...before.after }, inMinutes(60))
    expect(then.found).toEqual(['overdue'])
    expect(then.after.next_at).toEqual(inMinutes(60).add({ hours: 24 }))
  })
})

test('a look always moves on: nothing is due again at the same moment unless it was rung for', () => {
  const moment = fc.option(
    fc.integer({ min: -10_000, max: 10_000 }).map((minutes) => inMinutes(minutes)),
    { nil: null },
  )
  const someMoment = fc.integer({ min: -10_000, max: 10_000 }).map((minutes) => inMinutes(minutes))
  const row = fc.record({
    state: fc.constantFrom('planned', 'released', 'collected', 'delivered', 'held', 'given_up'),
    channel: fc.constantFrom('pull_queue', 'webhook', 'email'),
    recipient_channel: fc.constantFrom('pull_queue', 'webhook', 'email'),
    reachable: fc.boolean(),
    overdue: fc.boolean(),
    release_at: someMoment,
    due_by: someMoment,
    escalate_at: moment,
    retry_at: moment,
    lease_until: moment,
    attempts: fc.nat({ max: 500 }),
  })
  fc.assert(
    fc.property(row, (given) => {
      // Only a push has a time to push at.
      const { after, push } = attend(aDue({ ...given, retry_at: given.channel === 'pull_queue' ? null : given.retry_at }), at)
      expect(after.next_at).not.toBeNull()
      const later = after.next_at && Temporal.Instant.compare(after.next_at, at) > 0
      const hinted = after.hinted_until && Temporal.Instant.compare(after.hinted_until, at) > 0
      expect(push ? hinted : later).toBe(true)
    }),
  )
})
