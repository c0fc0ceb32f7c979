import { judge, resultOf } from '../policy/conditions.ts'
import type { Edition, Packs, Rule } from '../policy/edition.ts'
import type { Background } from '../words/background.ts'
import type { Notification } from '../words/notification.ts'
import type { About, Finding, Outcome, PolicyEdition, Ruling } from '../words/outcome.ts'
import type { RecordedFacts } from './facts.ts'
import { readFact, recordFacts } from './facts.ts'
import { highestGrade } from './risk.ts'
import type { Subject } from './situation.ts'
import { situationOf, subjectsOf } from './situation.ts'

/** What triage is given. All of it is in memory: triage reads no clock, no disk and no database. */
export interface TriageInput {
  notification: Notification
  background: Background
  packs: Packs
}

/**
 * Applies the law and the area's procedure to one notification: every rule to every subject it is about. The two are judged
 * apart, so that nothing an area writes can hold back what the law asks.
 */
export function outcomeOf(input: TriageInput): Outcome {
  return triage(input).outcome
}

/** The outcome, and every fact it rests on, to be stored beside it. */
export function outcomeWithFacts(input: TriageInput): { outcome: Outcome; facts: RecordedFacts[] } {
  const { outcome, subjects } = triage(input)
  return { outcome, facts: kinds.flatMap((about) => subjects[about].map(recordFacts)) }
}

const kinds = ['each child', 'each unborn child', 'each party', 'the notification'] as const satisfies readonly About[]

function triage({ notification, background, packs }: TriageInput): { outcome: Outcome; subjects: Record<About, Subject[]> } {
  const situation = situationOf(notification, background)
  const statutory = packs.statutoryFor(situation.reportedOnText)
  const edition = packs.editionFor(notification.incident.localAuthority, situation.reportedOnText)
  situation.areaHasProcedure = edition !== null
  const subjects = subjectsOf(situation)
  const rulings: Ruling[] = []
  applyEdition(statutory, subjects, rulings)
  if (edition !== null) applyEdition(edition, subjects, rulings)
  return {
    outcome: {
      policy: edition === null ? null : namedOnly(edition),
      statutory: namedOnly(statutory),
      victimRisk: highestGrade(situation),
      rulings,
    },
    subjects,
  }
}

function applyEdition(edition: Edition, subjects: Record<About, Subject[]>, rulings: Ruling[]): void {
  for (const about of kinds) {
    for (const rule of edition.rulesAbout[about]) {
      for (const subject of subjects[about]) rulings.push(applyRule(rule, edition.label, subject))
    }
  }
}

function applyRule(rule: Rule, edition: string, subject: Subject): Ruling {
  const findings: Finding[] = rule.conditions.map((condition) => judge(condition, readFact(subject, condition.slot)))
  return {
    rule: rule.rule,
    edition,
    subject: rule.about,
    about: subject.person === null ? null : subject.person.ref,
    result: resultOf(findings),
    says: rule.says,
    cites: rule.cites,
    findings,
    tell: rule.tell,
    ask: rule.ask,
  }
}

function namedOnly({ area, inForceFrom, sha256 }: Edition): PolicyEdition {
  return { area, inForceFrom, sha256 }
}
