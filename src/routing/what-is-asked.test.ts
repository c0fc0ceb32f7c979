import { describe, expect, test } from 'vitest'
import {
  aBackground,
  aChild,
  anOutcome,
  aPlanInput,
  aRecipient,
  aRoutedNotification,
  aRuling,
  aSchool,
  aTell,
  aVictim,
  everyService,
  london,
} from '../../test/support/routing-builders.ts'
import type { Background } from '../words/background.ts'
import type { Person } from '../words/notification.ts'
import type { Finding, Ruling, Tell } from '../words/outcome.ts'
import type { Contact, Recipient } from '../words/recipient.ts'
import type { PlanInput } from './circumstances.ts'
import { planRouting } from './plan.ts'

function tasks(rulings: Ruling[], given: Partial<PlanInput> = {}) {
  return planRouting(aPlanInput({ outcome: anOutcome(rulings), ...given })).tasks
}
const questions = (...given: Parameters<typeof tasks>) => tasks(...given).flatMap((task) => task.questions)
const people = (...of: Person[]): Partial<PlanInput> => ({ notification: aRoutedNotification({ people: of }) })
const unsure = (tell: Tell[], given: Partial<Ruling> = {}) => aRuling({ rule: 'unsure', result: 'cannot_tell', tell, ...given })
const finding = (fact: string, verdict: Finding['verdict']): Finding => ({ fact, wanted: 'yes', found: 'not stated', verdict })

describe('a rule that nobody can tell', () => {
  test('is put with everything that is unknown of it, and nothing that is known', () => {
    const findings = [finding('present', 'met'), finding('injured', 'unknown'), finding('pregnant', 'unknown')]
    expect(questions([unsure([aTell('health')], { findings })])).toEqual([
      {
        question:
          'Not known: “injured” (not stated; the rule wants yes), “pregnant” (not stated; the rule wants yes). Does this hold? The council hears of it.',
        about: ['c1'],
        rules: ['unsure'],
      },
    ])
    expect(questions([unsure([aTell('health')])])[0]?.question).toBe(
      'Not known: something the rule needs. Does this hold? The council hears of it.',
    )
  })

  test('recommends to tell social care what the rule would, and nothing where it tells others', () => {
    const recommended = (...tell: Tell[]) => questions([unsure(tell)])[0]?.recommends
    expect(recommended(aTell('childrens_social_care', { kind: 'referral' }))).toBe('If in doubt, refer to social care.')
    expect(recommended(aTell('childrens_social_care'))).toBe('If in doubt, notify social care.')
    expect(recommended(aTell('health'))).toBeUndefined()
  })

  test('is asked about by its own limit, and never later than the ordinary review', () => {
    const due = (...tell: Tell[]) => tasks([unsure(tell)])[0]?.dueBy
    const hours = (limit: number) => ({ within: { kind: 'hours', high: limit, otherwise: limit } }) as const
    expect(due(aTell('health', hours(5)))).toEqual(london('2026-11-05T01:10'))
    expect(due(aTell('health', hours(500)))).toEqual(london('2026-11-07T20:10'))
    expect(due(aTell('education_setting'))).toEqual(london('2026-11-05T08:45'))
  })

  test('and would ask a desk is asked about by that desk’s limit too', () => {
    const within = { kind: 'hours', high: 2, otherwise: 2 } as const
    const asks = aRuling({ rule: 'asks', result: 'cannot_tell', ask: [{ desk: 'mash', question: 'Is it so?', within }] })
    expect(tasks([asks])).toMatchObject([{ desk: 'domestic_abuse_review', dueBy: london('2026-11-04T22:10') }])
  })

  test('and would ask as well as tell is asked about, though the telling is made already', () => {
    const tell = [aTell('health')]
    const sure = aRuling({ rule: 'sure', tell })
    expect(tasks([sure, unsure(tell)])).toEqual([])
    expect(tasks([sure, unsure(tell, { ask: [{ desk: 'mash', question: 'Is it so?' }] })])).toHaveLength(1)
  })

  test('that did not fire is not asked about', () => {
    expect(tasks([aRuling({ rule: 'no', result: 'did_not_fire', tell: [aTell('health')] })])).toEqual([])
  })
})

