import type { PlannedDispatch } from '../words/dispatch.ts'
import type { DispatchId, PersonRef } from '../words/ids.ts'
import type { Service } from '../words/recipient.ts'
import { type ChangeClock, changeClock, dueAfterChange } from './change-deadlines.ts'
import { correctionOf, recallOf } from './changed-content.ts'
import type { PlanInput } from './circumstances.ts'
import {
  type Before,
  contentTold,
  type EarlierDispatch,
  kindTold,
  sameTelling,
  strengthOf,
  type Told,
  toldBefore,
} from './earlier-dispatches.ts'
import { planRouting, type RoutingPlan, ringNow } from './plan.ts'
import { standsAnyway } from './stands-anyway.ts'
import { whatChanged } from './what-changed.ts'

/** What follows from a newer version beside what was told under the older ones. */
export interface ChangedPlan {
  /** What is sent now: to whom nobody told anything before, again to whom more is asked of, corrections and recalls. */
  plan: RoutingPlan
  /** Due, and told already by a dispatch that says what this version would say. */
  alreadyTold: AlreadyTold[]
  /** Earlier dispatches that are taken back before anybody acts on them. */
  withdrawn: { id: DispatchId; why: WithdrawnBecause; by: PlannedDispatch | null }[]
  /** Earlier dispatches that were seen, and what says it as it is now. */
  replaced: { id: DispatchId; by: PlannedDispatch }[]
}

export interface AlreadyTold {
  service: Service
  about: PersonRef[]
  dispatch: DispatchId
}

export type WithdrawnBecause =
  | 'a newer version replaces it before anyone saw it'
  | 'a newer version replaces it, and nobody knows whether an attempt arrived'
  | 'a newer version says it as it is now'
  | 'it was looked at again before anyone saw it'
  | 'nobody there is to be told any more'
  | 'what they hold is right again'
  | 'it is recalled'

interface Draft extends ChangedPlan {
  input: Omit<PlanInput, 'outcome' | 'background'>
  clock: ChangeClock
}

/**
 * Plans a newer version of a notification beside what was told before. Pure. Whoever holds something that has changed is
 * corrected, whoever should not have been told is asked to destroy it, what nobody has seen is replaced, and to whom nothing
 * changed nothing is sent. Should not have been told is whom the procedure would not have told by what police say now: a risk
 * graded lower, a doubt, and a register that has let somebody go take nothing back.
 */
export function planChange(input: PlanInput, before: Before): ChangedPlan {
  const newerVersion = { clockStartsAt: before.reportedFirst }
  const plan = planRouting({ ...input, newerVersion })
  const outcome = { ...input.outcome, rulings: [...before.stillDue] }
  const { stillKnown: background = input.background } = before
  const stillDue = planRouting({ ...input, newerVersion, outcome, background, hoursAt: 'any time' })
  const told = toldBefore(before.dispatches)
  const draft: Draft = { ...emptyChange(plan), input, clock: changeClock(input, before.riskRose) }
  for (const planned of withWhatStands(plan.dispatches, stillDue.dispatches, told)) {
    const key = sameTelling(planned)
    send(planned, told.get(key), draft)
    told.delete(key)
  }
  const notSent = [...plan.notDispatched, ...stillDue.notDispatched]
  for (const one of told.values()) {
    // What this very version told stays told: it is looked at again because somebody else became known, and only adds.
    const stands = one.own.length > 0 || standsAnyway(one, { ...input, notSent, sent: draft.plan.dispatches })
    takeBack(one, stands, draft)
  }
  const { alreadyTold, withdrawn, replaced } = draft
  return { plan: draft.plan, alreadyTold, withdrawn, replaced }
}

/** Takes back everything told under a notification that the force has withdrawn. Pure. */
export function planWithdrawal(
  input: Omit<PlanInput, 'outcome' | 'background'>,
  dispatches: readonly EarlierDispatch[],
): ChangedPlan {
  const nothing: RoutingPlan = { dispatches: [], tasks: [], notDispatched: [], upkeep: [] }
  const draft = { ...emptyChange(nothing), input, clock: changeClock(input, false) }
  // Of a withdrawn version its own dispatches are as good as an older one's.
  const older = dispatches.map((one) => ({ ...one, own: false }))
  for (const one of toldBefore(older).values()) takeBack(one, false, draft)
  const { plan, alreadyTold, withdrawn, replaced } = draft
  return { plan, alreadyTold, withdrawn, replaced }
}

function emptyChange(plan: RoutingPlan): ChangedPlan {
  return { plan: { ...plan, dispatches: [], tasks: [...plan.tasks] }, alreadyTold: [], withdrawn: [], replaced: [] }
}

/**
 * The newer version's own dispatches, and of those that would still be due at the old risk, or were a doubt a yes, the ones
 * that were told before: stronger than the newer version asks for where they were, and never due later.
 */
function withWhatStands(
  now: readonly PlannedDispatch[],
  stillDue: readonly PlannedDispatch[],
  told: ReadonlyMap<string, Told>,
): PlannedDispatch[] {
  const byKey = new Map(now.map((planned) => [sameTelling(planned), planned]))
  for (const planned of stillDue) {
    const key = sameTelling(planned)
    const before = told.get(key)
    if (before === undefined) continue
    const asked = byKey.get(key)
    const strongest = Math.max(0, ...livingOf(before).map((one) => strengthOf({ kind: kindTold(one), asks: one.asks })))
    if (asked === undefined || (strengthOf(asked) < strongest && strengthOf(planned) > strengthOf(asked))) byKey.set(key, planned)
  }
  return [...byKey.values()]
}

