import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCalendar,
  aChild,
  anOutcome,
  aPlanInput,
  aRecipient,
  aRoutedNotification,
  aRuling,
  aSchool,
  aTell,
  aVictim,
  london,
  reportedAt,
} from '../../test/support/routing-builders.ts'
import type { Person, Restriction } from '../words/notification.ts'
import type { Ruling } from '../words/outcome.ts'
import type { Recipient } from '../words/recipient.ts'
import { londonDate } from './calendar.ts'
import type { PlanInput } from './circumstances.ts'
import { planRouting } from './plan.ts'

const schoolRule = aRuling({ rule: 'school-hears', tell: [aTell('education_setting')] })
const councilRule = aRuling({ rule: 'council-hears', tell: [aTell('childrens_social_care')] })

function plan(rulings: Ruling[], given: Partial<PlanInput> = {}) {
  return planRouting(aPlanInput({ outcome: anOutcome(rulings), ...given }))
}

function withPeople(...people: Person[]) {
  return aRoutedNotification({ people: [aVictim(), ...people] })
}

const summary = (planned: ReturnType<typeof planRouting>) =>
  planned.dispatches.map(({ service, recipientId, kind, about }) => `${service} ${recipientId} ${kind} ${about.join(',')}`)
const questionsOn = (planned: ReturnType<typeof planRouting>, desk: string) =>
  planned.tasks.filter((task) => task.desk === desk).flatMap(({ questions }) => questions.map(({ question }) => question))

describe('a school', () => {
  test('a Friday-night incident reaches the school before Monday opens, and is sent at once', () => {
    const notification = reportedAt(aRoutedNotification(), london('2026-03-06T21:10'))
    const { dispatches } = plan([schoolRule], { notification })
    expect(dispatches[0]?.dueBy).toEqual(london('2026-03-09T08:45'))
    expect(dispatches[0]?.releaseAt).toEqual(london('2026-03-06T21:10'))
  })

  test('a child registered at two schools is told to both, each by its own clock', () => {
    const child = aChild({ education: { status: 'on_roll', urns: ['900101', '900102', '900101'] } })
    const early = aSchool({ urn: '900102', calendar: aCalendar({ opensAt: '07:30' }) })
    const { dispatches } = plan([schoolRule], { notification: withPeople(child), recipients: [aSchool(), early] })
    expect(dispatches.map(({ recipientId, dueBy }) => [recipientId, dueBy.toString()])).toEqual([
      ['school-900101', '2026-11-05T08:45:00Z'],
      ['school-900102', '2026-11-05T07:30:00Z'],
    ])
  })

  test('siblings at one school are two dispatches', () => {
    const sibling = aRuling({ ...schoolRule, about: 'c2' })
    const notification = withPeople(aChild(), aChild({ ref: 'c2', givenNames: 'Jory' }))
    expect(summary(plan([schoolRule, sibling], { notification }))).toEqual([
      'education_setting school-900101 alert c1',
      'education_setting school-900101 alert c2',
    ])
  })

  test('a closed school is followed to its successor', () => {
    const closed = aSchool({ successorId: 'school-900109', disabled: true })
    const recipients = [closed, aSchool({ id: 'school-900109', urn: '900109' })]
    expect(plan([schoolRule], { recipients }).dispatches[0]?.recipientId).toBe('school-900109')
  })

  test('schools that succeed each other in a circle end in a question and not in a loop', () => {
    const recipients = [aSchool({ successorId: 'school-900102' }), aSchool({ urn: '900102', successorId: 'school-900101' })]
    const planned = plan([schoolRule], { recipients })
    expect(planned.dispatches).toEqual([])
    expect(planned.notDispatched.map(({ reason }) => reason)).toEqual(['no recipient in the directory'])
  })

  test('terms that are not known are asked for once a school', () => {
    const notification = withPeople(aChild(), aChild({ ref: 'c2' }))
    const rulings = [schoolRule, aRuling({ ...schoolRule, about: 'c2' })]
    expect(plan(rulings, { notification }).upkeep.filter(({ question }) => question.startsWith('On which days'))).toHaveLength(1)
    const known = aSchool({ calendar: aCalendar({ terms: [['2026-11-02', '2026-12-18']] }) })
    expect(
      plan(rulings, { notification, recipients: [known] }).upkeep.filter(({ question }) => question.startsWith('On which days')),
    ).toEqual([])
  })

  test('a school without a key adult and a deputy who can both be written to is asked who they are, once', () => {
    const notification = withPeople(aChild(), aChild({ ref: 'c2' }))
    const rulings = [schoolRule, aRuling({ ...schoolRule, about: 'c2' })]
    const calendar = aCalendar({ terms: [['2026-11-02', '2026-12-18']] })
    const asked = (contacts: Recipient['contacts']) =>
      plan(rulings, { notification, recipients: [aSchool({ calendar, contacts })] }).upkeep.map(({ question }) => question)
    const keyAdult = { name: 'A. Quillfeather', role: 'key_adult', email: 'key.adult@larkspur.example' } as const
    const deputy = { name: 'B. Thistlewood', role: 'deputy', email: 'deputy@larkspur.example' } as const
    expect(asked([keyAdult, deputy])).toEqual([])
    expect(asked([keyAdult])).toEqual([expect.stringMatching(/^Who is the deputy of/)])
    expect(
      asked([{ ...keyAdult, email: undefined }, deputy].map(({ email, ...rest }) => (email ? { ...rest, email } : rest))),
    ).toEqual([expect.stringMatching(/^Who is the key adult of/)])
    expect(asked([])).toEqual([expect.stringMatching(/^Who is the key adult and the deputy of/)])
  })

  test('a school deadline is never before the report nor on a day the school is closed', () => {
    const closedDays = ['2026-03-09', '2026-03-10', '2026-10-26']
    const recipients = [aSchool({ calendar: aCalendar({ closedDays }) })]
    fc.assert(
      fc.property(fc.integer({ min: 1_770_000_000, max: 1_800_000_000 }), (seconds) => {
        const report = Temporal.Instant.fromEpochMilliseconds(seconds * 1000)
        const [dispatch] = plan([schoolRule], { notification: reportedAt(aRoutedNotification(), report), recipients }).dispatches
        const due = dispatch?.dueBy ?? report
        expect(Temporal.Instant.compare(due, report)).toBe(1)
        expect(closedDays).not.toContain(londonDate(due))
      }),
    )
  })
})

