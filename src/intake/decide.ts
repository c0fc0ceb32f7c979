import type { NewEvent } from '../audit/chain.ts'
import type { Due } from '../audit/completeness.ts'
import type { StoredPlan } from '../delivery/store-plans.ts'
import type { Packs } from '../policy/edition.ts'
import { type ChangedPlan, planChange, planWithdrawal } from '../routing/changes.ts'
import { planRouting, type RoutingPlan } from '../routing/plan.ts'
import type { RecordedFacts } from '../triage/facts.ts'
import { type Gap, gapsOf } from '../triage/gaps.ts'
import { outcomeOf, outcomeWithFacts } from '../triage/rulings.ts'
import type { Background } from '../words/background.ts'
import type { Desk } from '../words/dispatch.ts'
import type { NotificationId } from '../words/ids.ts'
import type { Notification, RiskAssessment } from '../words/notification.ts'
import type { Outcome, Ruling } from '../words/outcome.ts'
import type { Recipient } from '../words/recipient.ts'
import type { ToTriage } from './gather-background.ts'
import { openRecord, saysTheSame, sealRecord, withTriage } from './record.ts'
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
  facts: RecordedFacts[]
  outcome: Outcome
  gaps: Gap[]
  plan: RoutingPlan
  /** What follows for what was told before; null for a first version. */
  change: Changing | null
  recipients: readonly Recipient[]
}

/** A change after the fact: what was told before, and what follows for it. */
export interface Changing {
  before: VersionsBefore
  plan: ChangedPlan
}

export interface ToDecide {
  one: OpenedNotification
  background: Background | undefined
  before: VersionsBefore | undefined
  recipients: readonly Recipient[]
  packs: Packs
  at: Temporal.Instant
}

/** Judges and plans one notification. Pure: everything it needs was gathered before. */
export function decide({ one, background, before, recipients, packs, at }: ToDecide): Decision {
  if (!background) throw new Error(`Nothing was gathered for ${one.id}`)
  const { notification, receivedAt } = one
  const { outcome, facts } = outcomeWithFacts({ notification, background, packs })
  const gaps = gapsOf(notification, background)
  // What was told by day is not told again at night because a register was written meanwhile.
  const hoursAt = one.again ? receivedAt : at
  const input = { notification, outcome, background, gaps, recipients, releaseAt: at, receivedAt, hoursAt }
  if (!before) return { one, background, facts, outcome, gaps, plan: planRouting(input), change: null, recipients }
  const stillDue = asIfDoubtsWereYes(
    outcomeOf({ notification: atTheHighestRisk(notification, before.older), background, packs }).rulings,
  )
  const plan = planChange(input, {
    dispatches: before.dispatches,
    stillDue,
    reportedFirst: firstOf([notification, ...before.older.map((older) => older.notification)]),
    riskRose: before.older.every(({ victimRisk }) => rank(victimRisk) < rank(outcome.victimRisk)),
  })
  return { one, background, facts, outcome, gaps, plan: plan.plan, change: { before, plan }, recipients }
}

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

function firstOf(versions: readonly Notification[]): Temporal.Instant {
  const [first] = versions
    .map(({ incident }) => Temporal.Instant.from(incident.reportedAt))
    .sort((one, other) => Temporal.Instant.compare(one, other))
  if (!first) throw new Error('There is no version')
  return first
}

/** A victim nobody has graded counts as high; a version that was never triaged told nobody anything. */
const rank = (risk: string | null) => ({ standard: 1, medium: 2, high: 3, not_graded: 3 })[risk ?? ''] ?? 0

/**
 * Triaged again, and decided as before: the record and the timeline then hold it already. Every write to the directory makes
 * what waits for it due again, and a record that grew each time would say nothing more and grow without end.
 */
export function decidedAsBefore({ one, outcome, gaps, plan, change }: Decision): boolean {
  if (!one.again || change !== null) return false
  const latest = openRecord(one.dataKey, one.id, one.record).triages.at(-1)
  return latest !== undefined && saysTheSame(latest, { outcome, gaps, notDispatched: plan.notDispatched })
}

/** What stays on the notification's row: the record, sealed, with this triage at its end. */
export function toSettled(decision: Decision, at: Temporal.Instant): Settled {
  const { one, background, facts, outcome, gaps, plan } = decision
  const triage = { at: at.toString(), background, facts, outcome, gaps, notDispatched: plan.notDispatched }
  return {
    id: one.id,
    state: 'triaged',
    record: decidedAsBefore(decision)
      ? null
      : sealRecord(one.dataKey, one.id, withTriage(openRecord(one.dataKey, one.id, one.record), triage)),
    victimRisk: outcome.victimRisk,
    policy: outcome.policy ?? outcome.statutory,
  }
}

export function withdrawalToStore({ one, change, recipients }: Withdrawal): StoredPlan {
  return storedPlan(one, { victimRisk: one.victimRisk ?? 'not_graded', plan: change.plan.plan, recipients })
}

export function toStoredPlan(decision: Decision): StoredPlan {
  const { one, outcome, recipients } = decision
  // Why somebody was not told is on the timeline already.
  const plan = decidedAsBefore(decision) ? { ...decision.plan, notDispatched: [] } : decision.plan
  return storedPlan(one, { victimRisk: outcome.victimRisk, plan, recipients })
}

function storedPlan(
  one: OpenedNotification,
  { victimRisk, plan, recipients }: { victimRisk: string; plan: RoutingPlan; recipients: readonly Recipient[] },
): StoredPlan {
  return {
    notification: { id: one.id, force: one.agency, dataKey: one.dataKey },
    victimRisk,
    plan,
    deskAgency: (desk) => deskAgency(desk, one, recipients),
    recipients: new Map(recipients.map((recipient) => [recipient.id, recipient])),
  }
}

/** Whose desk a task stands on (contract §1): the force's, the authority's social care, or the operator's. */
function deskAgency(desk: Desk, { agency, notification }: OpenedNotification, recipients: readonly Recipient[]): string {
  if (desk === 'directory') return 'operator'
  if (desk !== 'mash') return agency
  const { localAuthority } = notification.incident
  const socialCare = recipients.find(
    ({ service, authorities }) => service === 'childrens_social_care' && authorities.includes(localAuthority),
  )
  return socialCare?.agency ?? agency
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
