import { expect, test } from 'vitest'
import { aCalendar, aSchool, london } from '../../test/support/routing-builders.ts'
import type { Contact } from '../words/recipient.ts'
import { upkeepOfSchool } from './school-upkeep.ts'
import { ringAgainAt, type TaskMoments, taskAttention } from './task-attention.ts'

const now = london('2026-11-05T09:00')
const ahead = (hours: number) => now.add({ hours })
const next = (given: Partial<TaskMoments>) =>
  taskAttention({ dueBy: ahead(5), overdue: false, claimedUntil: null, ringAt: null, now, ...given })

test('a task is looked at when it is due, or when a claim on it ends before that', () => {
  expect(next({})).toEqual(ahead(5))
  expect(next({ claimedUntil: ahead(2) })).toEqual(ahead(2))
  expect(next({ claimedUntil: ahead(9) })).toEqual(ahead(5))
})

test('an overdue task is looked at when somebody is rung next, and each day where nobody is', () => {
  expect(next({ overdue: true, dueBy: ahead(-5), ringAt: ahead(3) })).toEqual(ahead(3))
  expect(next({ overdue: true, dueBy: ahead(-5) })).toEqual(ahead(24))
})

test('a moment that has passed is now', () => {
  expect(next({ dueBy: ahead(-1) })).toEqual(now)
  expect(next({ claimedUntil: ahead(-2) })).toEqual(now)
})

test('somebody is rung again ever more rarely, sooner where the risk is high or not graded, and in the end no more', () => {
  const after = (risk: string | null) =>
    [1, 2, 3, 4, 5, 6, 7, 8].map((rings) => ringAgainAt(rings, risk, now)?.since(now).total('hours') ?? null)
  expect(after('high')).toEqual([1, 2, 4, 8, 16, 24, 24, null])
  expect(after('not_graded')).toEqual(after('high'))
  for (const risk of ['standard', 'medium', null]) expect(after(risk)).toEqual([4, 8, 24, 24, 48, null, null, null])
})

test('a school is asked for its terms, and for a key adult and a deputy who can both be written to', () => {
  const contact = (role: Contact['role'], email?: string): Contact => ({
    name: 'Wren Ashgrove',
    role,
    ...(email ? { email } : {}),
  })
  const [key, deputy] = [contact('key_adult', 'key@school.example'), contact('deputy', 'deputy@school.example')]
  const known = aCalendar({ terms: [['2026-11-02', '2026-12-18']] })
  const asked = (contacts: Contact[], calendar = known) => upkeepOfSchool(aSchool({ contacts, calendar }), now)
  const two = 'A school has at least two people who are asked to look.'
  expect(asked([key, deputy])).toEqual([])
  expect(asked([key, deputy], aCalendar())).toEqual([
    'On which days is Larkspur Primary open? Its terms are not known, so every weekday but a bank holiday counts as a school day.',
  ])
  expect(asked([key])).toEqual([`Who is the deputy of Larkspur Primary, and at which e-mail address? ${two}`])
  expect(asked([contact('key_adult'), contact('duty', 'duty@school.example')])).toEqual([
    `Who is the key adult and the deputy of Larkspur Primary, and at which e-mail address? ${two}`,
  ])
})
