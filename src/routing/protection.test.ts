import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aChild, aRoutedNotification, aVictim } from '../../test/support/routing-builders.ts'
import type { Education, Notification, Person } from '../words/notification.ts'
import type { Service } from '../words/recipient.ts'
import { contentFor } from './allow-lists.ts'

const address = { lines: ['17 Nettlecombe Rise', 'Larkford'], postcode: 'ZZ9 7QQ', uprn: '100999000001' }
const services: readonly Service[] = [
  'childrens_social_care',
  'education_setting',
  'education_authority',
  'health',
  'marac',
  'idva',
  'specialist_support',
  'police_child_protection',
]
const told = fc.record({
  service: fc.constantFrom(...services),
  kind: fc.constantFrom('referral', 'notification', 'alert', 'handoff', 'correction', 'recall'),
  withSummary: fc.boolean(),
  leftBehind: fc.constantFrom([], ['E99000001'], ['E99000002']),
  restricted: fc.boolean(),
  about: fc.constantFrom(['c1'], ['v1'], ['s1']),
})
/** As an officer may write it: in any case, with other signs between, with or without the number of the house. */
const written = fc.constantFrom(
  '17 Nettlecombe Rise',
  'at 17, NETTLECOMBE RISE.',
  'Nettlecombe-Rise',
  'in zz97qq',
  'UPRN 100999000001',
)

/** Every field an officer writes freely holds the same words. */
function everywhere(words: string, restrictions: Notification['restrictions'], moved: boolean): Notification {
  const person: Partial<Person> = {
    sex: words,
    relationshipToVictim: words,
    address,
    safeContact: { method: words, value: words, notes: words },
    employer: { name: words, role: words },
    relatedTo: [{ ref: 's1', kind: words }],
    voice: words,
    socialCare: { open: 'yes', allocatedWorker: words },
  }
  const given = aRoutedNotification({
    people: [aVictim(person), aChild(person), { ref: 's1', role: 'suspect', ...person, address: { lines: ['3 Elsewhere'] } }],
    refusedDetails: [words],
    restrictions: (restrictions ?? []).map((one) => ({ ...one, reason: words, service: words })),
    riskAssessments: [
      {
        personRef: 'v1',
        tool: 'DASH',
        toolVersion: words,
        grade: 'high',
        judgementReason: words,
        assessedAt: '2026-11-04T20:10:00Z',
      },
    ],
    ...(moved ? { moved: { fromAuthority: 'E99000001', toAuthority: 'E99000002' } } : {}),
  })
  return { ...given, incident: { ...given.incident, address, summary: words } }
}

test('no recipient’s content ever holds a protected address, whoever is told and wherever it was written', () => {
  const personRef = fc.constantFrom('v1', 'c1', undefined)
  fc.assert(
    fc.property(told, written, personRef, fc.boolean(), (telling, words, ref, moved) => {
      const restriction = { kind: 'address_protected', reason: '', ...(ref === undefined ? {} : { personRef: ref }) } as const
      const content = contentFor(everywhere(words, [restriction], moved), {
        ...telling,
        asks: null,
        victimRisk: 'high',
        children: ['c1'],
      })
      const plain = JSON.stringify(content)
        .toLowerCase()
        .replaceAll(/[^a-z0-9]/g, '')
      expect(plain).not.toMatch(/nettlecomberise|zz97qq|100999000001/)
    }),
    { numRuns: 1000 },
  )
})

test('no recipient’s content ever holds the name or number of a protected school', () => {
  const names = fc.constantFrom('Foxglove Academy', 'the FOXGLOVE academy', '900102')
  fc.assert(
    fc.property(told, names, fc.boolean(), (telling, words, moved) => {
      const given = everywhere(words, [{ kind: 'school_name_protected', reason: '' }], moved)
      const education: Education = { status: 'on_roll', urns: ['900102'], establishmentName: 'Foxglove Academy' }
      const people = given.people.map((person) => ({ ...person, education }))
      const content = contentFor({ ...given, people }, { ...telling, asks: null, victimRisk: 'high', children: ['c1'] })
      const plain = JSON.stringify(content)
        .toLowerCase()
        .replaceAll(/[^a-z0-9]/g, '')
      expect(plain).not.toMatch(/foxgloveacademy|900102/)
    }),
    { numRuns: 500 },
  )
})

test('what names nothing hidden is shown to an authority left behind, so that it knows who is who', () => {
  const content = contentFor(everywhere('partner', [], true), {
    service: 'childrens_social_care',
    kind: 'referral',
    asks: null,
    about: ['c1'],
    withSummary: true,
    leftBehind: ['E99000001'],
    victimRisk: 'high',
    children: ['c1'],
    restricted: false,
  })
  expect(content).toMatchObject({ notification: { people: [{ relationshipToVictim: 'partner' }, {}, {}] } })
  expect(JSON.stringify(content)).not.toContain('ZZ9 7QQ')
})
