import { expect, test } from 'vitest'
import {
  aCalendar,
  aChild,
  anOutcome,
  aPlanInput,
  aRoutedNotification,
  aSchool,
  aVictim,
  london,
} from '../../test/support/routing-builders.ts'
import type { Gap } from '../triage/gaps.ts'
import { planRouting } from './plan.ts'

const reported = london('2026-11-04T20:10')
const gap = (given: Partial<Gap>): Gap => ({ code: 'child_missing', question: 'Who?', about: ['c1'], urgent: false, ...given })

/** What the review desk is asked of one gap, half an hour after police were told. */
function asked(given: Partial<Gap>, receivedAt = reported.add({ minutes: 30 })) {
  const notification = aRoutedNotification({ people: [aVictim(), aChild()] })
  const recipients = [aSchool({ calendar: aCalendar({ opensAt: '07:45' }) })]
  const gaps = [gap(given)]
  const { tasks, dispatches } = planRouting(
    aPlanInput({ outcome: anOutcome([]), notification, recipients, gaps, receivedAt, releaseAt: receivedAt }),
  )
  expect(dispatches).toEqual([])
  return tasks
}

test('a child who is missing is asked about within the hour, and in doubt referred', () => {
  expect(asked({ urgent: true })).toEqual([
    {
      desk: 'domestic_abuse_review',
      questions: [{ question: 'Who?', recommends: 'If in doubt, refer to social care.', about: ['c1'], rules: [] }],
      dueBy: reported.add({ minutes: 90 }),
    },
  ])
})

test('what is urgent is never due later than the ordinary review', () => {
  expect(asked({ urgent: true }, reported.add({ hours: 80 }))[0]?.dueBy).toEqual(reported.add({ hours: 72 }))
})

test('what is not urgent has the time of the ordinary review, and nothing is recommended but for a missing child', () => {
  const [task] = asked({ code: 'pregnancy_without_unborn_child' })
  expect(task?.dueBy).toEqual(reported.add({ hours: 72 }))
  expect(task?.questions[0]).not.toHaveProperty('recommends')
})

test('a school left blank is asked about before a school opens, for whoever finds it later has found it too late', () => {
  expect(asked({ code: 'school_left_blank' })[0]?.dueBy).toEqual(london('2026-11-05T07:45'))
  expect(asked({ code: 'school_left_blank', about: ['nobody-here'] })[0]?.dueBy).toEqual(london('2026-11-05T08:45'))
})
