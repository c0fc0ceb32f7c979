import { describe, expect, test } from 'vitest'
import {
  anOutcome,
  aPlanInput,
  aRecipient,
  aRoutedNotification,
  aRuling,
  aTell,
  aVictim,
  everyService,
  london,
  reportedAt,
} from '../../test/support/routing-builders.ts'
import type { Outcome } from '../words/outcome.ts'
import type { Recipient, WeekHours } from '../words/recipient.ts'
import { somebodyThere } from './calendar.ts'
import { planChange } from './changes.ts'
import { planRouting } from './plan.ts'

const office: WeekHours = { wednesday: [['09:00', '17:00']], thursday: [['09:00', '17:00']] }
const wednesdayEvening = london('2026-11-04T20:10')
const thursdayMorning = london('2026-11-05T10:00')

const dutyTeam = aRecipient({ id: 'edt', service: 'childrens_social_care', name: 'Nightingale Duty Team', authorities: [] })
const team = (given: Partial<Recipient>) =>
  aRecipient({ id: 'csc', service: 'childrens_social_care', name: 'Daylight Team', hours: office, ...given })

interface Told {
  at?: Temporal.Instant
  risk?: Outcome['victimRisk']
  others?: Recipient[]
}

const council = aRuling({ rule: 'council-hears', tell: [aTell('childrens_social_care')] })

/** What is planned when the council is told at that moment, and this is how the directory knows it. */
function planned(recipient: Recipient, { at = wednesdayEvening, risk = 'high', others = [dutyTeam] }: Told = {}) {
  const notification = reportedAt(aRoutedNotification(), at)
  const rest = everyService.filter(({ service }) => service !== 'childrens_social_care')
  const recipients = [recipient, ...others, ...rest]
  return planRouting(aPlanInput({ notification, recipients, outcome: anOutcome([council], risk), releaseAt: at }))
}

const toldIn = (plan: ReturnType<typeof planned>) => plan.dispatches.map(({ recipientId }) => recipientId)
const rings = (plan: ReturnType<typeof planned>) =>
  plan.tasks.flatMap(({ desk, questions, dueBy }) =>
    questions.filter(({ question }) => question.includes('at this hour')).map(({ question }) => ({ desk, question, dueBy })),
  )

describe('while nobody is there', () => {
  const standIn = team({ outOfHours: { recipientId: 'edt' } })

  test.each(['high', 'not_graded'] as const)('a victim at %s risk is told to the team and to who stands in for it', (risk) => {
    const plan = planned(standIn, { risk })
    expect(toldIn(plan)).toEqual(['csc', 'edt'])
    const [own, duty] = plan.dispatches
    expect(duty).toEqual({ ...own, recipientId: 'edt' })
    expect(rings(plan)).toEqual([])
  })

  test.each(['medium', 'standard'] as const)('a victim at %s risk waits for the team', (risk) => {
    expect(toldIn(planned(standIn, { risk }))).toEqual(['csc'])
  })

  test('in its hours the team alone is told', () => {
    expect(toldIn(planned(standIn, { at: thursdayMorning }))).toEqual(['csc'])
  })

  test('where only a telephone is known a person rings it within the hour', () => {
    const plan = planned(team({ outOfHours: { phone: '01632 960111' } }))
    expect(toldIn(plan)).toEqual(['csc'])
    expect(rings(plan)).toEqual([
      { desk: 'directory', question: expect.stringContaining('01632 960111'), dueBy: london('2026-11-04T21:10') },
    ])
  })

  test('a team that has closed and names nobody is rung all the same', () => {
    const [ring] = rings(planned(team({})))
    expect(ring?.question).toContain('by a number found elsewhere')
  })

  test.each([
    ['is not in the directory', []],
    ['cannot be reached', [{ ...dutyTeam, disabled: true }]],
    ['is of another service, and may not know what this one may', [{ ...dutyTeam, service: 'health' as const }]],
  ])('a stand-in that %s is not told, and a person rings', (_why, others) => {
    const plan = planned(team({ outOfHours: { recipientId: 'edt', phone: '01632 960111' } }), { others })
    expect(toldIn(plan)).toEqual(['csc'])
    expect(rings(plan)).toHaveLength(1)
  })

  test('a team that stands in for itself is rung, not told twice', () => {
    const plan = planned(team({ outOfHours: { recipientId: 'csc' } }))
    expect(toldIn(plan)).toEqual(['csc'])
    expect(rings(plan)).toHaveLength(1)
  })

  test('a stand-in that is told in its own right is told once', () => {
    expect(toldIn(planned(standIn, { others: [{ ...dutyTeam, authorities: ['E99000001'] }] }))).toEqual(['csc', 'edt'])
  })

  test('somebody in the notification who works at the stand-in is kept from reading it there', () => {
    const others = [{ ...dutyTeam, contacts: [{ name: 'Tamsin Quillfeather', role: 'duty' as const, phone: '01632 960112' }] }]
    const plan = planned(standIn, { others })
    expect(plan.dispatches.map(({ recipientId, restricted }) => [recipientId, restricted])).toEqual([
      ['csc', false],
      ['edt', true],
    ])
  })

  test('a restriction that names the stand-in holds what it would be told, and not what the team is', () => {
    const notification = reportedAt(
      aRoutedNotification({ restrictions: [{ kind: 'must_not_receive', recipientId: 'edt', reason: 'A cousin is on duty.' }] }),
      wednesdayEvening,
    )
    const recipients = [standIn, dutyTeam]
    const plan = planRouting(aPlanInput({ notification, recipients, outcome: anOutcome([council], 'high') }))
    expect(plan.dispatches.map(({ recipientId, hold }) => [recipientId, hold])).toEqual([
      ['csc', null],
      ['edt', 'restriction'],
    ])
  })
})

