import { expect, test } from 'vitest'
import type { Person } from '../src/words/notification.ts'
import { aChild } from './support/builders.ts'
import { aCaseDecided, account, type Decided, type GivenCase } from './support/decided.ts'

/** Derby and Derbyshire, from January 2022 to 23 October 2025: whole notifications, and who is told by when and which desk is asked. The law lies underneath. */
const of = (others: Person[], given?: GivenCase) =>
  aCaseDecided('E10000007', others, {
    ...given,
    incident: { occurredAt: '2024-03-05T19:25:00Z', reportedAt: '2024-03-05T20:10:00Z', ...given?.incident },
  })

const cases: { says: string; given: Decided; follows: string[] }[] = [
  {
    says: 'standard risk: the front door screens every child, and the school is told',
    given: of([aChild()]),
    follows: [
      'childrens_social_care notification to csc-E10000007 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2024-03-06T08:45',
    ],
  },
  {
    says: 'no child and standard risk: nobody',
    given: of([]),
    follows: [],
  },
  {
    says: 'a child elsewhere is screened too',
    given: of([aChild({ household: 'elsewhere', localAuthority: 'E10000007', present: false })]),
    follows: [
      'childrens_social_care notification to csc-E10000007 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2024-03-06T08:45',
    ],
  },
  {
    says: 'high risk in the household: referral, MARAC and the advocate',
    given: of([aChild()], { risk: { grade: 'high' } }),
    follows: [
      'childrens_social_care referral to csc-E10000007 about c1, within 24 hours',
      'education_setting alert to school-900101 about c1, by 2024-03-06T08:45',
      'marac referral to marac-derby about c1, within 1 hour',
      'idva referral to idva-derby about c1, within 24 hours',
    ],
  },
  {
    says: 'high risk and a child elsewhere who was there',
    given: of([aChild({ household: 'elsewhere', localAuthority: 'E10000007', present: true })], { risk: { grade: 'high' } }),
    follows: [
      'childrens_social_care referral to csc-E10000007 about c1, within 24 hours',
      'education_setting alert to school-900101 about c1, by 2024-03-06T08:45',
      'marac referral to marac-derby about c1, within 1 hour',
      'idva referral to idva-derby about c1, within 24 hours',
    ],
  },
  {
    says: 'high risk and a child elsewhere who was not: notified',
    given: of([aChild({ household: 'elsewhere', localAuthority: 'E10000007', present: false })], { risk: { grade: 'high' } }),
    follows: [
      'childrens_social_care notification to csc-E10000007 about c1, within 24 hours',
      'education_setting alert to school-900101 about c1, by 2024-03-06T08:45',
      'marac referral to marac-derby about c1, within 1 hour',
      'idva referral to idva-derby about c1, within 24 hours',
    ],
  },
  {
    says: 'high risk without a child: MARAC and the advocate',
    given: of([], { risk: { grade: 'high' } }),
    follows: ['marac referral to marac-derby about v1, within 1 hour', 'idva referral to idva-derby about v1, within 24 hours'],
  },
  {
    says: 'medium risk that an officer judges serious',
    given: of([], { risk: { grade: 'medium', professionalJudgement: true } }),
    follows: ['marac referral to marac-derby about v1, within 1 hour', 'idva referral to idva-derby about v1, within 72 hours'],
  },
  {
    says: 'medium risk judged for the advocate alone',
    given: of([], { risk: { grade: 'medium', professionalJudgement: true, judgedFor: ['idva'] } }),
    follows: ['idva referral to idva-derby about v1, within 72 hours'],
  },
  {
    says: 'standard risk judged serious is left to whoever judged it to regrade',
    given: of([], { risk: { grade: 'standard', professionalJudgement: true } }),
    follows: [],
  },
  {
    says: 'a further incident at medium risk: a person looks for a referral to MARAC',
    given: of([aChild()], { risk: { grade: 'medium' }, earlier: 1 }),
    follows: [
      'childrens_social_care notification to csc-E10000007 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2024-03-06T08:45',
      'domestic_abuse_review is asked by review-team-looks-for-a-referral-to-marac, within 1 hour',
    ],
  },
  {
    says: 'medium risk within twelve months of a registered referral goes back to MARAC, and nobody is asked',
    given: of([], { risk: { grade: 'medium' }, earlier: 1, maracOn: '2023-03-05' }),
    follows: ['marac referral to marac-derby about v1, within 1 hour'],
  },
  {
    says: 'a child of eleven months who was elsewhere',
    given: of([
      aChild({
        dateOfBirth: '2023-03-06',
        household: 'elsewhere',
        localAuthority: 'E06000015',
        present: false,
        education: { status: 'not_school_age' },
      }),
    ]),
    follows: ['childrens_social_care referral to csc-E06000015 about c1, within 72 hours'],
  },
  {
    says: 'the first birthday is outside',
    given: of([aChild({ dateOfBirth: '2023-03-05', education: { status: 'not_school_age' } })]),
    follows: ['childrens_social_care notification to csc-E10000007 about c1, within 72 hours'],
  },
  {
    says: 'an unborn child',
    given: of([], { victim: { pregnant: true } }),
    follows: ['childrens_social_care referral to csc-E10000007 about v1, within 72 hours'],
  },
  {
    says: 'an injured child',
    given: of([aChild({ injured: true })]),
    follows: [
      'childrens_social_care referral to csc-E10000007 about c1, within 24 hours',
      'education_setting alert to school-900101 about c1, by 2024-03-06T08:45',
    ],
  },
  {
    says: 'a child who saw serious injury',
    given: of([aChild()], { incident: { features: ['child_saw_serious_injury'] } }),
    follows: [
      'childrens_social_care referral to csc-E10000007 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2024-03-06T08:45',
    ],
  },
  {
    says: 'coercive control is no ground by itself',
    given: of([aChild()], { incident: { features: ['coercive_control'] } }),
    follows: [
      'childrens_social_care notification to csc-E10000007 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2024-03-06T08:45',
    ],
  },
  {
    says: 'a victim of seventeen is a child in a violent relationship',
    given: of([], { victim: { dateOfBirth: '2006-06-06', education: { status: 'on_roll', urns: ['900103'] } } }),
    follows: [
      'childrens_social_care referral to csc-E10000007 about v1, within 72 hours',
      'education_setting alert to school-900103 about v1, by 2024-03-06T08:45',
    ],
  },
  {
    says: 'a suspect of sixteen is screened as a child',
    given: of([], { suspect: { dateOfBirth: '2007-06-06', education: { status: 'training_or_work' } } }),
    follows: [
      'childrens_social_care notification to csc-E10000007 about s1, within 72 hours',
      'domestic_abuse_review is asked by referral-for-an-injured-child, within 72 hours',
    ],
  },
  {
    says: 'a suspect of fifteen: child protection, and the front door too',
    given: of([], { suspect: { dateOfBirth: '2008-06-06', education: { status: 'training_or_work' } } }),
    follows: [
      'police_child_protection handoff to police-cp-derby about s1, within 1 hour',
      'childrens_social_care notification to csc-E10000007 about s1, within 72 hours',
    ],
  },
  {
    says: 'cumulative harm in the household is discussed',
    given: of([aChild()], { incident: { features: ['mental_ill_health', 'substance_misuse'] } }),
    follows: [
      'childrens_social_care notification to csc-E10000007 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2024-03-06T08:45',
      'domestic_abuse_review is asked by review-team-considers-cumulative-harm-to-a-child, within 72 hours',
    ],
  },
  {
    says: 'a child protection concern',
    given: of([aChild()], { rest: { childProtectionConcern: true } }),
    follows: [
      'childrens_social_care referral to csc-E10000007 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2024-03-06T08:45',
    ],
  },
  {
    says: 'home education goes to the education service, before the Act as after it',
    given: of([aChild({ education: { status: 'electively_home_educated' } })]),
    follows: [
      'childrens_social_care notification to csc-E10000007 about c1, within 72 hours',
      'education_authority notification to la-education-E10000007 about c1, by 2024-03-06T08:45',
    ],
  },
]

test.each(cases)('$says', ({ given, follows }) => {
  expect(account(given)).toEqual(follows)
})