describe('a doubt is settled by what is told already', () => {
  const asked = (sure: Tell[], doubt: Tell[]) => tasks([aRuling({ rule: 'sure', tell: sure }), unsure(doubt)]).length > 0
  const care = (given: Partial<Tell> = {}) => aTell('childrens_social_care', given)

  test('only where every service it would tell hears of it', () => {
    expect(asked([care()], [care(), aTell('health')])).toBe(true)
    expect(asked([care(), aTell('health')], [care(), aTell('health')])).toBe(false)
  })

  test('only where as much is asked for', () => {
    const assessment = care({ kind: 'referral', asks: 'child_and_family_assessment' })
    expect(asked([care({ kind: 'referral' })], [assessment])).toBe(true)
    expect(asked([assessment], [assessment])).toBe(false)
    expect(asked([assessment], [care({ kind: 'referral' })])).toBe(false)
  })

  test('only where as much is told: a referral carries the officer’s account, a bare notification does not', () => {
    const account = care({ withSummary: true })
    expect(asked([care()], [account])).toBe(true)
    expect(asked([account], [account])).toBe(false)
    expect(asked([care({ kind: 'referral' })], [account])).toBe(false)
  })

  test('only by the same kind, or a referral in place of a notification', () => {
    expect(asked([care({ kind: 'referral' })], [care({ kind: 'handoff' })])).toBe(true)
    expect(asked([care({ kind: 'handoff' })], [care()])).toBe(true)
    expect(asked([care({ kind: 'handoff' })], [care({ kind: 'handoff' })])).toBe(false)
  })
})

describe('what a rule asks', () => {
  const ask = { desk: 'mash', question: 'Is it so?' } as const

  test('is about whom it fired for, or nobody, and by the ordinary review where no limit is named', () => {
    const [about, nobody] = [
      aRuling({ rule: 'a', ask: [ask] }),
      aRuling({ rule: 'b', subject: 'the notification', about: null, ask: [ask] }),
    ]
    expect(tasks([about])).toEqual([
      { desk: 'mash', questions: [{ question: 'Is it so?', about: ['c1'], rules: ['a'] }], dueBy: london('2026-11-07T20:10') },
    ])
    expect(questions([nobody])).toEqual([{ question: 'Is it so?', about: [], rules: ['b'] }])
    expect(tasks([aRuling({ rule: 'a', ask: [{ ...ask, within: { kind: 'where silent' } }] })])[0]?.dueBy).toEqual(
      london('2026-11-07T20:10'),
    )
  })

  test('before school opens is asked by the opening of the child’s own school', () => {
    const early = aSchool({ calendar: { opensAt: '07:15', terms: [], closedDays: [] } })
    const asks = aRuling({ rule: 'a', ask: [{ ...ask, within: { kind: 'before school opens' } }] })
    expect(tasks([asks], { recipients: [early] })[0]?.dueBy).toEqual(london('2026-11-05T07:15'))
  })

  test('of two schools is by the one that opens first', () => {
    const at = (urn: string, opensAt: string) => aSchool({ urn, calendar: { opensAt, terms: [], closedDays: [] } })
    const asks = aRuling({ rule: 'a', ask: [{ ...ask, within: { kind: 'before school opens' } }] })
    const both = people(aVictim(), aChild({ education: { status: 'on_roll', urns: ['900101', '900999', '900102'] } }))
    for (const [one, other] of [
      ['07:15', '08:15'],
      ['08:15', '07:15'],
    ] as const) {
      const recipients = [at('900101', one), at('900102', other)]
      expect(tasks([asks], { ...both, recipients })[0]?.dueBy).toEqual(london('2026-11-05T07:15'))
    }
  })

  test('with another recommendation is another question', () => {
    const recommending = (recommends: string) => aRuling({ rule: 'a', ask: [{ ...ask, recommends }] })
    expect(questions([recommending('refer'), recommending('wait')])).toHaveLength(2)
  })
})

