import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  aBackground,
  aChild,
  aNotification,
  anEarlierIncident,
  aRiskAssessment,
  aSuspect,
  aVictim,
} from '../../test/support/builders.ts'
import { loadPacks } from '../policy/load.ts'
import type { Background } from '../words/background.ts'
import type { Notification, Person } from '../words/notification.ts'
import type { Outcome, Ruling } from '../words/outcome.ts'
import { outcomeOf, outcomeWithFacts } from './rulings.ts'

const packs = await loadPacks(fileURLToPath(new URL('../../policies/', import.meta.url)))

type Scenario = {
  id: string
  area: string
  says: string
  previous: Notification[]
  notification: Notification
  expect: { dispatched?: { service: string; kind?: string }[]; notDispatched?: string[]; tasks?: string[] }
}
const scenarios: Scenario[] = JSON.parse(readFileSync(new URL('../../test/examples/scenarios.json', import.meta.url), 'utf8'))

function triage(notification: Notification, background: Partial<Background> = {}): Outcome {
  return outcomeOf({ notification, background: aBackground(background), packs })
}
const of = (people: Person[], rest: Parameters<typeof aNotification>[0] = {}) => triage(aNotification({ people, ...rest }))
const fired = ({ rulings }: Outcome) => rulings.filter(({ result }) => result === 'fired')
const doubtful = ({ rulings }: Outcome) => rulings.filter(({ result }) => result === 'cannot_tell')
const told = (rulings: Ruling[]) =>
  rulings.flatMap(({ about, tell }) => tell.map(({ service, kind }) => `${service} ${kind} about ${about}`))
const names = (rulings: Ruling[]) => rulings.map(({ rule }) => rule)

describe('Derby, as its procedure would have it', () => {
  test.each(scenarios.filter(({ area }) => area === 'derby').map((one) => [one.says, one] as const))('%s', (_, scenario) => {
    const people = scenario.notification.people.map(({ ref, role }) => ({ ref, role }))
    const earlier = scenario.previous.map(({ policeReference, incident }) =>
      anEarlierIncident({ policeReference, occurredAt: Temporal.Instant.from(incident.occurredAt), matches: people }),
    )
    const outcome = triage(scenario.notification, { earlier })
    const tells = fired(outcome).flatMap(({ tell }) => tell)
    const strongest = (service: string) =>
      tells.some((tell) => tell.service === service && tell.kind === 'referral') ? 'referral' : 'notification'
    for (const { service, kind } of scenario.expect.dispatched ?? []) {
      expect(tells.map((tell) => String(tell.service))).toContain(service)
      if (kind !== undefined) expect(strongest(service)).toBe(kind)
    }
    for (const service of scenario.expect.notDispatched ?? [])
      expect(tells.map((tell) => String(tell.service))).not.toContain(service)
    const desks = fired(outcome).flatMap(({ ask }) => ask.map(({ desk }) => String(desk)))
    for (const desk of scenario.expect.tasks ?? []) expect(desks).toContain(desk)
    expect(desks, 'every notification is reviewed').toContain('domestic_abuse_review')
  })

  test('a connected child elsewhere at high risk is notified, and a person judges whether to refer', () => {
    const outcome = of([aVictim(), aSuspect(), aChild({ household: 'elsewhere' })], {
      riskAssessments: [aRiskAssessment({ grade: 'high' })],
    })
    expect(told(fired(outcome))).toEqual(['education_setting alert about c1', 'childrens_social_care notification about c1'])
    expect(names(fired(outcome))).toContain('review-team-considers-a-connected-child-at-high-risk')
  })

  test('a victim of seventeen is a child subject and is considered as a party', () => {
    const outcome = of([aVictim({ dateOfBirth: '2009-03-03', education: { status: 'on_roll', urns: ['900101'] } }), aSuspect()])
    expect(told(fired(outcome))).toContain('education_setting alert about v1')
    expect(names(fired(outcome))).toContain('review-team-considers-a-party-of-sixteen-or-seventeen')
  })
})

