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
import type { Notification, Restriction } from '../words/notification.ts'
import type { Ruling } from '../words/outcome.ts'
import type { Contact, Recipient } from '../words/recipient.ts'
import type { KnownRestriction } from '../words/restriction.ts'
import type { PlanInput } from './circumstances.ts'
import { planRouting } from './plan.ts'
import { hiddenFrom } from './protection.ts'
import { statedHere } from './restrictions.ts'

const hears = (service: Recipient['service'], given: Partial<Ruling> = {}) =>
  aRuling({ rule: 'hears', tell: [aTell(service)], ...given })
const plan = (rulings: Ruling[], given: Partial<PlanInput> = {}) =>
  planRouting(aPlanInput({ outcome: anOutcome(rulings), ...given }))
const asked = ({ tasks }: ReturnType<typeof plan>) => tasks.flatMap(({ questions }) => questions)

const living = (given: Partial<KnownRestriction>): KnownRestriction => ({
  id: 'rst_7',
  kind: 'must_not_receive',
  from: 'this force',
  binds: 'everyone',
  reason: 'He works there.',
  protects: { addresses: [], schools: [] },
  ...given,
})
const bound = (...all: Partial<KnownRestriction>[]) => ({ restrictions: { living: all.map(living), lifted: [], doubts: [] } })

describe('a restriction that binds', () => {
  test('is named to the supervisor by its id and its reason, and holds what the law demands', () => {
    const held = plan([hears('childrens_social_care')], bound({ recipientId: 'csc' }))
    expect(held.dispatches[0]?.hold).toBe('restriction')
    expect(asked(held)[0]?.question).toBe(
      'The restriction rst_7 forbids telling Recipient csc: He works there. A supervisor must lift it, giving a reason, or say who is told instead.',
    )
    const notStored = plan([hears('childrens_social_care')], bound({ recipientId: 'csc', id: null, reason: null }))
    expect(asked(notStored)[0]?.question).toMatch(/^A restriction forbids telling Recipient csc: {2}A supervisor/)
  })

  test('of another force is lifted by that force alone, whose words are not passed on', () => {
    const held = plan([hears('childrens_social_care')], bound({ recipientId: 'csc', from: 'another force', reason: null }))
    expect(asked(held)[0]?.question).toBe(
      'The restriction rst_7, which another force imposed, forbids telling Recipient csc. Why is not told here, and only that force can lift it: have the operator ask it, or say who is told instead.',
    )
  })

  test('keeps it from a service that is told by agreement, and no dispatch stands', () => {
    const kept = plan([hears('marac')], bound({ recipientId: 'marac' }))
    expect([kept.dispatches, kept.notDispatched.map(({ reason }) => reason)]).toEqual([[], ['a restriction forbids it']])
  })

  test('for an adult and a child binds as soon as it is about either', () => {
    const restriction = bound({ recipientId: 'school-900101', binds: ['c2', 'c1'] })
    expect(plan([hears('education_setting')], restriction).dispatches[0]?.hold).toBe('restriction')
  })

  test('that names no recipient is asked about, of those whom it binds or of nobody', () => {
    const about = (binds: KnownRestriction['binds']) => asked(plan([], bound({ from: 'this notification', binds })))
    expect(about(['c1'])).toMatchObject([
      {
        question:
          'The restriction rst_7 says somebody must not receive this, and names no recipient: He works there. Whom does it bind?',
        about: ['c1'],
      },
    ])
    expect(about('everyone')).toMatchObject([{ about: [] }])
  })
})

