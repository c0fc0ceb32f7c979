import { decisionRule, type PersonsDecision } from '../words/decision.ts'
import type { DispatchKind, NotDispatched, PlannedDispatch } from '../words/dispatch.ts'
import type { DispatchId, PersonRef } from '../words/ids.ts'
import type { Notification } from '../words/notification.ts'
import type { About, Ruling } from '../words/outcome.ts'
import type { Service } from '../words/recipient.ts'
import { londonDate } from './calendar.ts'
import type { AlreadyTold } from './changes.ts'
import { carriersOf, childrenOf } from './children.ts'
import type { PlanInput } from './circumstances.ts'
import { type EarlierDispatch, kindTold, sameTelling, strengthOf, toldBefore } from './earlier-dispatches.ts'
import { planRulings, type RoutingPlan, ringNow } from './plan.ts'
import { aboutOne } from './tellings.ts'

/** What follows from a person's decision beside what was told before. */
export interface DecidedPlan {
  plan: RoutingPlan
  /** Decided, and told already by a dispatch that says as much. */
  alreadyTold: AlreadyTold[]
}

/** What was told under the notification, and which of it reached nobody in the end. */
export interface ToldSoFar {
  dispatches: readonly EarlierDispatch[]
  /** Given back by whoever had it, or given up: it counts for nothing when a person says that they are to be told. */
  cameToNothing: ReadonlySet<DispatchId>
}

/**
 * Plans what a person decided as if a rule had fired: through the directory, the calendar and the allow-lists, past restrictions
 * and conflicts, by the limits of a silent procedure, or now where these are past. Pure. What the rules told is not told twice;
 * what asks for more goes out beside it.
 */
export function planDecision(input: PlanInput, decision: PersonsDecision, told: ToldSoFar): DecidedPlan {
  const rulings = rulingsOfDecision(decision, input.notification)
  const planned = planRulings({ ...input, outcome: { ...input.outcome, rulings } })
  const before = toldBefore(told.dispatches)
  const alreadyTold: AlreadyTold[] = []
  const dispatches: PlannedDispatch[] = []
  const notDispatched = [...planned.notDispatched]
  for (const one of planned.dispatches) {
    const known = before.get(sameTelling(one))
    const living = known === undefined ? [] : [...known.seen, ...known.attempted, ...known.unseen, ...known.own]
    const by = living.find((earlier) => !told.cameToNothing.has(earlier.id) && saysAsMuch(earlier, one))
    if (by === undefined) dispatches.push(toSend(one, told.dispatches, input.releaseAt))
    else if (by.state === 'held') notDispatched.push(...whyHeld(one))
    else alreadyTold.push({ service: one.service, about: one.about, dispatch: by.id })
  }
  const asks = dispatches.length + notDispatched.length > 0 ? planned.tasks : []
  return { plan: { ...planned, dispatches, notDispatched, tasks: [...asks, ...rings(dispatches, input)] }, alreadyTold }
}

/**
 * The same, long after it was decided: whoever could not be told then. Pure. Who stands in for a service at night is told with it
 * and never by itself: what was told by day is not told again because somebody looks again at night.
 */
export function planDecisionLater(input: PlanInput, decision: PersonsDecision, told: ToldSoFar): RoutingPlan {
  const { plan } = planDecision(input, decision, told)
  const byDay = { ...input, outcome: { ...input.outcome, victimRisk: 'standard' as const } }
  const usual = new Set(planDecision(byDay, decision, { ...told, dispatches: [] }).plan.dispatches.map(sameTelling))
  const own = plan.dispatches.filter((one) => usual.has(sameTelling(one)))
  const dispatches = plan.dispatches.filter((one) => own.includes(one) || own.some(({ service }) => service === one.service))
  const tasks = dispatches.length + plan.notDispatched.length > 0 ? plan.tasks : []
  return { ...plan, dispatches, tasks }
}

