import { expect, test } from 'vitest'
import type { Person } from '../src/words/notification.ts'
import { aChild } from './support/builders.ts'
import { aCaseDecided, account, type Decided, type GivenCase } from './support/decided.ts'

/** Leicester, Leicestershire and Rutland: whole notifications, and who is told by when and which desk is asked. The law lies underneath. */
const of = (others: Person[], given?: GivenCase) => aCaseDecided('E06000016', others, given)

const cases: { says: string; given: Decided; follows: string[] }[] = [
  {
    says: 'standard risk and no trigger: the school, and a person who judges the rest',
    given: of([aChild()]),
    follows: [
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by review-considers-other-circumstances, within 72 hours',
    ],
  },
  {
    says: 'the child made the call',
    given: of([aChild()], { incident: { callMadeByChild: true } }),
    follows: [
      'childrens_social_care referral to csc-E06000016 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by review-considers-other-circumstances, within 72 hours',
    ],
  },
  {
    says: 'a child nobody names made the call: social care looks for the child',
    given: of([], { incident: { callMadeByChild: true } }),
    follows: ['childrens_social_care referral to csc-E06000016 about v1, within 72 hours'],
  },
  {
    says: 'a child used as a shield',
    given: of([aChild({ usedAsShield: true })]),
    follows: [
      'childrens_social_care referral to csc-E06000016 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by review-considers-other-circumstances, within 72 hours',
    ],
  },
  {
    says: 'a child of eleven months in another household',
    given: of([
      aChild({
        dateOfBirth: '2025-11-05',
        household: 'elsewhere',
        localAuthority: 'E10000018',
        education: { status: 'not_school_age' },
      }),
    ]),
    follows: [
      'childrens_social_care referral to csc-E10000018 about c1, within 72 hours',
      'domestic_abuse_review is asked by review-considers-other-circumstances, within 72 hours',
    ],
  },
  {
    says: 'the first birthday is outside',
    given: of([aChild({ dateOfBirth: '2025-11-04', education: { status: 'not_school_age' } })]),
    follows: ['domestic_abuse_review is asked by review-considers-other-circumstances, within 72 hours'],
  },
  {
    says: 'a pregnant neighbour who was there: in any role',
    given: of([{ ref: 'o1', role: 'other_adult', dateOfBirth: '1990-05-05', pregnant: true }]),
    follows: ['childrens_social_care referral to csc-E06000016 about o1, within 72 hours'],
  },
  {
    says: 'high risk and a child in the household: referral, and MARAC within the hour',
    given: of([aChild()], { risk: { grade: 'high' } }),
    follows: [
      'childrens_social_care referral to csc-E06000016 about c1, within 24 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'marac referral to marac-llr about c1, within 1 hour',
      'domestic_abuse_review is asked by review-considers-other-circumstances, marac-at-high-risk, within 24 hours',
    ],
  },
  {
    says: 'high risk and a son who lives in Rutland with his mother',
    given: of(
      [aChild({ household: 'elsewhere', localAuthority: 'E06000017', present: false, relatedTo: [{ ref: 's1', kind: 'son' }] })],
      { risk: { grade: 'high' } },
    ),
    follows: [
      'childrens_social_care referral to csc-E06000017 about c1, within 24 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'marac referral to marac-llr about c1, within 1 hour',
      'domestic_abuse_review is asked by review-considers-other-circumstances, marac-at-high-risk, within 24 hours',
    ],
  },
  {
    says: 'high risk and a nephew who lives elsewhere is no child of the family',
    given: of(
      [
        aChild({
          household: 'elsewhere',
          localAuthority: 'E06000017',
          present: false,
          relatedTo: [{ ref: 's1', kind: 'nephew' }],
        }),
      ],
      { risk: { grade: 'high' } },
    ),
    follows: [
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'marac referral to marac-llr about c1, within 1 hour',
      'domestic_abuse_review is asked by review-considers-other-circumstances, marac-at-high-risk, within 24 hours',
    ],
  },
  {
    says: 'judged for MARAC at standard risk: MARAC and the children',
    given: of([aChild()], { risk: { professionalJudgement: true, judgedFor: ['marac'] } }),
    follows: [
      'childrens_social_care referral to csc-E06000016 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'marac referral to marac-llr about c1, within 1 hour',
      'domestic_abuse_review is asked by review-considers-other-circumstances, within 72 hours',
    ],
  },
  {
    says: 'judged for MARAC with a daughter elsewhere',
    given: of([aChild({ household: 'elsewhere', localAuthority: 'E10000018', relatedTo: [{ ref: 'v1', kind: 'daughter' }] })], {
      risk: { professionalJudgement: true },
    }),
    follows: [
      'childrens_social_care referral to csc-E10000018 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'marac referral to marac-llr about c1, within 1 hour',
      'domestic_abuse_review is asked by review-considers-other-circumstances, within 72 hours',
    ],
  },
  {
    says: 'fourteen ticks at medium risk are put to a person within the hour',
    given: of([aChild()], { risk: { grade: 'medium', yesCount: 14 } }),
    follows: [
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by review-considers-other-circumstances, review-considers-marac-at-fourteen-ticks, within 1 hour',
    ],
  },
  {
    says: 'nobody graded the risk: a person decides, by the limits of high',
    given: of([aChild()], { risk: { grade: 'not_graded' } }),
    follows: [
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by desk-grades-a-risk-nobody-graded, referral-for-a-child-in-the-household-at-high-risk, referral-for-a-child-of-the-family-at-high-risk, review-considers-other-circumstances, marac-at-high-risk, within 1 hour',
    ],
  },
  {
    says: 'a second incident in twelve months: a person looks whether MARAC has met',
    given: of([aChild()], { earlier: 1 }),
    follows: [
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by review-looks-for-a-marac-already-convened, review-considers-other-circumstances, within 72 hours',
    ],
  },
  {
    says: 'after a registered referral to MARAC: the daughter elsewhere is referred, and a person decides on MARAC',
    given: of([aChild({ household: 'elsewhere', localAuthority: 'E10000018', relatedTo: [{ ref: 'v1', kind: 'daughter' }] })], {
      earlier: 1,
      maracOn: '2026-02-01',
    }),
    follows: [
      'childrens_social_care referral to csc-E10000018 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by review-considers-other-circumstances, review-considers-a-return-to-marac, within 1 hour',
    ],
  },
  {
    says: 'a third in twelve months is recommended for an assessment',
    given: of([aChild()], { earlier: 2 }),
    follows: [
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by review-looks-for-a-marac-already-convened, review-considers-several-incidents, review-considers-other-circumstances, within 72 hours',
    ],
  },
  {
    says: 'strangulation may be one serious incident',
    given: of([aChild()], { incident: { features: ['strangulation'] } }),
    follows: [
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'domestic_abuse_review is asked by review-considers-one-serious-incident, review-considers-other-circumstances, within 72 hours',
    ],
  },
  {
    says: 'a victim of seventeen at high risk',
    given: of([], {
      victim: { dateOfBirth: '2009-01-01', education: { status: 'on_roll', urns: ['900103'] } },
      risk: { grade: 'high', tool: 'young_persons_dash' },
    }),
    follows: [
      'childrens_social_care referral to csc-E06000016 about v1, within 24 hours',
      'education_setting alert to school-900103 about v1, by 2026-11-05T08:45',
      'marac referral to marac-llr about v1, within 1 hour',
      'domestic_abuse_review is asked by review-considers-other-circumstances, review-considers-a-party-under-eighteen, marac-at-high-risk, within 24 hours',
    ],
  },
  {
    says: 'a suspect of sixteen who harmed a parent is put to a person',
    given: of([], { suspect: { dateOfBirth: '2010-01-01', education: { status: 'neet' } } }),
    follows: [
      'domestic_abuse_review is asked by desk-decides-about-the-school-of-a-suspect-of-sixteen-or-seventeen, referral-for-an-injured-child, referral-for-a-child-used-as-a-shield, review-considers-other-circumstances, review-considers-a-party-under-eighteen, by 2026-11-05T08:45',
    ],
  },
  {
    says: 'a victim of fourteen at high risk: child protection, social care and MARAC',
    given: of([], {
      victim: { dateOfBirth: '2012-01-01', education: { status: 'on_roll', urns: ['900101'] } },
      risk: { grade: 'high' },
    }),
    follows: [
      'police_child_protection handoff to police-cp-llr about v1, within 1 hour',
      'childrens_social_care referral to csc-E06000016 about v1, within 24 hours',
      'education_setting alert to school-900101 about v1, by 2026-11-05T08:45',
      'marac referral to marac-llr about v1, within 1 hour',
      'domestic_abuse_review is asked by review-considers-a-party-under-eighteen, marac-at-high-risk, within 24 hours',
    ],
  },
]

test.each(cases)('$says', ({ given, follows }) => {
  expect(account(given)).toEqual(follows)
})