describe('what the background leaves open', () => {
  const planned = (
    background: Partial<Background>,
    child: Partial<Person> = {},
    recipients: readonly Recipient[] = everyService,
  ) => tasks([], { ...people(aVictim(), aChild(child)), background: aBackground(background), recipients })
  const onRoll = (urn: string, ref = 'c1') => ({ ref, urn, fresh: true, by: 'name and birth' as const, pupil: null })

  test('is about the person it is about, on the desk that can say, by its clock', () => {
    const record = { kind: 'open case', authority: 'E99000001', caseReference: 'LCS-1' } as const
    expect(planned({ possible: [{ ref: 'c1', by: 'address', record }] })).toEqual([
      {
        desk: 'domestic_abuse_review',
        questions: [
          {
            question:
              'Is c1 on the open case LCS-1 of E99000001? There is the same address. It has not been counted: say whether it is the same person.',
            about: ['c1'],
            rules: [],
          },
        ],
        dueBy: london('2026-11-07T20:10'),
      },
    ])
  })

  test('of a number is about whose it is, or nobody where it is the place’s', () => {
    const asked = (ref: string | null) => planned({ badIdentifiers: [{ ref, scheme: 'UPRN' }] })[0]?.questions
    const wrong = 'cannot be right, so nobody was looked for by it. What is it?'
    expect(asked('c1')).toEqual([{ question: `The UPRN given for c1 ${wrong}`, about: ['c1'], rules: [] }])
    expect(asked(null)).toEqual([{ question: `The UPRN given for the place of the incident ${wrong}`, about: [], rules: [] }])
  })

  test('of a near school is proposed for that child alone, with its number or without', () => {
    const near = { ref: 'c1', recipientId: 'school-900102', urn: '900102', name: 'Foxglove Academy' }
    expect(planned({ nearSchools: [near] })).toMatchObject([
      {
        desk: 'directory',
        questions: [{ recommends: 'If it is, tell school-900102.', about: ['c1'] }],
        dueBy: london('2026-11-05T08:45'),
      },
    ])
    expect(planned({ nearSchools: [{ ...near, urn: null }] })[0]?.questions[0]?.question).toContain(
      'Academy (school-900102)? Its',
    )
    expect(planned({ nearSchools: [{ ...near, ref: 'c9' }] })).toEqual([])
  })

  test('of rolls of two schools names those that have this child', () => {
    const two = [onRoll('900101'), onRoll('900102'), onRoll('900103', 'c2')]
    const [task] = planned({ rolls: two }, { education: { status: 'unknown' } })
    expect(task?.questions[0]?.question).toContain('The rolls of 900101 and 900102 have')
  })

  test('of a roll that decides names every school police name, and is no question where one succeeded the other', () => {
    const education = { status: 'on_roll' as const, urns: ['900104', '900105'] }
    const [task] = planned({ rolls: [onRoll('900102')] }, { education })
    expect(task?.questions[0]).toMatchObject({
      question:
        'Is c1 at the school with URN 900102 and not 900104, 900105, which police name? A fresh roll decided, and the other was told nothing.',
      about: ['c1'],
    })
  })

  test('of a roll of a school that the directory does not have is asked about all the same', () => {
    const education = { status: 'on_roll' as const, urns: ['900888'] }
    const [task] = planned({ rolls: [onRoll('900777')] }, { education })
    expect(task?.questions[0]?.question).toContain('URN 900777 and not 900888')
  })

  test('of a record that is no roll is not asked of the directory, though no school is known', () => {
    const record = { kind: 'open case', authority: 'E99000001', caseReference: 'LCS-1' } as const
    const asked = planned({ possible: [{ ref: 'c1', by: 'address', record }] }, { education: { status: 'unknown' } })
    expect(asked.map(({ desk }) => desk)).toEqual(['domestic_abuse_review'])
  })

  test('of a roll that lacks the child names the schools police name', () => {
    const education = { status: 'on_roll' as const, urns: ['900104', '900105'] }
    const [task] = planned({ rollsKept: [{ urn: '900104', fresh: true }] }, { education })
    expect(task?.questions[0]?.question).toBe(
      'Is c1 at the school with URN 900104, 900105? Police say so, and its fresh roll does not.',
    )
  })
})

describe('who must not hear', () => {
  const suspect: Person = { ref: 's1', role: 'suspect', givenNames: 'Alder', familyName: 'Penhaligon' }
  const keyAdult: Contact = { name: 'Alder Penhaligon', role: 'key_adult', phone: '01632 960001' }
  const lead: Contact = { name: 'Dora Vane', role: 'duty', email: 'vane@council.example' }
  const asked = (recipient: Recipient, ...others: Person[]) =>
    questions([aRuling({ rule: 'hears', tell: [aTell(recipient.service)] })], {
      ...people(aVictim(), suspect, ...others, aChild()),
      recipients: [recipient],
    }).map(({ question }) => question)
  const team = (...contacts: Contact[]) =>
    aRecipient({ id: 'csc', service: 'childrens_social_care', name: 'Front Door', contacts })
  const told = 'It was told at once, and what it was told is marked restricted.'

  test('is named to whoever rings, with each other’s name, and whom to ring', () => {
    const both = {
      ref: 'v2',
      role: 'victim',
      givenNames: 'Wren',
      familyName: 'Ashgrove',
      employer: { recipientId: 'csc' },
    } as const
    expect(asked(team(keyAdult), both)).toEqual([
      `Alder Penhaligon and Wren Ashgrove may be a contact of Front Door or work there, and must not read this. ${told} Ring its duty lead, by a number found elsewhere: the record must be hidden from them.`,
    ])
  })

  test('a duty lead is rung before anybody else, though only a mailbox is known', () => {
    const deputy: Contact = { name: 'Bryony Tolliver', role: 'key_adult', phone: '01632 960002' }
    expect(asked(team(keyAdult, deputy, lead))[0]).toContain(
      'Ring Dora Vane (duty), of whom only the mailbox vane@council.example is known: find their own number: the record',
    )
    expect(asked(team(keyAdult, deputy))[0]).toContain('Ring Bryony Tolliver (key adult) on 01632 960002: the record')
  })
})