describe('who cannot be told', () => {
  const directoryDue = (planned: ReturnType<typeof planRouting>) => planned.tasks.find(({ desk }) => desk === 'directory')?.dueBy

  test('a school not in the directory, out of reach or not named is a named reason and a task on the school clock', () => {
    const unnamed = withPeople(aChild({ education: { status: 'on_roll' } }))
    for (const [given, reason] of [
      [{ recipients: [] }, 'no recipient in the directory'],
      [{ recipients: [aSchool({ disabled: true })] }, 'recipient is out of reach'],
      [{ recipients: [aSchool({ channel: { kind: 'email', address: '' } })] }, 'recipient is out of reach'],
      [{ notification: unnamed }, 'the school is not certain'],
    ] satisfies [Partial<PlanInput>, string][]) {
      const planned = plan([schoolRule], given)
      expect(planned.dispatches).toEqual([])
      expect(planned.notDispatched).toEqual([{ service: 'education_setting', about: ['c1'], rule: 'school-hears', reason }])
      expect(directoryDue(planned)).toEqual(london('2026-11-05T08:45'))
    }
  })

  test('a service without a recipient in one authority does not silence the other', () => {
    const notification = withPeople(aChild({ localAuthority: 'E99000009', stayingAuthority: 'E99000002' }))
    const planned = plan([councilRule], { notification })
    expect(summary(planned)).toEqual(['childrens_social_care csc-2 notification c1'])
    expect(planned.notDispatched.map(({ service, reason }) => [service, reason])).toEqual([
      ['childrens_social_care', 'no recipient in the directory'],
    ])
    expect(directoryDue(planned)).toEqual(planned.dispatches[0]?.dueBy)
  })

  test('a child living elsewhere, nobody says where: the authority of the incident is told and a person looks for the other', () => {
    const planned = plan([councilRule], { notification: withPeople(aChild({ household: 'elsewhere' })) })
    expect(summary(planned)).toEqual(['childrens_social_care csc notification c1'])
    expect(questionsOn(planned, 'directory')).toEqual([expect.stringContaining('In which authority does this child live?')])
  })

  test('a restriction holds the dispatch and asks a supervisor', () => {
    for (const restriction of [
      { recipientId: 'school-900101' },
      { urn: '900101' },
      { service: 'education_setting' },
      { service: 'education_setting', personRef: 'c1' },
      { recipientId: 'school-900101', personRef: 'v1' },
    ] satisfies Partial<Restriction>[]) {
      const restrictions: Restriction[] = [{ kind: 'must_not_receive', reason: 'The suspect works there.', ...restriction }]
      const planned = plan([schoolRule, councilRule], { notification: aRoutedNotification({ restrictions }) })
      expect(planned.dispatches.map(({ service, hold }) => [service, hold])).toEqual([
        ['childrens_social_care', null],
        ['education_setting', 'restriction'],
      ])
      expect(planned.notDispatched).toEqual([])
      expect(questionsOn(planned, 'domestic_abuse_review')).toEqual([expect.stringContaining('The suspect works there.')])
      expect(planned.tasks[0]?.dueBy).toEqual(london('2026-11-05T08:45'))
    }
  })

  test('a restriction against a service the law does not demand is a named reason, and a supervisor is asked', () => {
    const restrictions: Restriction[] = [{ kind: 'must_not_receive', reason: 'She works there.', service: 'idva' }]
    const rule = aRuling({ rule: 'idva-hears', tell: [aTell('idva')] })
    const planned = plan([rule], { notification: aRoutedNotification({ restrictions }) })
    expect(planned.dispatches).toEqual([])
    expect(planned.notDispatched.map(({ reason }) => reason)).toEqual(['a restriction forbids it'])
    expect(questionsOn(planned, 'domestic_abuse_review')).toEqual([expect.stringContaining('She works there.')])
  })

  test('a restriction for one child, or another school, leaves this dispatch alone', () => {
    for (const restriction of [{ urn: '900102' }, { urn: '900101', personRef: 'c2' }, { service: 'health', urn: '900101' }]) {
      const restrictions: Restriction[] = [{ kind: 'must_not_receive', reason: 'Mother asks.', ...restriction }]
      const notification = aRoutedNotification({ restrictions, people: [aVictim(), aChild(), aChild({ ref: 'c2' })] })
      expect(summary(plan([schoolRule], { notification }))).toEqual(['education_setting school-900101 alert c1'])
    }
  })

  test('a restriction that names no recipient is asked about and holds nothing', () => {
    const restrictions: Restriction[] = [{ kind: 'must_not_receive', personRef: 's1', reason: 'Afraid of him.' }]
    const planned = plan([schoolRule], { notification: aRoutedNotification({ restrictions }) })
    expect(planned.dispatches).toHaveLength(1)
    expect(questionsOn(planned, 'domestic_abuse_review')).toEqual([expect.stringContaining('Whom does it bind?')])
  })
})

