import canonicalize from 'canonicalize'
import type { HoldReason, PlannedDispatch, PlannedTask } from '../words/dispatch.ts'
import type { DispatchId } from '../words/ids.ts'
import { type Circumstances, circumstancesOf, type PlanInput } from './circumstances.ts'
import { contentTold, type EarlierDispatch, kindTold, sameTelling, strengthOf } from './earlier-dispatches.ts'
import { planRouting, type RoutingPlan } from './plan.ts'
import { hiddenFrom } from './protection.ts'
import { mayNotHear } from './who-must-not-hear.ts'

/** A dispatch of the very version being planned that was held back until somebody has looked again. */
export interface HeldBack {
  dispatch: EarlierDispatch
  /** Why it was held already. */
  hold: HoldReason | null
}

/** What a look at dispatches held back found. */
export interface LookedAgain {
  /** These may not stay as they are. */
  stale: ReadonlySet<DispatchId>
  /** Of those that stay, what would be planned now: it says the same, and may be for other contacts. */
  stays: ReadonlyMap<DispatchId, PlannedDispatch>
}

/**
 * Which of the dispatches held back may not stay as they are, because what they say is protected now, somebody must not hear
 * it, or nobody must be kept from it any longer. Pure. The rest go on under their own ids.
 *
 * One is measured by what would be planned for the same telling now. Where nothing would be, because a register has gone stale
 * or the school is not certain any more, it stays as long as it forbids nothing: planning again only adds. Where it is
 * forbidden, or says what is hidden now, it is taken back.
 * @param stillDue as in `changes.ts`: the plan if every doubt were a yes
 */
export function lookAgain(heldBack: readonly HeldBack[], input: PlanInput, stillDue: PlanInput): LookedAgain {
  if (heldBack.length === 0) return { stale: new Set(), stays: new Map() }
  const planned = Map.groupBy([...planRouting(input).dispatches, ...planRouting(stillDue).dispatches], sameTelling)
  const about = circumstancesOf(input)
  const stale = new Set<DispatchId>()
  const stays = new Map<DispatchId, PlannedDispatch>()
  for (const one of heldBack) {
    const now = planned.get(sameTelling({ ...one.dispatch, kind: kindTold(one.dispatch) })) ?? []
    const same = sameAsked(one, now)
    if (isStale(one, now, about)) stale.add(one.dispatch.id)
    else if (same !== undefined) stays.set(one.dispatch.id, same)
  }
  return { stale, stays }
}

const sameAsked = ({ dispatch }: HeldBack, planned: readonly PlannedDispatch[]) =>
  planned.find((one) => one.kind === kindTold(dispatch) && one.asks === dispatch.asks)

function isStale(one: HeldBack, planned: readonly PlannedDispatch[], about: Circumstances): boolean {
  const { dispatch, hold } = one
  const same = sameAsked(one, planned)
  if (same !== undefined) {
    const saysOtherwise = canonicalize(same.content) !== canonicalize(contentTold(dispatch))
    // Whoever has seen it has seen it: to hold it now would keep nothing from them.
    return dispatch.seen ? saysOtherwise : saysOtherwise || same.hold !== hold || same.restricted !== dispatch.restricted
  }
  const told = strengthOf({ kind: kindTold(dispatch), asks: dispatch.asks })
  if (!dispatch.seen && planned.some((other) => strengthOf(other) > told)) return true
  // What is held is shown to nobody, and what was put back is shown to the next.
  if (hold !== null || (dispatch.seen && dispatch.state !== 'released')) return false
  return (
    mayNotHear(dispatch, about) || hiddenFrom(about.notification, [], about.restrictions).label(JSON.stringify(dispatch.content))
  )
}

/**
 * What was taken back and is told to nobody in another way is not dropped in silence: a person is asked, by the deadline it
 * had. What a restriction forbids a rule to tell is asked about with its restriction already.
 */
export function asksInstead(
  lost: readonly HeldBack[],
  { notDispatched }: Pick<RoutingPlan, 'notDispatched'>,
  { recipients }: Pick<PlanInput, 'recipients'>,
): PlannedTask[] {
  return lost.flatMap(({ dispatch }) => {
    const { service, recipientId, about, rules, dueBy } = dispatch
    const forbidden = notDispatched.some(
      (one) =>
        one.service === service && one.reason === 'a restriction forbids it' && about.every((ref) => one.about.includes(ref)),
    )
    if (forbidden) return []
    const name = recipients.find(({ id }) => id === recipientId)?.name ?? recipientId
    const question = `What ${name} was to be told was taken back: it may not be told as it stood, and no rule asks for it now. Who is told instead, and what?`
    return [{ desk: 'domestic_abuse_review', questions: [{ question, about, rules }], dueBy }]
  })
}
