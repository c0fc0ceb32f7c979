import { describe, expect, test } from 'vitest'
import { aMaximalNotification } from '../../test/support/maximal-notification.ts'
import { aChild, aRoutedNotification, aVictim } from '../../test/support/routing-builders.ts'
import type { Notification, Person, Restriction } from '../words/notification.ts'
import type { Service } from '../words/recipient.ts'
import type { Telling } from './allow-lists.ts'
import { contentFor } from './allow-lists.ts'

const { notification, marks } = aMaximalNotification()

function content(service: Service, given: Partial<Telling> = {}, changes: Partial<Notification> = {}) {
  return contentFor(
    { ...notification, ...changes },
    {
      service,
      kind: 'notification',
      asks: null,
      about: ['c'],
      withSummary: false,
      leftBehind: [],
      victimRisk: 'high',
      children: ['c'],
      restricted: false,
      ...given,
    },
  )
}

/** The paths of the marked fields that a content shows, wherever they stand in it. */
function shown(told: Record<string, unknown>): string[] {
  const text = JSON.stringify(told)
  return [...marks].flatMap(([path, value]) => (text.includes(value) ? [path] : [])).sort()
}

function hidden(told: Record<string, unknown>): string[] {
  const seen = new Set(shown(told))
  return [...marks.keys()].filter((path) => !seen.has(path)).sort()
}

const whenAndWhich = ['incident.occurredAt', 'incident.occurredUntil', 'policeReference']
const nameAndBirth = (whose: string) => [`${whose}.dateOfBirth`, `${whose}.familyName`, `${whose}.givenNames`]
const safeContact = ['victim.safeContact.method', 'victim.safeContact.notes', 'victim.safeContact.value']
const everyone = ['victim', 'suspect', 'child', 'other_adult']
const ofEveryone = (...fields: string[]) => everyone.flatMap((whose) => fields.map((field) => `${whose}.${field}`))
const addresses = (...whose: string[]) =>
  whose.flatMap((one) => ['line', 'postcode', 'uprn'].map((part) => `${one}.address.${part}`))

describe('nothing but the allow-list leaves', () => {
  test('every text on the maximal notification is marked, but for the words of a closed list', () => {
    const closed =
      /^(yes|no|unsafe|high|DASH|marac|weapon|bail|must_not_receive|resident|on_roll|victim|suspect|child|other_adult|[vsco])$/
    const marked = [...marks.values()]
    const walk = (value: unknown): string[] => {
      if (typeof value === 'string') return [value]
      return typeof value === 'object' && value !== null ? Object.values(value).flatMap(walk) : []
    }
    expect(walk(notification).filter((text) => !closed.test(text) && !marked.some((mark) => text.includes(mark)))).toEqual([])
  })

  test('a school learns of the child alone: name, birth, when, present, parents told, reference, what to do', () => {
    const told = content('education_setting', { kind: 'alert' })
    expect(shown(told)).toEqual([...nameAndBirth('child'), ...whenAndWhich].sort())
    expect(Object.keys(told).sort()).toEqual([
      'child',
      'childPresent',
      'incident',
      'kind',
      'parentsInformed',
      'policeData',
      'policeReference',
      'schoolMustNot',
      'schoolShould',
    ])
    expect(told).toMatchObject({ kind: 'alert', childPresent: 'yes', parentsInformed: 'unsafe' })
    expect(JSON.stringify(told)).not.toMatch(/victim|suspect/i)
  })

  test('an education authority learns the name, birth, education status and the question', () => {
    const told = content('education_authority')
    expect(shown(told)).toEqual([...nameAndBirth('child'), 'policeReference'].sort())
    expect(told).toMatchObject({ educationStatus: 'on_roll', question: expect.stringContaining('registered') })
  })

  test('health learns of one patient and no other party, and keeps it off the record the patient can read', () => {
    const told = content('health', { about: ['v'] })
    const own = [...nameAndBirth('victim'), 'victim.nhsNumber', 'victim.expectedDeliveryDate']
    expect(shown(told)).toEqual([...own, ...whenAndWhich].sort())
    expect(told).toMatchObject({ notForPatientFacingRecord: true, riskToVictim: 'high' })
  })

  test('MARAC and IDVA learn the victim, safe contact, suspect, risk and children, and no address', () => {
    const risk = ['risk.assessedAt', 'risk.judgementReason', 'risk.toolVersion']
    const victim = [...nameAndBirth('victim'), 'victim.sex', 'victim.expectedDeliveryDate', ...safeContact]
    const suspect = [...nameAndBirth('suspect'), 'suspect.sex', 'suspect.relationshipToVictim']
    const expected = [...victim, ...suspect, ...nameAndBirth('child'), ...risk, ...whenAndWhich].sort()
    expect(shown(content('marac', { kind: 'referral' }))).toEqual(expected)
    expect(shown(content('idva'))).toEqual(expected)
  })

  test('specialist support learns the victim, safe contact, risk and how many children', () => {
    const told = content('specialist_support')
    expect(shown(told)).toEqual([...nameAndBirth('victim'), ...safeContact, ...whenAndWhich].sort())
    expect(told).toMatchObject({ numberOfChildren: 1, riskToVictim: 'high' })
  })

  test('a referral to social care is the whole notification but for the police schemes', () => {
    expect(hidden(content('childrens_social_care', { kind: 'referral' }))).toEqual(ofEveryone('policePersonId', 'pncId').sort())
  })

  test('a notification to social care is the same without the summary, unless the procedure wants it', () => {
    const police = ofEveryone('policePersonId', 'pncId')
    expect(hidden(content('childrens_social_care'))).toEqual([...police, 'incident.summary'].sort())
    expect(hidden(content('childrens_social_care', { withSummary: true }))).toEqual(police.sort())
  })

  test('police child protection gets the whole notification but for the numbers of health and education', () => {
    expect(hidden(content('police_child_protection', { kind: 'handoff' }))).toEqual(ofEveryone('nhsNumber', 'upn').sort())
  })
})