describe('everywhere', () => {
  test('a victim under sixteen is handed to child protection and their school told; the brother’s school is told too', () => {
    const young = aVictim({ dateOfBirth: '2012-03-03', education: { status: 'on_roll', urns: ['900101'] } })
    const outcome = of([young, aSuspect(), aChild()])
    expect(told(fired(outcome))).toEqual([
      'education_setting alert about c1',
      'education_setting alert about v1',
      'police_child_protection handoff about v1',
    ])
  })

  test('whether the school of a young suspect, or of an unrelated child, is told is a person’s decision', () => {
    const school = { status: 'on_roll', urns: ['900101'] } as const
    const outcome = of([
      aVictim(),
      aSuspect({ dateOfBirth: '2009-03-03', education: { ...school, urns: ['900101'] } }),
      aChild({ relatedTo: [] }),
    ])
    expect(told(fired(outcome))).toEqual([])
    expect(names(fired(outcome))).toEqual(
      expect.arrayContaining([
        'desk-decides-about-the-school-of-an-unrelated-child',
        'desk-decides-about-the-school-of-a-suspect-of-sixteen-or-seventeen',
      ]),
    )
  })

  test('an unknown school asks the education authority and the directory; at three the directory alone', () => {
    const unknown = (dateOfBirth: string) => fired(of([aVictim(), aChild({ dateOfBirth, education: { status: 'unknown' } })]))
    const asked = (rulings: Ruling[]) => rulings.flatMap(({ ask }) => ask.map(({ desk }) => desk)).includes('directory')
    expect(told(unknown('2022-11-04'))).toContain('education_authority notification about c1')
    expect(asked(unknown('2022-11-04'))).toBe(true)
    expect(told(unknown('2023-11-04'))).not.toContain('education_authority notification about c1')
    expect(asked(unknown('2023-11-04'))).toBe(true)
    expect(asked(unknown('2023-11-05'))).toBe(false)
  })

  test('where no procedure is loaded the law still holds, and a person decides the rest', () => {
    const outcome = of([aVictim(), aChild()], { incident: { localAuthority: 'E99000009' } })
    expect(outcome.policy).toBeNull()
    expect(told(fired(outcome))).toEqual(['education_setting alert about c1'])
    expect(names(fired(outcome))).toEqual(['school-told-of-its-pupil', 'desk-decides-where-no-procedure-is-loaded'])
  })

  test('a risk nobody graded goes to a desk, and leaves no rule about risk settled', () => {
    const outcome = of([aVictim(), aChild()], { riskAssessments: [] })
    expect(outcome.victimRisk).toBe('not_graded')
    expect(names(fired(outcome))).toContain('desk-grades-a-risk-nobody-graded')
    expect(names(doubtful(outcome))).toContain('referral-for-a-child-in-the-household-at-high-risk')
  })

  test('a victim of whom nobody says whether she is pregnant is asked about, and a man is not', () => {
    const asked = (victim: Partial<Person>) => names(doubtful(of([aVictim({ pregnant: undefined, ...victim }), aSuspect()])))
    expect(asked({})).toContain('referral-for-an-unborn-child')
    expect(asked({ sex: undefined })).toContain('referral-for-an-unborn-child')
    expect(asked({ sex: 'male' })).toEqual([])
  })

  test('a party who turned sixteen between incident and report goes to a desk', () => {
    const incident = { occurredAt: '2026-11-01T20:00:00Z', reportedAt: '2026-11-04T20:10:00Z' }
    const outcome = of([aVictim({ dateOfBirth: '2010-11-03' })], { incident })
    expect(doubtful(outcome).find(({ rule }) => rule === 'child-protection-takes-over-a-party-under-sixteen')?.findings).toEqual([
      { fact: 'age', wanted: 'under 16', found: '16 years at the report, but 15 years at the incident', verdict: 'unknown' },
    ])
  })
})

describe('a ruling', () => {
  test('names its edition, its subject and its source, and carries every finding', () => {
    const [ruling] = of([aVictim(), aChild()]).rulings
    expect(ruling).toMatchObject({
      rule: 'school-told-of-its-pupil',
      edition: 'england-and-wales/2025-11-07',
      subject: 'each child',
      about: 'c1',
      cites: { document: 'Domestic Abuse Act 2021, section 49A' },
      result: 'fired',
    })
    expect(ruling?.findings).toHaveLength(4)
  })

  test('takes the edition in force on London’s day of the report', () => {
    const at = (reportedAt: string) =>
      of([aVictim()], { incident: { reportedAt, occurredAt: reportedAt } }).policy?.inForceFrom ?? null
    expect(at('2021-12-31T23:59:59Z')).toBeNull()
    expect(at('2025-10-23T22:59:59Z')).toBe('2022-01-01')
    expect(at('2025-10-23T23:00:00Z')).toBe('2025-10-24')
  })

  test('comes with facts that survive being stored as JSON', () => {
    const { facts } = outcomeWithFacts({
      notification: aNotification({ people: [aVictim(), aChild({ dateOfBirth: undefined })] }),
      background: aBackground({ earlierWholeFrom: null }),
      packs,
    })
    expect(facts.map(({ about, ref }) => `${about} ${ref}`)).toEqual(['each child c1', 'each party v1', 'the notification null'])
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts)
  })
})
