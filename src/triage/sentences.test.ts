import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { aBackground, aChild, aNotification, aRiskAssessment, aSuspect, aVictim } from '../../test/support/builders.ts'
import { loadPacks } from '../policy/load.ts'
import type { Notification } from '../words/notification.ts'
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
