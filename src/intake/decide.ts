import type { NewEvent } from '../audit/chain.ts'
import type { Due } from '../audit/completeness.ts'
import type { StoredPlan } from '../delivery/store-plans.ts'
import type { Packs } from '../policy/edition.ts'
import { planRouting, type RoutingPlan } from '../routing/plan.ts'
import type { RecordedFacts } from '../triage/facts.ts'
import { outcomeWithFacts } from '../triage/rulings.ts'
import type { Background } from '../words/background.ts'
import type { Desk } from '../words/dispatch.ts'
import type { Outcome } from '../words/outcome.ts'
import type { Recipient } from '../words/recipient.ts'
import type { ToTriage } from './gather-background.ts'
import { openRecord, sealRecord, withTriage } from './record.ts'
import type { DueNotification, OtherVersion, Settled } from './triage-store.ts'

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
  plan: RoutingPlan
  recipients: readonly Recipient[]
}

export interface ToDecide {
  one: OpenedNotification
  background: Background | undefined
  recipients: readonly Recipient[]
  packs: Packs
  at: Temporal.Instant
}

/** Judges and plans one notification. Pure: everything it needs was gathered before. */
export function decide({ one, background, recipients, packs, at }: ToDecide): Decision {
  if (!background) throw new Error(`Nothing was gathered for ${one.id}`)
  const { notification, receivedAt } = one
  const { outcome, facts } = outcomeWithFacts({ notification, background, packs })
  const plan = planRouting({ notification, outcome, background, recipients, releaseAt: at, receivedAt })
  return { one, background, facts, outcome, plan, recipients }
}

/** What stays on the notification's row: the record, sealed, with this triage at its end. */
export function toSettled({ one, background, facts, outcome, plan }: Decision, at: Temporal.Instant): Settled {
  const triage = { at: at.toString(), background, facts, outcome, notDispatched: plan.notDispatched }
  return {
    id: one.id,
    state: 'triaged',
    record: sealRecord(one.dataKey, one.id, withTriage(openRecord(one.dataKey, one.id, one.record), triage)),
    victimRisk: outcome.victimRisk,
    policy: outcome.policy ?? outcome.statutory,
  }
}

export function toStoredPlan({ one, outcome, plan, recipients }: Decision): StoredPlan {
  return {
    notification: { id: one.id, force: one.agency, dataKey: one.dataKey },
    victimRisk: outcome.victimRisk,
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
export function triagedEvent({ one, outcome, plan }: Decision): NewEvent {
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
    },
  }
}

export function supersededEvent({ id }: Pick<OtherVersion, 'id'>): NewEvent {
  return { stream: id, kind: 'notification superseded', actor: 'system' }
}
