import type { PersonRef } from '../words/ids.ts'
import type { About, Outcome, Ruling, Tell } from '../words/outcome.ts'
import type { RecordedFacts } from './facts.ts'

/**
 * What another procedure can be held against later without opening a notification again: every fact as it was found, and
 * whom the rules told. Small, because a replay reads a hundred thousand of them.
 */
export interface Recorded {
  facts: RecordedFacts[]
  victimRisk: Outcome['victimRisk']
  /** The label of the area's edition; null where no procedure was loaded. */
  policy: string | null
  /** The label of the statutory edition. */
  statutory: string
  fired: FiredRule[]
  /** One label of an edition for each ruling that could not tell. */
  undecided: string[]
}

/** A rule that fired for somebody and tells somebody. */
export interface FiredRule {
  edition: string
  rule: string
  subject: About
  about: PersonRef | null
  tell: Tell[]
}

/** What stays of an outcome when its words are left out. */
export function recordedOf(outcome: Outcome, facts: RecordedFacts[]): Recorded {
  const { policy, statutory, victimRisk, rulings } = outcome
  return {
    facts,
    victimRisk,
    policy: policy === null ? null : `${policy.area}/${policy.inForceFrom}`,
    statutory: `${statutory.area}/${statutory.inForceFrom}`,
    fired: firedRules(rulings),
    undecided: rulings.flatMap(({ result, edition }) => (result === 'cannot_tell' ? [edition] : [])),
  }
}

export function firedRules(rulings: readonly Ruling[]): FiredRule[] {
  return rulings.flatMap(({ result, edition, rule, subject, about, tell }) =>
    result === 'fired' && tell.length > 0 ? [{ edition, rule, subject, about, tell }] : [],
  )
}