describe('whose hours are not known', () => {
  test('and who names nobody to stand in: it is told as ever', () => {
    const { hours: _unknown, ...silent } = team({})
    const plan = planned(silent)
    expect([toldIn(plan), rings(plan)]).toEqual([['csc'], []])
  })

  test('and who names a stand-in: an office is assumed, so that a night is not taken for day', () => {
    const { hours: _unknown, ...silent } = team({ outOfHours: { recipientId: 'edt' } })
    expect(toldIn(planned(silent))).toEqual(['csc', 'edt'])
    expect(toldIn(planned(silent, { at: london('2026-11-05T16:59') }))).toEqual(['csc'])
    expect(toldIn(planned(silent, { at: london('2026-11-05T17:00') }))).toEqual(['csc', 'edt'])
    expect(toldIn(planned(silent, { at: london('2026-11-07T11:00') }))).toEqual(['csc', 'edt'])
  })

  test('a school is never out of hours: its clock is its opening', () => {
    const school = aRecipient({ id: 'school', service: 'education_setting', authorities: [], urn: '900101', hours: office })
    const alert = aRuling({ rule: 'school-hears', tell: [aTell('education_setting')] })
    const notification = reportedAt(aRoutedNotification(), wednesdayEvening)
    const plan = planRouting(aPlanInput({ notification, recipients: [school], outcome: anOutcome([alert], 'high') }))
    expect([toldIn(plan), rings(plan)]).toEqual([['school'], []])
  })
})

describe('a newer version', () => {
  test.each(['high', 'standard'] as const)('at %s risk by day does not take back what was told at night', (risk) => {
    const recipients = [team({ outOfHours: { recipientId: 'edt' } }), dutyTeam]
    const atNight = planned(team({ outOfHours: { recipientId: 'edt' } }))
    const notification = { ...reportedAt(aRoutedNotification(), wednesdayEvening), version: 2 }
    const changed = {
      ...notification,
      people: notification.people.map((one) => (one.ref === 'v1' ? aVictim({ givenNames: 'Tamsyn' }) : one)),
    }
    const { plan } = planChange(
      aPlanInput({ notification: changed, recipients, outcome: anOutcome([council], risk), releaseAt: thursdayMorning }),
      {
        dispatches: atNight.dispatches.map((one, index) => ({
          ...one,
          id: `dsp_${index}`,
          own: false,
          state: 'collected' as const,
          seen: true,
          attempted: false,
          concerns: null,
        })),
        stillDue: [council],
        reportedFirst: wednesdayEvening,
        riskRose: false,
      },
    )
    expect(plan.dispatches.map(({ kind, recipientId }) => [kind, recipientId])).toEqual([
      ['correction', 'csc'],
      ['correction', 'edt'],
    ])
  })
})

describe('hours', () => {
  const night: WeekHours = { friday: [['18:00', '00:00']] }

  test('a span that ends at midnight lasts until midnight', () => {
    expect(somebodyThere(night, london('2026-11-06T23:59'))).toBe(true)
    expect(somebodyThere(night, london('2026-11-06T17:59'))).toBe(false)
    expect(somebodyThere(night, london('2026-11-07T00:00'))).toBe(false)
  })

  test('are read on the clock of Europe/London in summer and winter', () => {
    const morning: WeekHours = { thursday: [['09:00', '17:00']] }
    expect(somebodyThere(morning, Temporal.Instant.from('2026-07-02T08:00:00Z'))).toBe(true)
    expect(somebodyThere(morning, Temporal.Instant.from('2026-11-05T08:00:00Z'))).toBe(false)
  })

  test('on a bank holiday nobody is taken to be there', () => {
    const friday: WeekHours = { friday: [['00:00', '23:59']] }
    expect(somebodyThere(friday, london('2026-12-25T11:00'))).toBe(false)
  })
})
