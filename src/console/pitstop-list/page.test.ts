import { expect, test } from 'vitest'
import type { PitstopEntry } from '../../desk/pitstop-list.ts'
import { render } from '../render.ts'
import { pitstopListPage } from './page.ts'

const entry: PitstopEntry = {
  task: {
    id: 'tsk_1',
    desk: 'pitstop',
    notification: 'ntf_1',
    recipient: null,
    alarm: null,
    policeReference: 'DC-1',
    about: ['c1'],
    victimRisk: 'not_graded',
    openedAt: '2026-10-14T22:30:00Z',
    dueBy: '2026-10-15T20:02:00Z',
    overdue: true,
    state: 'open',
    claimedBy: null,
    claimedUntil: null,
    yours: false,
    proposed: null,
    decision: null,
    decidedBy: null,
    decidedAt: null,
  },
  saw: 'abc',
  people: [
    { ref: 'c1', role: 'child', givenNames: 'Merrin', familyName: '<b>Quillfeather</b>', dateOfBirth: null, education: null },
  ],
  questions: [{ question: 'Is a notification needed?', recommends: 'If in doubt, notify.', about: ['c1'] }],
}
const page = (entries: PitstopEntry[]) => render(pitstopListPage({ date: '2026-10-15', entries, more: false }))

test('the printed list says who, what is asked and by when, with room for what is decided', () => {
  const html = page([entry])
  for (const said of [
    'Pitstop meeting, 15 October 2026',
    'One thing waits.',
    'Not graded, and so treated as high',
    'Thursday 15 October 2026 at 9:02pm',
    'This time has passed.',
    'date of birth not given',
    'If in doubt, notify.',
    'daymark-to-fill',
  ])
    expect(html).toContain(said)
  expect(html).toContain('&lt;b&gt;Quillfeather')
  expect(/<title>([^<]*)/.exec(html)?.[1]).not.toMatch(/Merrin|DC-1/)
})

test('a meeting with nothing before it is told so', () => {
  expect(page([])).toContain('Nothing waits for this meeting.')
})
