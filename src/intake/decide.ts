import type { NewEvent } from '../audit/chain.ts'
import type { Due } from '../audit/completeness.ts'
import type { StoredPlan } from '../delivery/store-plans.ts'
import type { Packs } from '../policy/edition.ts'
import { type ChangedPlan, planWithdrawal } from '../routing/changes.ts'
import type { LookedAgain } from '../routing/look-again.ts'
import { planRouting, type RoutingPlan } from '../routing/plan.ts'
import { asRegistersSaid } from '../routing/registers-then.ts'
import type { RecordedFacts } from '../triage/facts.ts'
import { type Gap, gapsOf } from '../triage/gaps.ts'
import { outcomeOf, outcomeWithFacts } from '../triage/rulings.ts'
import type { Background } from '../words/background.ts'
import type { PlannedDispatch } from '../words/dispatch.ts'
import type { NotificationId } from '../words/ids.ts'
import type { Notification, RiskAssessment } from '../words/notification.ts'
import type { Outcome, Ruling } from '../words/outcome.ts'
import type { Recipient } from '../words/recipient.ts'
import type { KnownRestriction, KnownRestrictions } from '../words/restriction.ts'
import { deskAgency } from './desk-agency.ts'
import type { ToTriage } from './gather-background.ts'
import { type PersonsDecisions, rulingsOfPersons, withoutSettled } from './persons-decisions.ts'
import { firstOf, planBeside } from './plan-beside.ts'
import { openRecord, recordedRestrictions, saysTheSame, sealRecord, withTriage } from './record.ts'
import type { DueNotification, OtherVersion, Settled } from './triage-store.ts'
import type { OlderVersion, VersionsBefore } from './versions-before.ts'

/** A due notification, opened. */
export interface OpenedNotification extends DueNotification, ToTriage {
  dataKey: Buffer
}

/** What was decided about one notification, before any of it is stored. */
export interface Decision {
  one: OpenedNotification
  background: Background
  restrictions: KnownRestrictions
  facts: RecordedFacts[]
  outcome: Outcome
  gaps: Gap[]
  plan: RoutingPlan
  /** What follows for what was told before; null for a first version. */
  change: Changing | null
  recipients: readonly Recipient[]
  /** What people decided about it, in any version. */
  persons: PersonsDecisions | undefined
  /** Where a person graded the risk: all that is due by now, whoever was told before, for its limits. */
  wanted: readonly PlannedDispatch[]
  /** It was triaged before, and nothing came out otherwise. */
  asBefore: boolean
}

/** A change after the fact: what was told before, and what follows for it. */
export interface Changing {
  before: VersionsBefore
  plan: ChangedPlan & Partial<Pick<LookedAgain, 'stays'>>
}

export interface ToDecide {
  one: OpenedNotification
  background: Background | undefined
  restrictions: KnownRestrictions | undefined
  before: VersionsBefore | undefined
  persons: PersonsDecisions | undefined
  recipients: readonly Recipient[]
  packs: Packs
  at: Temporal.Instant
}

/** Judges and plans one notification. Pure: everything it needs was gathered before. */
export function decide({ one, background, restrictions, before, persons, recipients, packs, at }: ToDecide): Decision {
  if (!background) throw new Error(`Nothing was gathered for ${one.id}`)
  const { notification, receivedAt } = one
  const { outcome, facts } = outcomeWithFacts({ notification, background, packs })
  const gaps = gapsOf(notification, background)
  // What was told by day is not told again at night because a register was written meanwhile.
  const hoursAt = one.again ? receivedAt : at
  const known = restrictions ?? NO_RESTRICTIONS
  const input = { notification, outcome, background, gaps, recipients, restrictions: known, releaseAt: at, receivedAt, hoursAt }
  const wanted =
    persons && persons.grades.length > 0
      ? planRouting({
          ...input,
          ...(before
            ? { newerVersion: { clockStartsAt: firstOf([notification, ...before.older.map((older) => older.notification)]) } }
            : {}),
        }).dispatches
      : []
  const decided = { one, background, restrictions: known, facts, outcome, gaps, recipients, persons, wanted }
  if (!before) return whetherAsBefore({ ...decided, plan: planRouting(input), change: null })
  const atMost = {
    notification: atTheHighestRisk(notification, before.older),
    background: asRegistersSaid(
      background,
      before.older.flatMap(({ found }) => found),
    ),
  }
  const rulings = [...asIfDoubtsWereYes(outcomeOf({ ...atMost, packs }).rulings), ...rulingsOfPersons(notification, persons)]
  const plan = planBeside(input, before, { rulings, background: atMost.background })
  return whetherAsBefore({ ...decided, plan: plan.plan, change: { before, plan } })
}

/** Nobody looked, because nobody is bound by any, nor does the notification state one. */
const NO_RESTRICTIONS: KnownRestrictions = { living: [], lifted: [], doubts: [] }

/** A notification that its force has withdrawn: nothing is due, and what was told is taken back. */
export interface Withdrawal {
  one: OpenedNotification
  change: Changing
  recipients: readonly Recipient[]
}

