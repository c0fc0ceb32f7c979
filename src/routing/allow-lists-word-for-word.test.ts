import { describe, expect, test } from 'vitest'
import { aChild, aRoutedNotification, aVictim } from '../../test/support/routing-builders.ts'
import type { Notification, Person } from '../words/notification.ts'
import type { Service } from '../words/recipient.ts'
import { contentFor, type Telling } from './allow-lists.ts'

/** What a service is told about `c1`, of a notification that says as little as police may. */
function told(service: Service, given: Partial<Notification> = {}, how: Partial<Telling> = {}) {
  return contentFor(aRoutedNotification({ parentsInformed: undefined, ...given }), {
    service,
    kind: 'notification',
    asks: null,
    about: ['c1'],
    withSummary: false,
    leftBehind: [],
    victimRisk: 'standard',
    children: ['c1'],
    restricted: false,
    ...how,
  })
}

const heading = { kind: 'notification', policeReference: 'ZZ-1', parentsInformed: 'unknown' }
const incident = { occurredAt: '2026-11-04T19:25:00Z' }
const child = { givenNames: 'Merrin', familyName: 'Quillfeather', dateOfBirth: '2016-05-04' }
const victim = { givenNames: 'Tamsin', familyName: 'Quillfeather', dateOfBirth: '1994-02-11' }
const withChild = (given: Partial<Person>) => ({ people: [aVictim(), aChild(given)] })
const withVictim = (given: Partial<Person>) => ({ people: [aVictim(given), aChild()] })

describe('an education authority is asked', () => {
  const where =
    'At which school or college is this child registered? Tell the force, so that the school can be told before it opens.'
  const what =
    'What education does this child receive, and who will look out for the child there? Correct the status if it is wrong.'

  test.each([
    ['unknown', where],
    ['not_school_age', where],
    ['on_roll', where],
    ['electively_home_educated', what],
    ['missing_education', what],
    ['neet', what],
  ] as const)('about a child given as %s', (status, question) => {
    expect(told('education_authority', withChild({ education: { status } }))).toEqual({
      ...heading,
      child,
      educationStatus: status,
      question,
    })
  })

  test('where the child is, of a child of whose schooling nobody spoke', () => {
    const spoken = told('education_authority', withChild({ education: undefined }))
    expect(spoken).toMatchObject({ educationStatus: 'unknown', question: where })
  })
})

describe('a health service', () => {
  test('is told of the patient, and what nobody said is said to be unknown', () => {
    expect(told('health')).toEqual({
      ...heading,
      notForPatientFacingRecord: true,
      patient: child,
      incident,
      present: 'unknown',
      injured: 'unknown',
      riskToVictim: 'standard',
    })
  })

  test('is told of a pregnancy where police say there is one, and of nothing where they say there is none', () => {
    const aboutHer = { about: ['v1'] }
    const pregnant = told('health', withVictim({ pregnant: true, expectedDeliveryDate: '2027-02-01', injured: true }), aboutHer)
    expect(pregnant).toMatchObject({ patient: victim, pregnant: true, expectedDeliveryDate: '2027-02-01', injured: 'yes' })
    expect(told('health', withVictim({ pregnant: false, injured: false }), aboutHer)).not.toHaveProperty('pregnant')
  })
})

describe('MARAC and the advocate', () => {
  test('are told that nobody asked, where nobody did, and of nothing that police left out', () => {
    const nobodyAsked = {
      ...heading,
      incident,
      victims: [victim],
      suspects: [],
      risk: { grade: 'standard', features: [], assessments: [] },
      children: [child],
      maracConsent: 'unknown',
      victimAsksForSupport: 'unknown',
    }
    expect(told('marac')).toEqual(nobodyAsked)
    expect(told('idva')).toEqual(nobodyAsked)
    expect(Object.keys(told('marac').risk ?? {})).toEqual(['grade', 'features', 'assessments'])
  })

  test('are told what police know: features, consent, what was ticked, and that accounts conflict', () => {
    const assessment = { personRef: 'v1', tool: 'DASH', grade: 'high', assessedAt: '2026-11-04T20:10:00Z' } as const
    const features = { incident: { ...aRoutedNotification().incident, features: ['weapon' as const] } }
    const given: Partial<Notification> = { ...features, maracConsent: 'no', victimAsksForSupport: 'yes', rolesContested: true }
    const { personRef: _, ...shown } = assessment
    expect(told('marac', { ...given, riskAssessments: [assessment] })).toMatchObject({
      risk: { features: ['weapon'], assessments: [shown] },
      maracConsent: 'no',
      victimAsksForSupport: 'yes',
      rolesContested: true,
      rolesContestedNote: 'Accounts conflict: police cannot yet say who is the victim and who the suspect.',
    })
    expect(told('marac', { rolesContested: false })).not.toHaveProperty('rolesContested')
  })
})