describe('protected addresses and schools', () => {
  const protect = (given: Partial<Restriction> & Pick<Restriction, 'kind'>) => ({
    restrictions: [{ reason: 'Afraid.', ...given }],
  })
  const addressOf = (told: Record<string, unknown>) => shown(told).filter((path) => path.includes('address'))

  test('a protected address is replaced by a word to ring the force; a suspect who lives apart keeps theirs', () => {
    const told = content('childrens_social_care', { kind: 'referral' }, protect({ kind: 'address_protected', personRef: 'v' }))
    expect(addressOf(told)).toEqual(addresses('suspect'))
    expect(JSON.stringify(told)).toContain('Ring the force for this address')
  })

  test('an address protected for everyone is shown of nobody, to police child protection neither', () => {
    for (const service of ['childrens_social_care', 'police_child_protection'] as const) {
      expect(addressOf(content(service, { kind: 'referral' }, protect({ kind: 'address_protected' })))).toEqual([])
    }
  })

  const home = { lines: ['Flat 2', '14 Quillfeather Row', 'Larkford'], postcode: 'ZZ1 9ZZ' }
  const living = (summary: string, restrictions: Restriction[]): Notification => {
    const given = aRoutedNotification({ people: [aVictim({ address: home }), aChild()], restrictions })
    return { ...given, incident: { ...given.incident, summary } }
  }
  const referral = (of: Notification) => JSON.stringify(contentFor(of, { ...referralTelling }))
  const referralTelling: Telling = {
    service: 'childrens_social_care',
    kind: 'referral',
    asks: null,
    about: ['c1'],
    withSummary: false,
    leftBehind: [],
    victimRisk: 'high',
    children: ['c1'],
    restricted: false,
  }

  test('an account that names the protected address is withheld; one that names the town is not', () => {
    const restrictions: Restriction[] = [{ kind: 'address_protected', personRef: 'v1', reason: 'Afraid.' }]
    for (const account of ['He came to 14, Quillfeather Row.', 'Found in quillfeather row', 'Postcode zz19zz']) {
      expect(referral(living(account, restrictions))).not.toContain(account)
    }
    expect(referral(living('Seen at Larkford station.', restrictions))).toContain('Seen at Larkford station.')
    expect(referral(living('He came to 14 Quillfeather Row.', []))).toContain('He came to 14 Quillfeather Row.')
  })

  test('a suspect who lives at the protected address loses it too', () => {
    const restrictions: Restriction[] = [{ kind: 'address_protected', personRef: 'v1', reason: 'Afraid.' }]
    const given = living('Shouting.', restrictions)
    const suspect: Person = { ref: 's1', role: 'suspect', address: { lines: ['14, Quillfeather Row'], postcode: 'ZZ19ZZ' } }
    expect(referral({ ...given, people: [...given.people, suspect] })).not.toMatch(/quillfeather row/i)
  })

  test('a protected school is named to nobody, for no child', () => {
    const told = content(
      'childrens_social_care',
      { kind: 'referral' },
      protect({ kind: 'school_name_protected', personRef: 'c' }),
    )
    expect(shown(told).filter((path) => /\.(urn|establishmentName)$/.test(path))).toEqual([])
  })

  test('an authority left behind never gets the new address, nor a school, a surgery or an account that leads there', () => {
    const told = content('childrens_social_care', { kind: 'referral', leftBehind: ['E99000001'] })
    const leads =
      /address|urn$|establishmentName|gpPractice|provider|employer|safeContact|summary|voice|judgementReason|refusedDetails/
    expect(shown(told).filter((path) => leads.test(path))).toEqual([])
    const before = { ...notification.incident, localAuthority: 'E99000001' }
    const old = content('childrens_social_care', { leftBehind: ['E99000001'] }, { incident: before })
    expect(addressOf(old)).toEqual(addresses('incident'))
  })
})

test('roles that are contested are said so to everyone who is told roles', () => {
  for (const service of ['childrens_social_care', 'police_child_protection', 'marac', 'idva', 'specialist_support'] as const) {
    expect(content(service)).toMatchObject({ rolesContested: true })
  }
  expect(content('education_setting')).not.toHaveProperty('rolesContested')
})

test('what nobody has said stays unknown', () => {
  const dull = aRoutedNotification()
  const { parentsInformed: _, ...unsaid } = dull
  const told = contentFor(unsaid, {
    service: 'education_setting',
    kind: 'alert',
    asks: null,
    about: ['c1'],
    withSummary: false,
    leftBehind: [],
    victimRisk: 'high',
    children: ['c1'],
    restricted: false,
  })
  expect(told).toMatchObject({ parentsInformed: 'unknown', childPresent: 'unknown' })
})
