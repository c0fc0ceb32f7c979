import { describe, expect, test } from 'vitest'
import { attendTask } from './attend-task.ts'
import type { DueTask } from './task-due-store.ts'

const START = Temporal.Instant.from('2026-03-06T21:10:00Z')
const hours = (count: number) => START.add({ hours: count })
const task = (given: Partial<DueTask> = {}): DueTask => ({
  id: 'tsk_1',
  notification_id: 'ntf_1',
  recipient_id: null,
  alarm_id: null,
  authority: 'E06000015',
  desk: 'mash',
  agency: 'csc-E06000015',
  about: [],
  victim_risk: 'high',
  due_by: hours(24),
  overdue: false,
  state: 'open',
  claimed_by: null,
  claimed_until: null,
  rings: 0,
  ring_at: null,
  ...given,
})

describe('a task past its time', () => {
  /** When somebody is rung, in hours after the deadline, until nobody is any more. */
  function ringsOf(given: Partial<DueTask>): number[] {
    const rung: number[] = []
    let now = task(given)
    for (let at = hours(24), looks = 0; looks < 40; looks += 1) {
      const { after, found } = attendTask(now, at)
      if (found.length > 0) rung.push(hours(24).until(at).total('hours'))
      expect(Temporal.Instant.compare(after.next_at, at)).toBe(1)
      now = after
      at = after.next_at
    }
    return rung
  }

  test('rings at its deadline, then at growing intervals, sooner where the risk is high, and only so often', () => {
    expect(ringsOf({})).toEqual([0, 1, 3, 7, 15, 31, 55, 79])
    expect(ringsOf({ victim_risk: 'not_graded' })).toEqual(ringsOf({}))
    expect(ringsOf({ victim_risk: 'standard' })).toEqual([0, 4, 12, 36, 60, 108])
  })

  test('about a silence rings as one at high risk does: nobody knows who was not told', () => {
    expect(ringsOf({ notification_id: null, alarm_id: 'alm_1', victim_risk: null })).toEqual(ringsOf({}))
  })

  test('of the directory’s own upkeep rings nobody', () => {
    expect(ringsOf({ notification_id: null, recipient_id: 'school', victim_risk: null })).toEqual([0])
  })
})

test('a claim that has ended puts the task back and moves neither its deadline nor a ring', () => {
  const { after, found } = attendTask(task({ state: 'claimed', claimed_by: 'cli_1', claimed_until: hours(1) }), hours(1))
  expect(found).toEqual(['claim lapsed'])
  expect(after).toMatchObject({ state: 'open', claimed_by: null, claimed_until: null, overdue: false, next_at: hours(24) })
})

const later = hours(24).add({ minutes: 30 })

test('a claim that lives on past the deadline stays, and the task is overdue all the same', () => {
  const { after, found } = attendTask(task({ state: 'claimed', claimed_by: 'cli_1', claimed_until: later }), hours(24))
  expect(found).toEqual(['overdue'])
  expect(after).toMatchObject({ state: 'claimed', claimed_by: 'cli_1', overdue: true, next_at: later })
})
