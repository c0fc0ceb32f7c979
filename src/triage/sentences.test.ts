import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { aBackground, aChild, aNotification, aRiskAssessment, aSuspect, aVictim } from '../../test/support/builders.ts'
import { loadPacks } from '../policy/load.ts'
import type { DispatchKind } from '../words/dispatch.ts'
import type { Notification } from '../words/notification.ts'
import type { Outcome, Ruling, TimeLimit } from '../words/outcome.ts'
import type { Service } from '../words/recipient.ts'
import { outcomeOf } from './rulings.ts'
import { sentencesOf } from './sentences.ts'

const packs = await loadPacks(fileURLToPath(new URL('../../policies/', import.meta.url)))

function sentences(notification: Notification): string[] {
  const outcome = outcomeOf({ notification, background: aBackground(), packs })
  return sentencesOf(outcome, (ref) => (ref === 'c1' ? 'Cedar' : ref))
}

test('a sergeant hears who is told about whom, why, and by which section', () => {
  const people = [aVictim(), aSuspect(), aChild()]
  const said = sentences(aNotification({ people, riskAssessments: [aRiskAssessment({ grade: 'high' })] }))
  expect(said[0]).toBe('The victim’s risk is graded high.')
  expect(said[1]).toBe('The procedure of derby-derbyshire in force from 2025-10-24 was followed, and the law beneath it.')
  expect(said).toContain(
    'Children’s social care is sent a referral about Cedar. High risk and a child who lives or regularly stays in the household is ' +
      'referred to social care. Found: victim risk, high; in the household, lives there. (Derby and Derbyshire Safeguarding Children ' +
      'Partnership procedures, Domestic Abuse: Before Section 4: automatic referrals, high risk.)',
  )
  expect(
    said.find((sentence) => sentence.startsWith('The school or college is alerted about Cedar before school next opens.')),
  ).toBeDefined()
})

test('a sergeant hears what nobody can tell, and what is missing', () => {
  const said = sentences(aNotification({ people: [aVictim(), aChild({ injured: undefined })] }))
  expect(said.at(-1)).toBe(
    'Nobody can tell about Cedar whether this applies, so a person decides: A child who was injured is referred under the threshold ' +
      'document, whatever the grade. (injured: not stated.)',
  )
})

test('where nobody is told by rule, the sentences say so', () => {
  const said = sentences(aNotification({ people: [aVictim(), aSuspect()], riskAssessments: [] }))
  expect(said.slice(0, 3)).toEqual([
    'Nobody has graded the victim’s risk, so the time limits of high risk hold.',
    'The procedure of derby-derbyshire in force from 2025-10-24 was followed, and the law beneath it.',
    'By the rules alone, no service is told.',
  ])
})

/** What is said of one ruling, beside the risk and the procedure. */
function saidOf(given: Partial<Ruling>, policy: Outcome['policy'] = null): string[] {
  const ruling: Ruling = {
    rule: 'a-rule',
    edition: 'somewhere/2026-01-01',
    subject: 'each child',
    about: 'c1',
    result: 'fired',
    says: 'It is so.',
    cites: { document: 'Procedure', section: '1' },
    findings: [],
    tell: [],
    ask: [],
    ...given,
  }
  const statutory = { area: 'everywhere', inForceFrom: '2025-11-07', sha256: '' }
  return sentencesOf({ policy, statutory, victimRisk: 'standard', rulings: [ruling] }, (ref) => ref).slice(1)
}
const telling = (service: Service, kind: DispatchKind = 'notification', within: TimeLimit = { kind: 'where silent' }) =>
  saidOf({ tell: [{ service, kind, within }] })[1]

test.each([
  ['childrens_social_care', 'Children’s social care'],
  ['education_setting', 'The school or college'],
  ['education_authority', 'The education authority'],
  ['health', 'Health'],
  ['marac', 'MARAC'],
  ['idva', 'The independent domestic violence advocate'],
  ['specialist_support', 'The specialist support service'],
  ['police_child_protection', 'Police child protection'],
] as const)('%s is called %s', (service, name) => {
  expect(telling(service)).toBe(`${name} is notified about c1. It is so. (Procedure: 1.)`)
})

test.each([
  ['referral', 'sent a referral'],
  ['alert', 'alerted'],
  ['handoff', 'handed the case'],
  ['correction', 'sent a correction'],
  ['recall', 'asked to disregard what it was sent'],
] as const)('of a %s it is said that somebody is %s', (kind, words) => {
  expect(telling('health', kind)).toBe(`Health is ${words} about c1. It is so. (Procedure: 1.)`)
})

test('a time limit is said as the procedure has it', () => {
  const limit = (within: TimeLimit) => telling('health', 'notification', within)?.split('about c1')[1]?.split('.')[0]
  expect(limit({ kind: 'where silent' })).toBe('')
  expect(limit({ kind: 'before school opens' })).toBe(' before school next opens')
  expect(limit({ kind: 'hours', high: 1, otherwise: 1 })).toBe(' within 1 hour of the report')
  expect(limit({ kind: 'hours', high: 24, otherwise: 72 })).toBe(
    ' within 24 hours of the report at high risk, 72 hours otherwise',
  )
})

test('which desk is asked what, about whom', () => {
  const asked = (given: Partial<Ruling>, desk: Ruling['ask'][number]['desk']) =>
    saidOf({ ask: [{ desk, question: 'Is it so?' }], ...given }).at(-1)
  expect(asked({}, 'mash')).toBe('The safeguarding hub is asked about c1: Is it so?')
  expect(asked({}, 'pitstop')).toBe('Pitstop is asked about c1: Is it so?')
  expect(asked({}, 'directory')).toBe('The directory desk is asked about c1: Is it so?')
  expect(asked({ about: null, subject: 'the notification' }, 'domestic_abuse_review')).toBe(
    'The domestic abuse review team is asked: Is it so?',
  )
  expect(asked({ about: 'v1', subject: 'each unborn child' }, 'mash')).toBe(
    'The safeguarding hub is asked about the unborn child of v1: Is it so?',
  )
})

test('what was found is said after the rule, and of a doubt only what is unknown', () => {
  const finding = (fact: string, verdict: 'met' | 'unknown' | 'not_met') =>
    ({ fact, wanted: 'yes', found: 'so', verdict }) as const
  const findings = [finding('present', 'met'), finding('injured', 'unknown'), finding('pregnant', 'unknown')]
  const tell = [{ service: 'health', kind: 'notification', within: { kind: 'where silent' } } as const]
  expect(saidOf({ findings, tell })[1]).toBe(
    'Health is notified about c1. It is so. Found: present, so; injured, so; pregnant, so. (Procedure: 1.)',
  )
  expect(saidOf({ findings, tell, result: 'cannot_tell' }).at(-1)).toBe(
    'Nobody can tell about c1 whether this applies, so a person decides: It is so. (injured: so; pregnant: so.)',
  )
  expect(saidOf({ findings, tell, result: 'did_not_fire' })).toEqual([
    'No procedure is loaded for this area, so the law of 2025-11-07 alone was followed.',
    'By the rules alone, no service is told.',
  ])
})

test('the same sentence is not said twice', () => {
  const tell = [{ service: 'health', kind: 'notification', within: { kind: 'where silent' } } as const]
  expect(saidOf({ tell: [...tell, ...tell] })).toHaveLength(2)
})