describe('a team that stands in at night', () => {
  const late = { outcome: anOutcome([hears('marac'), hears('childrens_social_care')], 'high') }
  const withNight = (service: Recipient['service']) => {
    const [day, night] = [
      aRecipient({ id: 'day', service, outOfHours: { recipientId: 'night' } }),
      aRecipient({ id: 'night', service, authorities: [] }),
    ]
    return { ...late, recipients: [day, night] }
  }
  const told = (given: Partial<PlanInput> & Pick<PlanInput, 'outcome'>) =>
    planRouting(aPlanInput(given)).dispatches.map(({ recipientId, hold }) => `${recipientId} ${hold}`)

  test('is told, unless a restriction forbids it', () => {
    expect(told(withNight('marac'))).toEqual(['day null', 'night null'])
    expect(told({ ...withNight('marac'), ...bound({ recipientId: 'night' }) })).toEqual(['day null'])
  })

  test('that the law would tell waits for a supervisor, who is asked', () => {
    const given = { ...withNight('childrens_social_care'), ...bound({ recipientId: 'night' }) }
    expect(told(given)).toEqual(['day null', 'night restriction'])
    expect(asked(planRouting(aPlanInput(given))).map(({ question }) => question)).toContainEqual(
      expect.stringContaining('forbids telling Recipient night'),
    )
  })
})

test('a look for restrictions that may have been cut short is put to the reviewers', () => {
  const doubts = ['Not every restriction could be looked up.']
  expect(plan([], { restrictions: { living: [], lifted: [], doubts } }).tasks).toEqual([
    {
      desk: 'domestic_abuse_review',
      questions: [{ question: doubts[0], about: [], rules: [] }],
      dueBy: london('2026-11-07T20:10'),
    },
  ])
})

test('what a supervisor has lifted is told to nobody any more, and the others still are', () => {
  const stated: Restriction[] = [
    { kind: 'must_not_receive', recipientId: 'health', reason: 'She works there.' },
    { kind: 'must_not_receive', recipientId: 'idva', reason: 'Her sister does.' },
  ]
  const notification: Notification = aRoutedNotification({ restrictions: stated })
  const reasons = (lifted: number[]) => {
    const [care] = plan([hears('childrens_social_care')], {
      notification,
      restrictions: { living: [], lifted, doubts: [] },
    }).dispatches
    const text = JSON.stringify(care?.content)
    return stated.map(({ reason }) => text.includes(reason))
  }
  expect([reasons([]), reasons([0]), reasons([1])]).toEqual([
    [true, true],
    [false, true],
    [true, false],
  ])
  expect(plan([hears('health')], { restrictions: { living: [], lifted: [0], doubts: [] } }).dispatches).toHaveLength(1)
})

describe('what another notification of these people protects', () => {
  const notification = aRoutedNotification({ people: [aVictim(), aChild()] })
  const hidden = (given: Partial<KnownRestriction>) => hiddenFrom(notification, [], [living(given)])

  test('is hidden wherever it is written here: a school by its name', () => {
    const { text, schools } = hidden({
      kind: 'school_name_protected',
      protects: { addresses: [], schools: ['Foxglove Academy', '-'] },
    })
    expect([text('at FOXGLOVE academy'), text('at Larkspur'), schools]).toEqual([true, false, true])
  })

  test('and the name of a house without a number is hidden like a street', () => {
    const restriction = statedHere(aRoutedNotification({ restrictions: [{ kind: 'address_protected', reason: 'Afraid.' }] }))
    const at = aRoutedNotification({ people: [aVictim({ address: { lines: ['Nettlecombe Lodge'] } }), aChild()] })
    expect(hiddenFrom(at, [], restriction).text('at nettlecombe lodge')).toBe(true)
  })
})