describe('health', () => {
  const healthRule = (about: string, subject: Ruling['subject'] = 'each child') =>
    aRuling({ rule: 'health-hears', subject, about, tell: [aTell('health')] })
  const recipients: Recipient[] = [
    aRecipient({ id: 'visitors', service: 'health', serves: ['under_five'] }),
    aRecipient({ id: 'midwives', service: 'health', serves: ['maternity'] }),
    aRecipient({ id: 'everyone', service: 'health' }),
    aRecipient({ id: 'trust', service: 'health', odsCode: 'RX1', authorities: [] }),
  ]

  test('a patient is told to those who serve that patient', () => {
    const notification = withPeople(aChild({ dateOfBirth: '2023-01-02' }), aChild({ ref: 'c2' }))
    const planned = plan([healthRule('c1'), healthRule('c2'), healthRule('v1', 'each unborn child')], {
      notification,
      recipients,
    })
    expect(summary(planned)).toEqual([
      'health everyone notification c1',
      'health visitors notification c1',
      'health everyone notification c2',
      'health everyone notification v1',
      'health midwives notification v1',
    ])
  })

  test('the fifth birthday itself is outside', () => {
    for (const [dateOfBirth, told] of [
      ['2021-11-05', true],
      ['2021-11-04', false],
    ] as const) {
      const planned = plan([healthRule('c1')], { notification: withPeople(aChild({ dateOfBirth })), recipients })
      expect(summary(planned).includes('health visitors notification c1')).toBe(told)
    }
  })

  test('a named provider is told instead; one that cannot be found is asked about and the area is told', () => {
    const named = (provider: string) => withPeople(aChild({ health: { provider } }))
    expect(summary(plan([healthRule('c1')], { notification: named('RX1'), recipients }))).toEqual([
      'health trust notification c1',
    ])
    const planned = plan([healthRule('c1')], { notification: named('RX2'), recipients })
    expect(summary(planned)).toEqual(['health everyone notification c1'])
    expect(questionsOn(planned, 'directory')).toEqual([expect.stringContaining('RX2')])
  })
})