/** It stands and is held: nobody there knows of it, and what keeps it from them is still to be settled. */
function whyHeld({ service, about, rules, hold }: PlannedDispatch): NotDispatched[] {
  const reason = hold === 'restriction' ? 'a restriction forbids it' : 'a recipient conflict holds it'
  return rules.map((rule) => ({ service, about, rule, reason }))
}

/** A person's decision in the form a rule's has, so that whoever plans a newer version finds it standing. Pure. */
export function rulingsOfDecision(decision: PersonsDecision, notification: Notification): Ruling[] {
  const on = londonDate(Temporal.Instant.from(notification.incident.reportedAt))
  const children = new Set(childrenOf(notification, on).map(({ ref }) => ref))
  const carriers = new Set(carriersOf(notification).map(({ ref }) => ref))
  return decision.services.flatMap((service) =>
    peopleFor(service, decision.about, { children, carriers }).map((about): Ruling => {
      const { task, recipientId } = decision
      const subject: About =
        about === null
          ? 'the notification'
          : children.has(about)
            ? 'each child'
            : carriers.has(about)
              ? 'each unborn child'
              : 'each party'
      return {
        rule: decisionRule(task),
        edition: 'a person',
        subject,
        about,
        result: 'fired',
        says: 'A person decided that they are told.',
        cites: { document: 'A decision', section: task },
        findings: [],
        tell: [
          {
            service,
            kind: kindFor(service, decision),
            within: { kind: 'where silent' },
            ...(recipientId === null ? {} : { recipientId }),
          },
        ],
        ask: [],
      }
    }),
  )
}

/** Whom of those asked about a service is told of: a school hears of children alone. Nobody named means everybody. */
function peopleFor(
  service: Service,
  about: readonly PersonRef[],
  { children, carriers }: { children: ReadonlySet<PersonRef>; carriers: ReadonlySet<PersonRef> },
): (PersonRef | null)[] {
  const fits = about.filter((ref) => children.has(ref) || (carriers.has(ref) && !service.startsWith('education')))
  if (fits.length > 0) return fits
  return about.length > 0 && !aboutOne(service) ? [...about] : [null]
}

/** An alert is what a school is sent, and a hand-off what the separate process for a party under 16 is. */
function kindFor(service: Service, { decision }: PersonsDecision): DispatchKind {
  if (service === 'education_setting') return 'alert'
  if (service === 'police_child_protection') return 'handoff'
  return decision === 'refer' ? 'referral' : 'notification'
}

function saysAsMuch(earlier: EarlierDispatch, planned: PlannedDispatch): boolean {
  return (
    strengthOf({ kind: kindTold(earlier), asks: earlier.asks }) >= strengthOf(planned) &&
    planned.about.every((ref) => earlier.about.includes(ref))
  )
}

/** What was owed once and came to nothing is owed anew: it names what it follows, or it could not stand beside it. */
function toSend(planned: PlannedDispatch, told: readonly EarlierDispatch[], now: Temporal.Instant): PlannedDispatch {
  const dueBy = Temporal.Instant.compare(planned.dueBy, now) < 0 ? now : planned.dueBy
  const last = told.findLast(
    (one) => one.own && one.kind === planned.kind && one.asks === planned.asks && samePeople(one, planned),
  )
  return { ...planned, dueBy, ...(last === undefined ? {} : { concerns: last.id }) }
}

const samePeople = (one: EarlierDispatch, planned: PlannedDispatch) =>
  one.service === planned.service &&
  one.recipientId === planned.recipientId &&
  [...one.about].sort().join() === [...planned.about].sort().join()

/** The limit had run out before anybody told us: whoever is told so late is rung at once. */
function rings(dispatches: readonly PlannedDispatch[], { recipients, releaseAt }: PlanInput): RoutingPlan['tasks'] {
  const late = dispatches.filter(({ lateOnArrival, hold }) => lateOnArrival && hold === null)
  if (late.length === 0) return []
  const questions = late.map(({ recipientId, about, rules }) => ({
    question: ringNow(recipients.find(({ id }) => id === recipientId)?.name ?? recipientId),
    about,
    rules,
  }))
  return [{ desk: 'directory', questions, dueBy: releaseAt }]
}