const livingOf = ({ seen, attempted, unseen, own }: Told) => [...seen, ...attempted, ...unseen, ...own]

function send(planned: PlannedDispatch, told: Told | undefined, draft: Draft): void {
  const asked = strengthOf(planned)
  const asMuch = (one: EarlierDispatch) => strengthOf({ kind: kindTold(one), asks: one.asks }) >= asked
  if (told === undefined || livingOf(told).length === 0) add(planned, draft)
  else if (told.own.length > 0) {
    // Triaged again: what this version sends already stands. A stronger ruling goes out beside it.
    if (!told.own.some(asMuch)) add(planned, draft)
  } else if (told.holds !== null && told.seen.some(asMuch)) correct(planned, told.holds, told, draft)
  else if (!goesOn(planned, told, asMuch, draft)) {
    const due = dueAfterChange(told.holds === null ? 'replaced' : 'asks for more', planned, livingOf(told), draft.clock)
    replaceBy({ ...planned, ...due }, told, draft)
  }
}

/** Nobody knows whether a call arrived, and it says what is so: it goes on under its own id, unless they must not hear. */
function goesOn(planned: PlannedDispatch, told: Told, asMuch: (one: EarlierDispatch) => boolean, draft: Draft): boolean {
  if (told.holds !== null || planned.hold !== null) return false
  const same = told.attempted.find((one) => asMuch(one) && whatChanged(contentTold(one), planned.content).length === 0)
  if (same === undefined) return false
  draft.alreadyTold.push({ service: planned.service, about: planned.about, dispatch: same.id })
  const others = [...told.unseen, ...told.attempted.filter((one) => one !== same)]
  withdraw(others, 'a newer version replaces it before anyone saw it', null, draft)
  return true
}

function correct(planned: PlannedDispatch, holds: EarlierDispatch, told: Told, draft: Draft): void {
  const changed = whatChanged(contentTold(holds), planned.content)
  if (changed.length === 0) {
    draft.alreadyTold.push({ service: planned.service, about: planned.about, dispatch: holds.id })
    withdraw([...told.unseen, ...told.attempted], 'what they hold is right again', null, draft)
    return
  }
  const { policeReference } = draft.input.notification
  const due = dueAfterChange('corrected', planned, livingOf(told), draft.clock)
  const content = correctionOf(policeReference, holds, changed, planned.content)
  replaceBy({ ...planned, ...due, kind: 'correction', concerns: holds.id, content }, told, draft)
}

function replaceBy(sent: PlannedDispatch, told: Told, draft: Draft): void {
  add(sent, draft)
  withdraw(told.unseen, 'a newer version replaces it before anyone saw it', sent, draft)
  withdraw(told.attempted, 'a newer version replaces it, and nobody knows whether an attempt arrived', sent, draft)
  for (const one of told.seen) {
    draft.replaced.push({ id: one.id, by: sent })
    // Collected once and put back: nobody else is to collect what is no longer so.
    if (one.state === 'released') withdraw([one], 'a newer version says it as it is now', sent, draft)
  }
}

/** They should not know it any more. What was seen is recalled, and so is what may have been. */
function takeBack(told: Told, stands: boolean, draft: Draft): void {
  withdraw(told.unseen, 'nobody there is to be told any more', null, draft)
  if (stands) return
  const last = told.holds ?? told.attempted.at(-1)
  if (last === undefined) return
  const recall = recallDispatch(last, draft)
  draft.plan.dispatches.push(recall)
  withdraw(told.attempted, 'it is recalled', recall, draft)
  for (const one of told.seen) {
    draft.replaced.push({ id: one.id, by: recall })
    // Nobody is to be rung for an answer to what they are asked to destroy: the recall has a clock of its own.
    if (!['acknowledged', 'withdrawn'].includes(one.state)) withdraw([one], 'it is recalled', recall, draft)
  }
}

function recallDispatch(earlier: EarlierDispatch, { input, clock }: Draft): PlannedDispatch {
  const { service, recipientId, about, rules, restricted } = earlier
  return {
    kind: 'recall',
    service,
    recipientId,
    about,
    rules,
    asks: null,
    restricted,
    releaseAt: input.releaseAt,
    dueBy: clock.urgent(service, recipientId),
    lateOnArrival: false,
    hold: null,
    concerns: earlier.id,
    content: recallOf(input.notification.policeReference, earlier),
  }
}

function withdraw(
  list: readonly EarlierDispatch[],
  why: WithdrawnBecause,
  by: PlannedDispatch | null,
  draft: Pick<ChangedPlan, 'withdrawn'>,
): void {
  for (const { id } of list) draft.withdrawn.push({ id, why, by })
}

function add(planned: PlannedDispatch, draft: Draft): void {
  draft.plan.dispatches.push(planned)
  if (!planned.lateOnArrival || planned.hold !== null) return
  const { about, rules, recipientId } = planned
  const name = draft.input.recipients.find(({ id }) => id === recipientId)?.name ?? recipientId
  const questions = [{ question: ringNow(name), about, rules }]
  draft.plan.tasks.push({ desk: 'directory', questions, dueBy: draft.clock.now })
}
