import type { DecisionKind } from '../words/decision.ts'
import type { Deadline, Desk, PlannedTask, TaskQuestion } from '../words/dispatch.ts'
import type { PersonRef } from '../words/ids.ts'
import type { Ask, Ruling, Tell } from '../words/outcome.ts'
import type { Circumstances } from './circumstances.ts'
import { schoolClockOf } from './circumstances.ts'
import { dueBy, earlier, reviewDueBy } from './deadlines.ts'
import type { GatheredTelling } from './tellings.ts'
import { gatherTellings, saysAsMuch } from './tellings.ts'

/** One question before it stands on a desk: with its own deadline, of which the task keeps the earliest. */
export interface OpenQuestion {
  desk: Desk
  question: string
  recommends: string | null
  /** Decisions that stand only once a supervisor agrees. */
  supervisorFor?: readonly DecisionKind[]
  about: readonly PersonRef[]
  rules: readonly string[]
  dueBy: Deadline
}

const deskOrder: readonly Desk[] = ['domestic_abuse_review', 'pitstop', 'mash', 'directory']

/**
 * What the rules themselves put to a person: the asks of those that fired, and each ruling that cannot tell.
 * @param told what the fired rules tell already, place by place
 */
export function questionsOfRulings(
  rulings: readonly Ruling[],
  about: Circumstances,
  told: readonly GatheredTelling[],
): OpenQuestion[] {
  return rulings.flatMap((ruling) => {
    if (ruling.result === 'fired') return ruling.ask.map((ask) => askedByRule(ruling, ask, about))
    if (ruling.result !== 'cannot_tell' || ruling.tell.length + ruling.ask.length === 0) return []
    return settledAnyway(ruling, about, told) ? [] : [cannotTell(ruling, about)]
  })
}

/**
 * Whatever the answer, it would change nothing: everyone the rule would tell hears as much already, about the same child and
 * no later. A desk that is asked what no longer matters has less eye for what does; the ruling itself still cannot tell.
 */
function settledAnyway(ruling: Ruling, about: Circumstances, told: readonly GatheredTelling[]): boolean {
  if (ruling.ask.length > 0) return false
  const open = gatherTellings([{ ...ruling, result: 'fired' }], about)
  return open.length > 0 && open.every((telling) => told.some((already) => saysAsMuch(already, telling)))
}

/** One task a desk, which lists every question once. */
export function tasksOf(questions: readonly OpenQuestion[], about: Circumstances): PlannedTask[] {
  const order = new Map(about.notification.people.map(({ ref }, index) => [ref, index]))
  return deskOrder.flatMap((desk) => {
    const onDesk = questions.filter((question) => question.desk === desk)
    const [first] = onDesk
    if (first === undefined) return []
    return [{ desk, questions: merged(onDesk, order), dueBy: onDesk.map((question) => question.dueBy).reduce(earlier) }]
  })
}

function merged(questions: readonly OpenQuestion[], order: ReadonlyMap<PersonRef, number>): TaskQuestion[] {
  const byText = new Map<
    string,
    { first: OpenQuestion; about: Set<PersonRef>; rules: Set<string>; supervised: Set<DecisionKind> }
  >()
  for (const question of questions) {
    const key = `${question.question}\n${question.recommends ?? ''}`
    const known = byText.get(key) ?? { first: question, about: new Set(), rules: new Set(), supervised: new Set() }
    byText.set(key, known)
    for (const ref of question.about) known.about.add(ref)
    for (const rule of question.rules) known.rules.add(rule)
    for (const decision of question.supervisorFor ?? []) known.supervised.add(decision)
  }
  return [...byText.values()].map(({ first, about, rules, supervised }) => ({
    question: first.question,
    ...(first.recommends === null ? {} : { recommends: first.recommends }),
    about: [...about].sort((one, other) => (order.get(one) ?? 0) - (order.get(other) ?? 0)),
    rules: [...rules],
    ...(supervised.size === 0 ? {} : { secondPerson: { supervisorFor: [...supervised] } }),
  }))
}

function askedByRule(ruling: Ruling, ask: Ask, about: Circumstances): OpenQuestion {
  return {
    desk: ask.desk,
    question: ask.question,
    recommends: ask.recommends ?? null,
    supervisorFor: ask.supervisorFor ?? [],
    about: aboutOf(ruling),
    rules: [ruling.rule],
    dueBy: askDueBy(ask, ruling, about),
  }
}

/** An ask tells no service, so a silent limit is the reviewer's own. */
function askDueBy({ desk, within }: Ask, ruling: Ruling, about: Circumstances): Deadline {
  const opening = () => schoolClockOf(personOf(ruling, about), about)
  if (within !== undefined && within.kind !== 'where silent') return limited(within, about, opening)
  return desk === 'directory' ? opening() : reviewDueBy(about.clock)
}

function cannotTell(ruling: Ruling, about: Circumstances): OpenQuestion {
  const opening = () => schoolClockOf(personOf(ruling, about), about)
  const unknown = ruling.findings
    .filter(({ verdict }) => verdict === 'unknown')
    .map(({ fact, wanted, found }) => `“${fact}” (${found}; the rule wants ${wanted})`)
  const known = unknown.length === 0 ? 'something the rule needs' : unknown.join(', ')
  const deadlines = [
    ...ruling.tell.map((tell) => dueBy(tell.within, tell.service, about.clock, opening)),
    ...ruling.ask.map((ask) => askDueBy(ask, ruling, about)),
  ]
  return {
    desk: 'domestic_abuse_review',
    question: `Not known: ${known}. Does this hold? ${ruling.says}`,
    recommends: recommendedWhenUnsure(ruling.tell),
    supervisorFor: ruling.ask.flatMap((ask) => ask.supervisorFor ?? []),
    about: aboutOf(ruling),
    rules: [ruling.rule],
    dueBy: deadlines.reduce(earlier, reviewDueBy(about.clock)),
  }
}

/** Invariant 3: when unsure, tell social care through a person. */
function recommendedWhenUnsure(tells: readonly Tell[]): string | null {
  const care = tells.find(({ service }) => service === 'childrens_social_care')
  if (care === undefined) return null
  return care.kind === 'referral' ? 'If in doubt, refer to social care.' : 'If in doubt, notify social care.'
}

function limited(within: NonNullable<Ask['within']>, about: Circumstances, opening: () => Deadline): Deadline {
  return dueBy(within, 'childrens_social_care', about.clock, opening)
}

function personOf(ruling: Ruling, about: Circumstances) {
  return ruling.about === null ? undefined : about.people.get(ruling.about)
}

function aboutOf(ruling: Ruling): PersonRef[] {
  return ruling.about === null ? [] : [ruling.about]
}