describe('an officer’s reason for a judgement', () => {
  const assessment = { personRef: 'v1', tool: 'DASH', grade: 'high', assessedAt: '2026-11-04T20:10:00Z' } as const
  const reason = (judgementReason?: string) => {
    const restrictions = [{ kind: 'address_protected' as const, reason: 'She moved.' }]
    const people = [aVictim({ address: { lines: ['17 Nettlecombe Rise'] } }), aChild()]
    const one = { ...assessment, ...(judgementReason === undefined ? {} : { judgementReason }) }
    return JSON.stringify(told('marac', { people, restrictions, riskAssessments: [one] }).risk)
  }

  test('is told unless it would show a protected address, and none is told where none was given', () => {
    expect(reason('He said that he would kill her.')).toContain('would kill her')
    expect(reason('He waits in Nettlecombe Rise.')).not.toContain('judgementReason')
    expect(reason()).not.toContain('judgementReason')
  })
})

describe('a support service', () => {
  test('is told whom to reach, how many children there are, and no child’s name', () => {
    expect(told('specialist_support')).toEqual({
      ...heading,
      incident,
      victims: [victim],
      riskToVictim: 'standard',
      numberOfChildren: 1,
      victimAsksForSupport: 'unknown',
    })
    expect(told('specialist_support', { victimAsksForSupport: 'no' }).victimAsksForSupport).toBe('no')
  })
})

describe('the safe way to reach a victim', () => {
  const restrictions = [{ kind: 'address_protected', reason: 'She moved.' }] as const
  const reach = (safeContact: NonNullable<Person['safeContact']>, hidden = true) => {
    const people = [aVictim({ safeContact, address: { lines: ['17 Nettlecombe Rise'] } }), aChild()]
    return told('specialist_support', { people, ...(hidden ? { restrictions: [...restrictions] } : {}) }).victims
  }
  const plain = { method: 'text', value: '01632 960005' }

  test('is told as police gave it, with notes or without', () => {
    expect(reach(plain)).toEqual([{ ...victim, safeContact: plain }])
    expect(reach({ ...plain, notes: 'After six.' })).toEqual([{ ...victim, safeContact: { ...plain, notes: 'After six.' } }])
  })

  test('is the force’s to say where the method, the number or the notes would show a protected address', () => {
    const ring = [{ ...victim, safeContact: { value: 'Protected. Ring the force.' } }]
    expect(reach({ ...plain, method: 'letter to Nettlecombe Rise' })).toEqual(ring)
    expect(reach({ ...plain, value: '17 Nettlecombe Rise' })).toEqual(ring)
    expect(reach({ ...plain, notes: 'Leave it at Nettlecombe Rise.' })).toEqual(ring)
    expect(reach({ ...plain, value: '17 Nettlecombe Rise' }, false)).not.toEqual(ring)
  })
})

test('social care is told about whom it is asked, and an absent field is never an answer', () => {
  const asked = told('childrens_social_care', {}, { kind: 'referral', asks: 'child_and_family_assessment', about: ['c1', 'v1'] })
  expect(asked).toMatchObject({ about: ['c1', 'v1'], asks: 'child_and_family_assessment' })
  expect(Object.keys(told('education_setting', withChild({ dateOfBirth: undefined })).child ?? {})).toEqual([
    'givenNames',
    'familyName',
  ])
})
