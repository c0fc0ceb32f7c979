import { expect, test } from 'vitest'
import type { Person } from '../src/words/notification.ts'
import { aChild } from './support/builders.ts'
import { aCaseDecided, account, type Decided, type GivenCase } from './support/decided.ts'

/** Camden, from April 2017: whole notifications, and who is told by when and which desk is asked. The law lies underneath. */
const of = (others: Person[], given?: GivenCase) => aCaseDecided('E09000007', others, given)

const cases: { says: string; given: Decided; follows: string[] }[] = [
  {
    says: 'no child: Camden Safety Net alone',
    given: of([]),
    follows: ['specialist_support notification to support-camden about v1, within 72 hours'],
  },
  {
    says: 'a child in the household: social care is notified and the school told',
    given: of([aChild({ present: false })]),
    follows: [
      'childrens_social_care notification to csc-E09000007 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'specialist_support notification to support-camden about c1, within 72 hours',
    ],
  },
  {
    says: 'a child who lives elsewhere and was there',
    given: of([aChild({ household: 'elsewhere', localAuthority: 'E09000007', present: true })]),
    follows: [
      'childrens_social_care notification to csc-E09000007 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'specialist_support notification to support-camden about c1, within 72 hours',
    ],
  },
  {
    says: 'a child who lives elsewhere and was not there: the school alone, by the law',
    given: of([aChild({ household: 'elsewhere', localAuthority: 'E09000007', present: false })]),
    follows: [
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'specialist_support notification to support-camden about c1, within 72 hours',
    ],
  },
  {
    says: 'a child elsewhere of whom nobody says whether they were there is put to a person',
    given: of([aChild({ household: 'elsewhere', localAuthority: 'E09000007', present: undefined })]),
    follows: [
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'specialist_support notification to support-camden about c1, within 72 hours',
      'domestic_abuse_review is asked by social-care-notified-of-a-child-who-was-there, within 72 hours',
    ],
  },
  {
    says: 'an incident that no officer attended counts',
    given: of([aChild()], { incident: { policeAttended: false } }),
    follows: [
      'childrens_social_care notification to csc-E09000007 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'specialist_support notification to support-camden about c1, within 72 hours',
    ],
  },
  {
    says: 'high risk changes the clock and not the kind',
    given: of([aChild()], { risk: { grade: 'high', yesCount: 20 } }),
    follows: [
      'childrens_social_care notification to csc-E09000007 about c1, within 24 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'specialist_support notification to support-camden about c1, within 24 hours',
    ],
  },
  {
    says: 'a pregnant victim, and nobody else',
    given: of([], { victim: { pregnant: true } }),
    follows: [
      'childrens_social_care notification to csc-E09000007 about v1, within 72 hours',
      'specialist_support notification to support-camden about v1, within 72 hours',
      'domestic_abuse_review is asked by social-care-notified-of-an-unborn-child, within 72 hours',
    ],
  },
  {
    says: 'an open case of a child who lives elsewhere in another authority',
    given: of([
      aChild({
        household: 'elsewhere',
        localAuthority: 'E10000015',
        present: false,
        socialCare: { open: 'yes', authority: 'E10000015' },
      }),
    ]),
    follows: [
      'childrens_social_care notification to csc-E10000015 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'specialist_support notification to support-camden about c1, within 72 hours',
    ],
  },
  {
    says: 'the third notification in twelve months: a child and family assessment',
    given: of([aChild()], { earlier: 2 }),
    follows: [
      'childrens_social_care referral to csc-E09000007 about c1, asking for a child and family assessment, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'specialist_support notification to support-camden about c1, within 72 hours',
    ],
  },
  {
    says: 'the third where only an unborn child is known',
    given: of([], { victim: { pregnant: true }, earlier: 2 }),
    follows: [
      'childrens_social_care referral to csc-E09000007 about v1, asking for a child and family assessment, within 72 hours',
      'specialist_support notification to support-camden about v1, within 72 hours',
      'domestic_abuse_review is asked by social-care-notified-of-an-unborn-child, within 72 hours',
    ],
  },
  {
    says: 'the third without any child asks for no assessment',
    given: of([], { earlier: 3 }),
    follows: ['specialist_support notification to support-camden about v1, within 72 hours'],
  },
  {
    says: 'a victim of seventeen',
    given: of([], { victim: { dateOfBirth: '2009-01-01', education: { status: 'on_roll', urns: ['900103'] } } }),
    follows: [
      'childrens_social_care referral to csc-E09000007 about v1, within 72 hours',
      'education_setting alert to school-900103 about v1, by 2026-11-05T08:45',
      'specialist_support notification to support-camden about v1, within 72 hours',
      'domestic_abuse_review is asked by review-considers-child-protection-for-an-injured-child, review-considers-child-protection-for-a-child-used-as-a-shield, within 24 hours',
    ],
  },
  {
    says: 'a victim and a suspect of sixteen, each in their own right',
    given: of([], {
      victim: { dateOfBirth: '2010-05-05', education: { status: 'on_roll', urns: ['900103'] } },
      suspect: { dateOfBirth: '2010-01-01', education: { status: 'on_roll', urns: ['900103'] } },
    }),
    follows: [
      'childrens_social_care referral to csc-E09000007 about v1 and s1, within 72 hours',
      'education_setting alert to school-900103 about v1, by 2026-11-05T08:45',
      'specialist_support notification to support-camden about v1 and s1, within 72 hours',
      'domestic_abuse_review is asked by desk-decides-about-the-school-of-a-suspect-of-sixteen-or-seventeen, review-considers-child-protection-for-an-injured-child, review-considers-child-protection-for-a-child-used-as-a-shield, by 2026-11-05T08:45',
    ],
  },
  {
    says: 'a victim of fifteen: child protection, and social care as well',
    given: of([], { victim: { dateOfBirth: '2011-01-01', education: { status: 'on_roll', urns: ['900101'] } } }),
    follows: [
      'police_child_protection handoff to police-cp-camden about v1, within 1 hour',
      'childrens_social_care notification to csc-E09000007 about v1, within 72 hours',
      'education_setting alert to school-900101 about v1, by 2026-11-05T08:45',
      'specialist_support notification to support-camden about v1, within 72 hours',
    ],
  },
  {
    says: 'an injured child: a person decides on child protection, and no scale is derived',
    given: of([aChild({ injured: true })]),
    follows: [
      'childrens_social_care notification to csc-E09000007 about c1, within 24 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'specialist_support notification to support-camden about c1, within 24 hours',
      'domestic_abuse_review is asked by review-considers-child-protection-for-an-injured-child, within 24 hours',
    ],
  },
  {
    says: 'weapons, ticks and a small child derive no scale',
    given: of([aChild({ dateOfBirth: '2022-12-01', specialNeeds: true, education: { status: 'not_school_age' } })], {
      risk: { grade: 'high', yesCount: 24 },
      incident: { features: ['weapon', 'threat_to_kill'] },
    }),
    follows: [
      'childrens_social_care notification to csc-E09000007 about c1, within 24 hours',
      'specialist_support notification to support-camden about c1, within 24 hours',
    ],
  },
  {
    says: 'a child protection concern is a referral',
    given: of([aChild()], { rest: { childProtectionConcern: true } }),
    follows: [
      'childrens_social_care referral to csc-E09000007 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'specialist_support notification to support-camden about c1, within 72 hours',
    ],
  },
  {
    says: 'a family that moves out: the new area is told too',
    given: of([aChild()], { rest: { moved: { fromAuthority: 'E09000007', toAuthority: 'E10000015', refuge: true } } }),
    follows: [
      'childrens_social_care notification to csc-E09000007 about c1, within 72 hours',
      'childrens_social_care notification to csc-E10000015 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'specialist_support notification to support-camden about c1, within 72 hours',
      'mash is asked by new-authority-told-of-a-child-who-moves-out, within 72 hours',
    ],
  },
  {
    says: 'a family that has moved nobody says where',
    given: of([aChild()], { rest: { moved: { fromAuthority: 'E09000007' } } }),
    follows: [
      'childrens_social_care notification to csc-E09000007 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'specialist_support notification to support-camden about c1, within 72 hours',
      'directory is asked by directory-finds-where-a-child-has-moved, within 24 hours',
    ],
  },
  {
    says: 'a family that moves in: the area it came from is asked',
    given: of([aChild()], { rest: { moved: { fromAuthority: 'E10000015', toAuthority: 'E09000007' } } }),
    follows: [
      'childrens_social_care notification to csc-E09000007 about c1, within 72 hours',
      'education_setting alert to school-900101 about c1, by 2026-11-05T08:45',
      'specialist_support notification to support-camden about c1, within 72 hours',
      'mash is asked by mash-asks-the-authority-a-child-came-from, within 24 hours',
    ],
  },
]

test.each(cases)('$says', ({ given, follows }) => {
  expect(account(given)).toEqual(follows)
})
