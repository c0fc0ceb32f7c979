import { expect, test } from 'vitest'
import type { Person } from '../src/words/notification.ts'
import { aChild } from './support/builders.ts'
import { aCaseDecided, account, type Decided, type GivenCase } from './support/decided.ts'

/** Hertfordshire, from 11 March 2024: whole notifications, and who is told by when and which desk is asked. The law lies underneath. */
const of = (others: Person[], given?: GivenCase) => aCaseDecided('E10000015', others, given)

const cases: { says: string; given: Decided; follows: string[] }[] = [
  {
    says: 'a child in the household at standard risk: the council in 72 hours, and not health',
    given: of([aChild()]),
    follows: [
      'childrens_social_care notification to csc-E10000015 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'high risk: the council in 24 hours, and the unit is asked about MARAC at once',
    given: of([aChild()], { risk: { grade: 'high', yesCount: 9 } }),
    follows: [
      'childrens_social_care notification to csc-E10000015 about c1, within 24 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by safeguarding-unit-considers-marac-at-high-risk, safeguarding-unit-evaluates-every-notification, within 1 hour',
    ],
  },
  {
    says: 'nobody has graded the risk: the limits of high, and no tick says that it is',
    given: of([aChild()], { risk: { grade: 'not_graded' } }),
    follows: [
      'childrens_social_care notification to csc-E10000015 about c1, within 24 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by desk-grades-a-risk-nobody-graded, safeguarding-unit-considers-marac-at-high-risk, safeguarding-unit-evaluates-every-notification, within 1 hour',
    ],
  },
  {
    says: 'a child of four is told to the NHS trust too, on the same clock',
    given: of([aChild({ dateOfBirth: '2021-11-05' })]),
    follows: [
      'childrens_social_care notification to csc-E10000015 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'health notification to health-herts about c1, within 72 hours',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'a child who turned five between incident and report is put to a person',
    given: of([aChild({ dateOfBirth: '2021-11-03' })], { incident: { occurredAt: '2026-11-02T19:00:00Z' } }),
    follows: [
      'childrens_social_care notification to csc-E10000015 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by nhs-told-of-a-child-under-five, safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'a child without a date of birth counts in as under five',
    given: of([aChild({ dateOfBirth: undefined })]),
    follows: [
      'childrens_social_care notification to csc-E10000015 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'health notification to health-herts about c1, within 72 hours',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'a child of four elsewhere is told to nobody but the school',
    given: of([aChild({ dateOfBirth: '2021-11-05', household: 'elsewhere', present: false })]),
    follows: [
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
      'directory is asked by school-told-of-its-pupil, by 2026-11-05T08:45',
    ],
  },
  {
    says: 'a child of whom nobody says where they live counts',
    given: of([aChild({ household: undefined })]),
    follows: [
      'childrens_social_care notification to csc-E10000015 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'a pregnant victim: council and NHS trust, without any child',
    given: of([], { victim: { pregnant: true } }),
    follows: [
      'childrens_social_care notification to csc-E10000015 about v1, within 72 hours',
      'health notification to health-herts about v1, within 72 hours',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'a pregnant suspect carries a child as well',
    given: of([], { suspect: { pregnant: true, sex: 'female' } }),
    follows: [
      'childrens_social_care notification to csc-E10000015 about s1, within 72 hours',
      'health notification to health-herts about s1, within 72 hours',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'a victim of whom nobody says whether she is pregnant is asked about',
    given: of([], { victim: { pregnant: undefined } }),
    follows: [
      'domestic_abuse_review is asked by council-and-nhs-told-of-a-pregnancy, safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'a victim of seventeen is told to the council',
    given: of([], { victim: { dateOfBirth: '2009-01-01', education: { status: 'on_roll', urns: ['900103'] } } }),
    follows: [
      'childrens_social_care notification to csc-E10000015 about v1, within 72 hours',
      'education_setting alert to school-900103 about v1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'a victim of fifteen goes to child protection, and to the council all the same',
    given: of([], { victim: { dateOfBirth: '2011-01-01', education: { status: 'on_roll', urns: ['900101'] } } }),
    follows: [
      'police_child_protection handoff to police-cp-herts about v1, within 1 hour',
      'childrens_social_care notification to csc-E10000015 about v1, within 72 hours',
      'education_setting alert to school-900101 about v1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'a suspect of seventeen is a child who may abuse others, and is referred',
    given: of([], { suspect: { dateOfBirth: '2009-01-01', education: { status: 'training_or_work' } } }),
    follows: [
      'childrens_social_care referral to csc-E10000015 about s1, within 72 hours',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'ten is not High: the advocate, and 72 hours',
    given: of([aChild()], { risk: { yesCount: 10 } }),
    follows: [
      'childrens_social_care notification to csc-E10000015 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'idva referral to idva-herts about c1, within 72 hours',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'thirteen ticks are not MARAC’s',
    given: of([], { risk: { yesCount: 13 } }),
    follows: [
      'idva referral to idva-herts about v1, within 72 hours',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'fourteen ticks: MARAC within the hour, whatever the grade',
    given: of([], { risk: { yesCount: 14 } }),
    follows: [
      'marac referral to marac-herts about v1, within 1 hour',
      'idva referral to idva-herts about v1, within 72 hours',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'judgement alone is enough, and stands for both where it names none',
    given: of([], { risk: { yesCount: 4, professionalJudgement: true } }),
    follows: [
      'marac referral to marac-herts about v1, within 1 hour',
      'idva referral to idva-herts about v1, within 72 hours',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'judgement for the advocate alone',
    given: of([], { risk: { yesCount: 4, professionalJudgement: true, judgedFor: ['idva'] } }),
    follows: [
      'idva referral to idva-herts about v1, within 72 hours',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'high risk judged for MARAC needs no question',
    given: of([], { risk: { grade: 'high', yesCount: 4, professionalJudgement: true } }),
    follows: [
      'marac referral to marac-herts about v1, within 1 hour',
      'idva referral to idva-herts about v1, within 24 hours',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 24 hours',
    ],
  },
  {
    says: 'a tool without ticks leaves both to a person, MARAC within the hour',
    given: of([], { risk: { tool: 'DARA', yesCount: undefined } }),
    follows: [
      'domestic_abuse_review is asked by advocate-at-ten-ticks, marac-at-fourteen-ticks, safeguarding-unit-evaluates-every-notification, within 1 hour',
    ],
  },
  {
    says: 'the victim asks for support: nobody stands in the directory for it, so a person finds them',
    given: of([], { rest: { victimAsksForSupport: 'yes' } }),
    follows: [
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
      'directory is asked by support-told-when-the-victim-asks, within 72 hours',
    ],
  },
  {
    says: 'an open child who moves is told to the new authority, wherever the child lives',
    given: of([aChild({ household: 'elsewhere', localAuthority: 'E10000015', socialCare: { open: 'yes' } })], {
      rest: { moved: { toAuthority: 'E09000007' } },
    }),
    follows: [
      'childrens_social_care notification to csc-E09000007 about c1, within 72 hours',
      'childrens_social_care notification to csc-E10000015 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
  {
    says: 'an open child who has moved nobody knows where is looked for',
    given: of([aChild({ socialCare: { open: 'yes' } })], { rest: { moved: { refuge: true } } }),
    follows: [
      'childrens_social_care notification to csc-E10000015 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
      'directory is asked by directory-finds-where-an-open-child-has-moved, within 72 hours',
    ],
  },
  {
    says: 'a child protection concern is a referral',
    given: of([aChild()], { rest: { childProtectionConcern: true } }),
    follows: [
      'childrens_social_care referral to csc-E10000015 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by safeguarding-unit-evaluates-every-notification, within 72 hours',
    ],
  },
]

test.each(cases)('$says', ({ given, follows }) => {
  expect(account(given)).toEqual(follows)
})

test('the council’s notification goes with the officer’s account', () => {
  const { notification, plan } = of([aChild()])
  const council = plan.dispatches.find(({ service }) => service === 'childrens_social_care')
  expect(council).toMatchObject({ kind: 'notification', content: { notification: { incident: notification.incident } } })
})
