import type { Reading } from '../policy/conditions.ts'
import type { RiskAssessment } from '../words/notification.ts'
import type { Outcome } from '../words/outcome.ts'
import type { Situation } from './situation.ts'

/** The victim's risk, as officers graded it, counted it and judged it. None of the three is worked out from another. */

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
 * open upwards; a DARA, or a grade that somebody gave at a desk, has no ticks to count and says nothing.
 */
export function ticks({ notification }: Situation): Reading {
  let most: number | null = null
  let missing = false
  for (const { tool, yesCount, itemCount } of notification.riskAssessments ?? []) {
    if (yesCount !== undefined) most = Math.max(most ?? 0, yesCount)
    else if (tool !== 'DARA' && itemCount !== 0) missing = true
  }
  if (most === null) return noTicks
  const found = missing ? `at least ${most}: another assessment gives no count` : `${most}`
  return { kind: 'number', from: most, to: missing ? null : most, countsIn: false, atIncident: null, found }
}

const noTicks: Reading = { kind: 'unknown', found: 'no count given' }

/**
 * Whether an officer judges that the victim needs this service, whatever the ticks say. A judgement that names no service
 * stands for both; one that names services stands for these alone (design, "Hertfordshire").
 */
export function judgedFor(service: 'idva' | 'marac'): (situation: Situation) => Reading {
  return ({ notification }) => {
    const judged = (notification.riskAssessments ?? []).filter(saysOfJudgement)
    const readings = judged.map((assessment) => judgement(assessment, service))
    return (
      readings.find((reading) => reading.kind === 'text' && reading.text === 'yes') ??
      readings.find(({ kind }) => kind === 'unknown') ??
      readings[0] ??
      noJudgement
    )
  }
}

/** A grade given at a desk judges for no service, and leaves open what the officer said. */
const saysOfJudgement = ({ itemCount, professionalJudgement, judgedFor: named }: RiskAssessment) =>
  itemCount !== 0 || professionalJudgement !== undefined || named !== undefined

function judgement({ professionalJudgement, judgedFor }: RiskAssessment, service: 'idva' | 'marac'): Reading {
  const named = judgedFor ?? []
  if (named.length === 0) {
    if (professionalJudgement === undefined) return noJudgement
    return professionalJudgement ? judgedForBoth : no
  }
  if (!named.includes(service)) return judgedForAnother
  return professionalJudgement === false ? contradictedJudgement : yes
}

const noJudgement: Reading = { kind: 'unknown', found: 'not stated' }
const judgedForBoth: Reading = { kind: 'text', text: 'yes', found: 'yes, and no service is named, so for both' }
const judgedForAnother: Reading = { kind: 'text', text: 'no', found: 'judged for another service' }
const contradictedJudgement: Reading = { kind: 'unknown', found: 'given as not judged, but the service is named' }
