import { resultOf, verdictOf } from '../policy/conditions.ts'
import type { Edition, Rule } from '../policy/edition.ts'
import type { FactName } from '../policy/facts.ts'
import { type FiredRule, type RecordedValues, readWritten } from './recorded.ts'

/** What a procedure would have come to on facts that were recorded under another. */
export interface JudgedAgain {
  fired: FiredRule[]
  /** How many rulings nobody could tell. */
  undecided: number
  /** Facts that it needs of somebody here and that nobody recorded. */
  notRecorded: ReadonlySet<FactName>
}

/**
 * Applies an edition's rules to recorded facts. Nothing is read anew: a fact that was not recorded, because no fact of that
 * name existed yet, is unknown and never "no".
 */
export function judgeAgain(edition: Edition, recorded: readonly RecordedValues[]): JudgedAgain {
  const fired: FiredRule[] = []
  const notRecorded = new Set<FactName>()
  let undecided = 0
  for (const { about, ref, values } of recorded) {
    for (const rule of edition.rulesAbout[about]) {
      const result = resultFor(rule, values, notRecorded)
      if (result === 'cannot_tell') undecided += 1
      if (result !== 'fired' || rule.tell.length === 0) continue
      fired.push({ edition: edition.label, about: ref, tell: rule.tell })
    }
  }
  return { fired, undecided, notRecorded }
}

function resultFor({ conditions }: Rule, values: RecordedValues['values'], notRecorded: Set<FactName>) {
  const verdicts = conditions.map((condition) => {
    const value = values[condition.fact]
    if (value === undefined) notRecorded.add(condition.fact)
    return { verdict: verdictOf(condition, readWritten(value ?? null)) }
  })
  return resultOf(verdicts)
}
