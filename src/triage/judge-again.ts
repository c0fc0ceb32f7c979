import { judge, type Reading, resultOf } from '../policy/conditions.ts'
import type { Edition, Rule } from '../policy/edition.ts'
import type { FactName } from '../policy/facts.ts'
import type { RecordedFacts } from './facts.ts'
import type { FiredRule } from './recorded.ts'

/** What a procedure would have come to on facts that were recorded under another. */
export interface JudgedAgain {
  fired: FiredRule[]
  /** How many rulings nobody could tell. */
  undecided: number
  /** Facts that it needs of somebody here and that nobody recorded. */
  notRecorded: ReadonlySet<FactName>
}

const NOT_RECORDED: Reading = { kind: 'unknown', found: 'not recorded' }

/**
 * Applies an edition's rules to recorded facts. Nothing is read anew: a fact that was not recorded, because no fact of that
 * name existed yet, is unknown and never "no".
 */
export function judgeAgain(edition: Edition, recorded: readonly RecordedFacts[]): JudgedAgain {
  const fired: FiredRule[] = []
  const notRecorded = new Set<FactName>()
  let undecided = 0
  for (const subject of recorded) {
    const readings = new Map(subject.facts.map(({ fact, reading }) => [fact, reading]))
    for (const rule of edition.rulesAbout[subject.about]) {
      const result = resultFor(rule, readings, notRecorded)
      if (result === 'cannot_tell') undecided += 1
      if (result !== 'fired' || rule.tell.length === 0) continue
      fired.push({
        edition: edition.label,
        rule: rule.rule,
        subject: rule.about,
        about: subject.ref,
        tell: rule.tell,
      })
    }
  }
  return { fired, undecided, notRecorded }
}

function resultFor(rule: Rule, readings: ReadonlyMap<FactName, Reading>, notRecorded: Set<FactName>) {
  const findings = rule.conditions.map((condition) => {
    const reading = readings.get(condition.fact)
    if (reading === undefined) notRecorded.add(condition.fact)
    return judge(condition, reading ?? NOT_RECORDED)
  })
  return resultOf(findings)
}
