import type { Reading } from '../policy/conditions.ts'
import type { Feature } from '../words/notification.ts'
import type { Outcome } from '../words/outcome.ts'
import type { Situation } from './situation.ts'

/** Facts about the notification as a whole, the same for every subject. */

type Grade = 'standard' | 'medium' | 'high'

const readingOfGrade: Record<Grade, Reading> = {
  standard: { kind: 'text', text: 'standard', found: 'standard' },
  medium: { kind: 'text', text: 'medium', found: 'medium' },
  high: { kind: 'text', text: 'high', found: 'high' },
}
const notGraded: Reading = { kind: 'unknown', found: 'not graded' }
const yes: Reading = { kind: 'text', text: 'yes', found: 'yes' }
const no: Reading = { kind: 'text', text: 'no', found: 'no' }

/** The highest grade given, or `not_graded`. It is the victim's, and is never worked out from ticks. */
export function highestGrade({ notification }: Situation): Outcome['victimRisk'] {
  let highest: Outcome['victimRisk'] = 'not_graded'
  for (const { grade } of notification.riskAssessments ?? []) {
    if (grade === 'high') return 'high'
    if (grade === 'medium' || (grade === 'standard' && highest === 'not_graded')) highest = grade
  }
  return highest
}

/** The highest grade given; unknown when nobody graded, so that no rule reads an absent grade as a low one. */
export function victimRisk(situation: Situation): Reading {
  const grade = highestGrade(situation)
  return grade === 'not_graded' ? notGraded : readingOfGrade[grade]
}

/** Whether anybody graded the risk at all. */
export function riskGraded(situation: Situation): Reading {
  return highestGrade(situation) === 'not_graded' ? no : yes
}

/**
 * The most questions ticked on one assessment. An assessment whose tool should have a count and has none leaves the number
 * open upwards; a DARA has no ticks to count and says nothing.
 */
export function ticks({ notification }: Situation): Reading {
  let most: number | null = null
  let missing = false
  for (const { tool, yesCount } of notification.riskAssessments ?? []) {
    if (yesCount !== undefined) most = Math.max(most ?? 0, yesCount)
    else if (tool !== 'DARA') missing = true
  }
  if (most === null) return noTicks
  const found = missing ? `at least ${most}: another assessment gives no count` : `${most}`
  return { kind: 'number', from: most, to: missing ? null : most, countsIn: false, atIncident: null, found }
}

const noTicks: Reading = { kind: 'unknown', found: 'no count given' }

/** Whether an edition is in force for the authority of the incident on the day of the report. */
export function areaHasAProcedure({ areaHasProcedure }: Situation): Reading {
  return areaHasProcedure ? yes : no
}

/** The features police named. An empty list says none; a list left out says nothing. */
export function features({ notification }: Situation): Reading {
  const named = notification.incident.features
  if (named === undefined) return featuresNotStated
  if (named.length === 0) return noFeatures
  const texts = named.map((feature) => feature.replaceAll('_', ' '))
  return { kind: 'several', texts, found: texts.join(', ') }
}

/** Whether one feature is among those police named. */
export function feature(name: Feature): (situation: Situation) => Reading {
  return ({ notification }) => {
    const named = notification.incident.features
    if (named === undefined) return featuresNotStated
    return named.includes(name) ? yes : no
  }
}

const featuresNotStated: Reading = { kind: 'unknown', found: 'not stated' }
const noFeatures: Reading = { kind: 'several', texts: [], found: 'none' }