describe('a school around which somebody must not hear', () => {
  const suspect = { ref: 's1', role: 'suspect', givenNames: 'Alder', familyName: 'Penhaligon' } as const
  const keyAdult: Contact = { name: 'Alder Penhaligon', role: 'key_adult', phone: '01632 960001' }
  const deputy: Contact = { name: 'Bryony Tolliver', role: 'deputy', phone: '01632 960002' }
  const notification = aRoutedNotification({ people: [aVictim(), suspect, aChild()] })
  const planned = (...contacts: Contact[]) =>
    plan([hears('education_setting')], { notification, recipients: [aSchool({ contacts })] }).dispatches[0]

  test('may write to those clear of it alone, and any other school to everybody', () => {
    expect(planned(keyAdult, deputy)?.keepTo).toEqual([deputy])
    expect(planned(keyAdult)?.keepTo).toEqual([])
    expect(planned(deputy)).not.toHaveProperty('keepTo')
  })

  test('a victim who is related to nobody here may read it all the same', () => {
    const works = aVictim({ relatedTo: [], employer: { urn: '900101' } })
    const held = plan([hears('education_setting')], { notification: aRoutedNotification({ people: [works, aChild()] }) })
    expect(held.dispatches[0]?.hold).not.toBeNull()
  })
})

describe('a recipient that a person picked', () => {
  const picked = (recipientId: string, recipients: readonly Recipient[] = everyService) =>
    plan([aRuling({ rule: 'decided', tell: [aTell('education_setting', { recipientId })] })], { recipients })

  test('is told in place of the one the notification names', () => {
    expect(picked('school-900102').dispatches.map(({ recipientId }) => recipientId)).toEqual(['school-900102'])
  })

  test('of a closed school is its successor, and one out of reach or unknown is asked about', () => {
    const closed = aSchool({ urn: '900103', successorId: 'school-900102' })
    expect(picked('school-900103', [...everyService, closed]).dispatches[0]?.recipientId).toBe('school-900102')
    const away = aSchool({ urn: '900104', name: 'Thistle Grove', disabled: true })
    expect(asked(picked('school-900104', [away]))[0]?.question).toContain('Thistle Grove cannot be reached')
    expect(asked(picked('nowhere'))[0]?.question).toBe(
      'nowhere was picked and is not in the directory. Find who must be told in its place.',
    )
  })
})

test('decisions that need a supervisor are named once on a question, whoever asks it, and also where nobody can tell', () => {
  const ask = { desk: 'mash', question: 'Is it so?' } as const
  const rule = (rule: string, supervisorFor?: ('refer' | 'no_further_action')[]) =>
    aRuling({ rule, ask: [{ ...ask, ...(supervisorFor === undefined ? {} : { supervisorFor }) }] })
  expect(asked(plan([rule('a', ['no_further_action']), rule('b', ['no_further_action', 'refer'])]))).toMatchObject([
    { secondPerson: { supervisorFor: ['no_further_action', 'refer'] } },
  ])
  expect(asked(plan([rule('a')]))[0]).not.toHaveProperty('secondPerson')
  expect(asked(plan([{ ...rule('a', ['refer']), result: 'cannot_tell' }]))).toMatchObject([
    { secondPerson: { supervisorFor: ['refer'] } },
  ])
  expect(asked(plan([{ ...rule('a'), result: 'cannot_tell' }]))[0]).not.toHaveProperty('secondPerson')
})

test('a school is asked about itself once, each school apart, and no other service is', () => {
  const both = aChild({ education: { status: 'on_roll', urns: ['900101', '900102'] } })
  const notification = aRoutedNotification({ people: [aVictim(), both, aChild({ ref: 'c2' })] })
  const rulings = [hears('education_setting'), hears('education_setting', { about: 'c2' }), hears('childrens_social_care')]
  const { upkeep } = plan(rulings, { notification })
  expect([...new Set(upkeep.map(({ recipientId }) => recipientId))]).toEqual(['school-900101', 'school-900102'])
  expect(new Set(upkeep.map(({ question }) => question)).size).toBe(upkeep.length)
})

test('a conference is told of every child on the notification by name', () => {
  expect(plan([hears('marac', { subject: 'the notification', about: null })]).dispatches[0]?.content.children).toEqual([
    { givenNames: 'Merrin', familyName: 'Quillfeather', dateOfBirth: '2016-05-04' },
  ])
})
