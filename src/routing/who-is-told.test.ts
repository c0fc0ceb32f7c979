import { describe, expect, test } from 'vitest'
import {
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
import type { Notification, Person } from '../words/notification.ts'
import type { Ruling } from '../words/outcome.ts'
import type { Recipient } from '../words/recipient.ts'
import type { PlanInput } from './circumstances.ts'
import { obligationKey, planRouting } from './plan.ts'

function plan(rulings: Ruling[], given: Partial<PlanInput> = {}) {
  return planRouting(aPlanInput({ outcome: anOutcome(rulings), ...given }))
}
const people = (...of: Person[]): Partial<PlanInput> => ({ notification: aRoutedNotification({ people: of }) })
const told = (planned: ReturnType<typeof plan>) =>
  planned.dispatches.map(({ recipientId, kind, about }) => `${recipientId} ${kind} ${about.join(',')}`)
const asked = ({ tasks }: ReturnType<typeof plan>) => tasks.flatMap(({ questions }) => questions.map(({ question }) => question))
const hears = (service: Recipient['service'], given: Partial<Ruling> = {}) =>
  aRuling({ rule: 'hears', tell: [aTell(service)], ...given })
const ofAll = { subject: 'the notification', about: null } as const

describe('a service that works by the incident', () => {
  test.each(['marac', 'idva', 'specialist_support', 'police_child_protection'] as const)(
    '%s is told once, where it happened, wherever the child lives',
    (service) => {
      const here = aRecipient({ id: 'here', service })
      const there = aRecipient({ id: 'there', service, authorities: ['E99000002'] })
      const given = people(aVictim(), aChild({ localAuthority: 'E99000002' }), aChild({ ref: 'c2' }))
      expect(told(plan([hears(service)], { ...given, recipients: [here, there] }))).toEqual(['here notification c1,c2'])
    },
  )

  test('social care is told where the child lives', () => {
    const given = people(aVictim(), aChild({ localAuthority: 'E99000002' }))
    expect(told(plan([hears('childrens_social_care')], given))).toEqual(['csc-2 notification c1'])
  })
})

describe('a rule about the whole notification', () => {
  test('tells of each child, and of each unborn child, where they live', () => {
    const given = people(
      aVictim({ pregnant: true, unborn: { localAuthority: 'E99000002' } }),
      aChild({ education: { status: 'missing_education' } }),
    )
    expect(told(plan([hears('education_authority', ofAll)], given))).toContain('la-education notification c1')
    const both = plan([hears('childrens_social_care', ofAll)], given)
    expect(told(both)).toEqual(['csc notification v1,c1', 'csc-2 notification v1,c1'])
  })

  test('tells no school of an unborn child', () => {
    const expecting = aVictim({ pregnant: true, education: { status: 'on_roll', urns: ['900102'] } })
    expect(told(plan([hears('education_setting', ofAll)], people(expecting, aChild())))).toEqual(['school-900101 alert c1'])
  })

  test('tells of the victim, and no other adult, where there is no child', () => {
    const alone = people(aVictim(), { ref: 's1', role: 'suspect' })
    expect(told(plan([hears('childrens_social_care', ofAll)], alone))).toEqual(['csc notification v1'])
  })
})

describe('an authority the family has left', () => {
  test('is told, and shown nothing that leads to where they are now', () => {
    const address = { lines: ['17 Nettlecombe Rise'] }
    const notification: Notification = aRoutedNotification({
      people: [aVictim({ address }), aChild({ address })],
      moved: { fromAuthority: 'E99000001', toAuthority: 'E99000002' },
    })
    const [left, now] = plan([hears('childrens_social_care')], { notification }).dispatches
    expect([left?.recipientId, now?.recipientId]).toEqual(['csc', 'csc-2'])
    expect(JSON.stringify(left?.content)).not.toContain('Nettlecombe')
    expect(JSON.stringify(now?.content)).toContain('Nettlecombe')
  })
})

describe('a procedure that wants the officer’s account told', () => {
  const account = (...withSummary: boolean[]) => {
    const rulings = withSummary.map((given) =>
      aRuling({ rule: `${given}`, tell: [aTell('childrens_social_care', given ? { withSummary: true } : {})] }),
    )
    return JSON.stringify(plan(rulings).dispatches[0]?.content).includes('Shouting was heard.')
  }
  test('has it told where any rule wants it, and not where none does', () => {
    expect([account(false), account(true), account(true, false), account(false, true)]).toEqual([false, true, true, true])
  })
})

describe('a health service', () => {
  const maternity = aRecipient({ id: 'maternity', service: 'health', serves: ['maternity'] })
  const visitors = aRecipient({ id: 'visitors', service: 'health', serves: ['under_five'] })
  const named = aRecipient({ id: 'trust', service: 'health', odsCode: 'RZZ01', authorities: [] })
  const recipients = [maternity, visitors, named]
  const toldOf = (person: Person, ruling: Partial<Ruling> = {}) =>
    plan([hears('health', { about: person.ref, ...ruling })], { ...people(aVictim(), person), recipients }).dispatches.map(
      ({ recipientId }) => recipientId,
    )

  test('is the one that serves the patient’s group', () => {
    expect(toldOf(aChild({ dateOfBirth: '2021-11-05' }))).toEqual(['visitors'])
    expect(toldOf(aChild({ dateOfBirth: '2021-11-04' }))).toEqual([])
    expect(toldOf({ ref: 'o1', role: 'other_adult', pregnant: true }, { subject: 'each party' })).toEqual(['maternity'])
    const expecting: Person = { ref: 'o1', role: 'other_adult', expectedDeliveryDate: '2027-02-01' }
    expect(toldOf(expecting, { subject: 'each unborn child' })).toEqual(['maternity'])
    expect(toldOf({ ...expecting, dateOfBirth: '2023-01-01' }, { subject: 'each unborn child' })).toEqual(['maternity'])
  })

  test('is the provider that police name, by its code', () => {
    expect(toldOf(aChild({ health: { provider: 'RZZ01' } }))).toEqual(['trust'])
    const planned = plan([hears('health')], { ...people(aVictim(), aChild({ health: { provider: 'RZZ01' } })), recipients })
    expect(asked(planned)).toEqual([])
  })

  test('is the area’s own where that provider cannot be reached, and a person mends it', () => {
    const area = aRecipient({ id: 'area', service: 'health' })
    const planned = plan([hears('health')], {
      ...people(aVictim(), aChild({ health: { provider: 'RZZ09' } })),
      recipients: [area],
    })
    expect(told(planned)).toEqual(['area notification c1'])
    expect(asked(planned)).toEqual(["The health provider RZZ09 cannot be reached. The area's own was looked for instead."])
    expect(asked(plan([hears('health')], { recipients: [area] }))).toEqual([])
  })
})

describe('nobody to be told is a question and never a silence', () => {
  const notTold = (planned: ReturnType<typeof plan>) => planned.notDispatched.map(({ reason }) => reason)

  test('where no school is named, or the one named is not in the directory', () => {
    const nowhere = plan([hears('education_setting')], people(aVictim(), aChild({ education: { status: 'on_roll' } })))
    expect([notTold(nowhere), asked(nowhere)]).toEqual([
      ['the school is not certain'],
      ['Which school or college is this child registered at? A rule tells the school, and no school is named.'],
    ])
    const unknown = plan(
      [hears('education_setting')],
      people(aVictim(), aChild({ education: { status: 'on_roll', urns: ['900999'] } })),
    )
    expect([notTold(unknown), asked(unknown)]).toEqual([
      ['no recipient in the directory'],
      ['The school with URN 900999 is not in the directory. Find it, or ring it.'],
    ])
  })

  test('for each of two schools that are not in the directory', () => {
    const both = people(aVictim(), aChild({ education: { status: 'on_roll', urns: ['900998', '900999'] } }))
    expect(asked(plan([hears('education_setting')], both))).toEqual([
      'The school with URN 900998 is not in the directory. Find it, or ring it.',
      'The school with URN 900999 is not in the directory. Find it, or ring it.',
    ])
  })

  test('where an authority has no health service', () => {
    expect(asked(plan([hears('health')], { recipients: [] }))[0]).toMatch(/^No health recipient for E99000001 /)
  })

  test('where an authority has no such service', () => {
    const planned = plan([hears('childrens_social_care')], { recipients: [] })
    expect([notTold(planned), asked(planned)]).toEqual([
      ['no recipient in the directory'],
      ['No childrens social care recipient for E99000001 is in the directory. Find who must be told there, or ring them.'],
    ])
  })

  test.each<[string, Partial<Recipient>]>([
    ['is out of use', { disabled: true }],
    ['has a webhook without an address', { channel: { kind: 'webhook', url: '' } }],
    ['has an e-mail channel without an address', { channel: { kind: 'email', address: '' } }],
  ])('where the recipient %s, and one beside it is told all the same', (_, given) => {
    const out = aRecipient({ id: 'csc', service: 'childrens_social_care', ...given })
    const beside = aRecipient({ id: 'csc-b', service: 'childrens_social_care' })
    const planned = plan([hears('childrens_social_care')], { recipients: [out, beside] })
    expect(told(planned)).toEqual(['csc-b notification c1'])
    expect([notTold(planned), asked(planned)]).toEqual([
      ['recipient is out of reach'],
      [expect.stringMatching(/^Recipient csc .*\. Ring it, and .*\.$/)],
    ])
  })

  test.each<[string, Recipient['channel']]>([
    ['webhook', { kind: 'webhook', url: 'https://school.example/alerts' }],
    ['e-mail', { kind: 'email', address: 'alerts@school.example' }],
  ])('and a %s that has its address is reached', (_, channel) => {
    expect(told(plan([hears('education_setting')], { recipients: [aSchool({ channel })] }))).toEqual(['school-900101 alert c1'])
  })
})

describe('one dispatch is what the rules say of one place', () => {
  test('each rule and person named once, and by every rule that fired', () => {
    const twice = plan([
      hears('childrens_social_care'),
      hears('childrens_social_care'),
      hears('childrens_social_care', { rule: 'too' }),
    ])
    expect(twice.dispatches[0]?.rules).toEqual(['hears', 'too'])
    expect(told(twice)).toEqual(['csc notification c1'])
  })

  test('an education authority is told of each child apart', () => {
    const two = people(aVictim(), aChild(), aChild({ ref: 'c2' }))
    const planned = plan([hears('education_authority'), hears('education_authority', { about: 'c2' })], two)
    expect(told(planned)).toEqual(['la-education notification c1', 'la-education notification c2'])
  })

  test('a school’s opening is a limit to another service too, of the child’s own school', () => {
    const tell = [aTell('education_authority', { within: { kind: 'before school opens' } })]
    const early = aSchool({ calendar: { opensAt: '07:15', terms: [], closedDays: [] } })
    const recipients = [...everyService.filter(({ id }) => id !== early.id), early]
    expect(plan([aRuling({ rule: 'early', tell })], { recipients }).dispatches[0]?.dueBy).toEqual(london('2026-11-05T07:15'))
  })

  test('its obligation is the service, place, kind, what is asked, whom it is about and what it concerns', () => {
    const one = { service: 'health', recipientId: 'health', kind: 'notification', asks: null, about: ['c2', 'c1'] } as const
    expect(obligationKey(one)).toBe('health|health|notification||c1,c2')
    expect(obligationKey({ ...one, asks: 'child_and_family_assessment', concerns: 'dsp_1' })).toBe(
      'health|health|notification|child_and_family_assessment|c1,c2|dsp_1',
    )
  })
})

test('a plan stands in one order: protection first, then schools, health, the conference and support; and then by whom and where', () => {
  const rulings = everyService.toReversed().map(({ service }) => hears(service))
  const services = plan(rulings).dispatches.map(({ service }) => service)
  expect(services).toEqual([
    'police_child_protection',
    'childrens_social_care',
    'education_setting',
    'education_authority',
    'health',
    'marac',
    'idva',
    'specialist_support',
  ])
  const both = people(aVictim(), aChild(), aChild({ ref: 'c2', education: { status: 'on_roll', urns: ['900102', '900101'] } }))
  const schools = plan([hears('education_setting', { about: 'c2' }), hears('education_setting')], both)
  expect(told(schools)).toEqual(['school-900101 alert c1', 'school-900101 alert c2', 'school-900102 alert c2'])
})

test('seven closed schools are followed to the one that stands for them all, and a longer row is asked about', () => {
  const row = (closed: number) =>
    Array.from({ length: closed + 1 }, (_, at) =>
      aSchool({ id: `s${at}`, urn: `90010${at + 1}`, ...(at < closed ? { successorId: `s${at + 1}` } : {}) }),
    )
  expect(told(plan([hears('education_setting')], { recipients: row(7) }))).toEqual(['s7 alert c1'])
  const longer = plan([hears('education_setting')], { recipients: row(8) })
  expect([told(longer), longer.notDispatched[0]?.reason]).toEqual([[], 'no recipient in the directory'])
})
