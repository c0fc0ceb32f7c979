import { describe, expect, test } from 'vitest'
import {
  aBackground,
  aChild,
  anOutcome,
  aPlanInput,
  aRoutedNotification,
  aRuling,
  aSchool,
  aTell,
  aVictim,
  everyService,
} from '../../test/support/routing-builders.ts'
import type { Background } from '../words/background.ts'
import type { Person } from '../words/notification.ts'
import type { Recipient } from '../words/recipient.ts'
import { planRouting } from './plan.ts'

const alert = aRuling({ rule: 'school-told', tell: [aTell('education_setting')] })

/** What is told and asked when a rule tells the school of the child, given what is known of the child. */
function planned(background: Partial<Background>, child: Partial<Person> = {}, recipients: readonly Recipient[] = everyService) {
  const notification = aRoutedNotification({ people: [aVictim(), aChild(child)] })
  const input = { outcome: anOutcome([alert]), notification, background: aBackground(background), recipients }
  const { dispatches, tasks } = planRouting(aPlanInput(input))
  const asked = (desk: string) =>
    tasks.filter((task) => task.desk === desk).flatMap(({ questions }) => questions.map(({ question }) => question))
  return {
    told: dispatches.map(({ recipientId }) => recipientId),
    review: asked('domestic_abuse_review'),
    directory: asked('directory'),
  }
}

const onRoll = (urn: string, over: Partial<Background['rolls'][number]> = {}) => ({
  ref: 'c1',
  urn,
  fresh: true,
  by: 'name and birth' as const,
  pupil: null,
  ...over,
})

describe('the school on the roll', () => {
  test('is told, and nobody is asked, where police did not know it', () => {
    expect(planned({ rolls: [onRoll('900102')] }, { education: { status: 'unknown' } })).toEqual({
      told: ['school-900102'],
      review: [],
      directory: [],
    })
  })

  test('is told in place of the one police name, and a person sees that', () => {
    const { told, directory } = planned({ rolls: [onRoll('900102')] })
    expect(told).toEqual(['school-900102'])
    expect(directory).toEqual([expect.stringContaining('900102 and not 900101')])
  })

  test('that has closed leads to its successor', () => {
    const closed = aSchool({ urn: '900103', successorId: 'school-900102' })
    const { told } = planned({ rolls: [onRoll('900103')] }, { education: { status: 'unknown' } }, [...everyService, closed])
    expect(told).toEqual(['school-900102'])
  })

  test('is no other school than police name, where one has succeeded the other', () => {
    const closed = aSchool({ urn: '900103', successorId: 'school-900102' })
    const education = { status: 'on_roll' as const, urns: ['900103'] }
    const { told, directory } = planned({ rolls: [onRoll('900102')] }, { education }, [...everyService, closed])
    expect([told, directory]).toEqual([['school-900102'], []])
  })

  test('is told like any other where it lies outside the area', () => {
    const far = aSchool({ urn: '900104', authorities: ['E99000009'] })
    const { told } = planned({ rolls: [onRoll('900104')] }, { education: { status: 'unknown' } }, [...everyService, far])
    expect(told).toEqual(['school-900104'])
  })

  test('is neither of two where the rolls may mean two children', () => {
    const rolls = [onRoll('900101'), onRoll('900102')]
    const { told, directory } = planned({ rolls }, { education: { status: 'unknown' } })
    expect(told).toEqual([])
    expect(directory).toContainEqual(expect.stringContaining('900101 and 900102 have a child of that name'))
  })

  test('that does not have the child hears what police say, and a person is asked', () => {
    const { told, directory } = planned({ rollsKept: [{ urn: '900101', fresh: true }] })
    expect(told).toEqual(['school-900101'])
    expect(directory).toEqual([expect.stringContaining('its fresh roll does not')])
  })

  test('of a sound-alike is asked about where the school is not known, and told nothing', () => {
    const possible: Background['possible'] = [{ ref: 'c1', by: 'sound and birth', record: { kind: 'roll', urn: '900102' } }]
    const unknown = planned({ possible }, { education: { status: 'unknown' } })
    expect([unknown.told, unknown.review]).toEqual([[], []])
    expect(unknown.directory).toContainEqual(expect.stringContaining('URN 900102'))
    expect(planned({ possible }).directory).toEqual([])
  })
})

test('a school whose name is nearly right is proposed, and told nothing', () => {
  const nearSchools = [{ ref: 'c1', recipientId: 'school-900102', urn: '900102', name: 'Foxglove Academy' }]
  const { told, directory } = planned({ nearSchools }, { education: { status: 'on_roll', establishmentName: 'Foxglve' } })
  expect(told).toEqual([])
  expect(directory).toContainEqual(expect.stringContaining('Foxglove Academy (school-900102, URN 900102)'))
})

describe('the review desk is asked', () => {
  const incident = { kind: 'incident', occurredAt: Temporal.Instant.from('2026-10-01T00:00:00Z') } as const

  test('about each record that may be about somebody here, by its reference and ref', () => {
    const { review } = planned({
      possible: [
        { ref: 'v1', by: 'sound and birth', record: { ...incident, policeReference: 'ZZ-0', ref: 'v2' } },
        { ref: 'v1', by: 'address', record: { ...incident, policeReference: 'OLD-1', ref: null } },
        { ref: 'c1', by: 'sound and birth', record: { kind: 'open case', authority: 'E99000001', caseReference: 'LCS-1' } },
      ],
    })
    expect(review).toEqual([
      expect.stringContaining('Is v1 on ZZ-0 (there v2)? There is a name that sounds the same'),
      expect.stringContaining('Is v1 on OLD-1? There is the same address'),
      expect.stringContaining('Is c1 on the open case LCS-1 of E99000001?'),
    ])
  })

  test('about another force’s incident without its reference', () => {
    const record = { ...incident, policeReference: null, ref: null }
    expect(planned({ possible: [{ ref: 's1', by: 'address', record }] }).review).toEqual([
      expect.stringContaining('Is s1 on an incident of another force?'),
    ])
  })

  test('about each number that cannot be right, by whose it is', () => {
    const { review, told } = planned({
      badIdentifiers: [
        { ref: 'c1', scheme: 'UPN' },
        { ref: null, scheme: 'UPRN' },
      ],
    })
    expect(review).toEqual([
      expect.stringContaining('The UPN given for c1 cannot be right'),
      expect.stringContaining('The UPRN given for the place of the incident'),
    ])
    expect(told).toEqual(['school-900101'])
  })
})