export function decideWithdrawal(
  one: OpenedNotification,
  before: VersionsBefore,
  recipients: readonly Recipient[],
  at: Temporal.Instant,
): Withdrawal {
  const { notification, receivedAt } = one
  const plan = planWithdrawal({ notification, gaps: [], recipients, releaseAt: at, receivedAt }, before.dispatches)
  return { one, change: { before, plan }, recipients }
}

/** With the assessments of every version: the highest grade counts, and so do the most ticks. */
function atTheHighestRisk(notification: Notification, older: readonly OlderVersion[]): Notification {
  const assessments = older.flatMap((version) =>
    (version.notification.riskAssessments ?? []).flatMap((assessment): RiskAssessment[] => {
      const personRef = version.who.get(assessment.personRef)
      return personRef === undefined ? [] : [{ ...assessment, personRef }]
    }),
  )
  return { ...notification, riskAssessments: [...(notification.riskAssessments ?? []), ...assessments] }
}

const asIfDoubtsWereYes = (rulings: readonly Ruling[]): Ruling[] =>
  rulings.map((ruling) => (ruling.result === 'cannot_tell' ? { ...ruling, result: 'fired' } : ruling))

/**
 * Triaged again, and decided as before: the record and the timeline then hold it already. Every write to the directory makes
 * what waits for it due again, and a record that grew each time would say nothing more and grow without end.
 */
function whetherAsBefore(decided: Omit<Decision, 'asBefore'>): Decision {
  const { one, restrictions, outcome, gaps, plan, change } = decided
  if (!one.again || (change !== null && change.before.older.length > 0)) return { ...decided, asBefore: false }
  const latest = openRecord(one.dataKey, one.id, one.record).triages.at(-1)
  const bound = recordedRestrictions(restrictions)
  const asBefore =
    latest !== undefined && saysTheSame(latest, { outcome, gaps, notDispatched: plan.notDispatched, restrictions: bound })
  return { ...decided, asBefore }
}

/** What stays on the notification's row: the record, sealed, with this triage at its end. */
export function toSettled(decision: Decision, at: Temporal.Instant): Settled {
  const { one, background, restrictions, facts, outcome, gaps, plan, asBefore } = decision
  const bound = recordedRestrictions(restrictions)
  const triage = { at: at.toString(), background, restrictions: bound, facts, outcome, gaps, notDispatched: plan.notDispatched }
  return {
    id: one.id,
    state: 'triaged',
    record: asBefore ? null : sealRecord(one.dataKey, one.id, withTriage(openRecord(one.dataKey, one.id, one.record), triage)),
    victimRisk: outcome.victimRisk,
    policy: outcome.policy ?? outcome.statutory,
  }
}

export function withdrawalToStore({ one, change, recipients }: Withdrawal): StoredPlan {
  return storedPlan(one, { victimRisk: one.victimRisk ?? 'not_graded', plan: change.plan.plan, recipients })
}

export function toStoredPlan(decision: Decision): StoredPlan {
  const { one, outcome, recipients, persons } = decision
  const { rulings } = outcome
  const rests = {
    notification: one.notification,
    rulings,
    dispatches: decision.change ? decision.plan.dispatches : [],
    recipients,
  }
  const asked = persons ? { ...decision.plan, tasks: withoutSettled(decision.plan.tasks, rests, persons) } : decision.plan
  // Why somebody was not told is on the timeline already.
  const plan = decision.asBefore ? { ...asked, notDispatched: [] } : asked
  return storedPlan(one, { victimRisk: outcome.victimRisk, plan, recipients, restrictions: decision.restrictions.living })
}

function storedPlan(
  one: OpenedNotification,
  {
    victimRisk,
    plan,
    recipients,
    restrictions,
  }: {
    victimRisk: string
    plan: RoutingPlan
    recipients: readonly Recipient[]
    restrictions?: readonly KnownRestriction[]
  },
): StoredPlan {
  return {
    notification: { id: one.id, force: one.agency, dataKey: one.dataKey },
    victimRisk,
    plan,
    deskAgency: (desk) => deskAgency(desk, { ...one, restrictions }, recipients),
    recipients: new Map(recipients.map((recipient) => [recipient.id, recipient])),
  }
}

/** What was due, by reference only: the completeness report is made from it. */
export function triagedEvent({ one, outcome, gaps, plan, change }: Decision): NewEvent {
  const due: Due[] = outcome.rulings
    .filter(({ result }) => result === 'fired')
    .flatMap(({ rule, about, tell }) => tell.map(({ service }) => ({ service, about: about === null ? [] : [about], rule })))
  return {
    stream: one.id,
    kind: 'notification triaged',
    actor: 'system',
    detail: {
      policy: outcome.policy,
      statutory: outcome.statutory,
      due,
      notSent: plan.notDispatched.map(({ service, about, rule, reason }) => ({ service, about, rule, reason })),
      ...(gaps.length > 0 ? { gaps: gaps.map(({ code, about }) => ({ code, about })) } : {}),
      ...(change ? { alreadyTold: change.plan.alreadyTold } : {}),
    },
  }
}

export function supersededEvent({ id }: Pick<OtherVersion, 'id'>, by: NotificationId | undefined): NewEvent {
  return { stream: id, kind: 'notification superseded', actor: 'system', ...(by ? { detail: { by } } : {}) }
}
