import canonicalize from 'canonicalize'
import type { HoldReason, PlannedDispatch } from '../words/dispatch.ts'
import type { DispatchId } from '../words/ids.ts'
import { type Circumstances, circumstancesOf, type PlanInput } from './circumstances.ts'
import { contentTold, type EarlierDispatch, kindTold, sameTelling, strengthOf } from './earlier-dispatches.ts'
import { planRouting } from './plan.ts'
import { hiddenFrom } from './protection.ts'
import { mayNotHear } from './who-must-not-hear.ts'

/** A dispatch of the very version being planned that was held back until somebody has looked again. */
export interface HeldBack {
  dispatch: EarlierDispatch
  /** Why it was held already. */
  hold: HoldReason | null
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
export function notAsTheyAre(heldBack: readonly HeldBack[], input: PlanInput, stillDue: PlanInput): Set<DispatchId> {
  if (heldBack.length === 0) return new Set()
  const planned = Map.groupBy([...planRouting(input).dispatches, ...planRouting(stillDue).dispatches], sameTelling)
  const about = circumstancesOf(input)
  const stale = heldBack.filter((one) => {
    const now = planned.get(sameTelling({ ...one.dispatch, kind: kindTold(one.dispatch) })) ?? []
    return isStale(one, now, about)
  })
  return new Set(stale.map(({ dispatch }) => dispatch.id))
}

function isStale({ dispatch, hold }: HeldBack, planned: readonly PlannedDispatch[], about: Circumstances): boolean {
  const kind = kindTold(dispatch)
  const same = planned.find((one) => one.kind === kind && one.asks === dispatch.asks)
  if (same !== undefined) {
    const saysOtherwise = canonicalize(same.content) !== canonicalize(contentTold(dispatch))
    // Whoever has seen it has seen it: to hold it now would keep nothing from them.
    return dispatch.seen ? saysOtherwise : saysOtherwise || same.hold !== hold || same.restricted !== dispatch.restricted
  }
  const told = strengthOf({ kind, asks: dispatch.asks })
  if (!dispatch.seen && planned.some((one) => strengthOf(one) > told)) return true
  // What is held is shown to nobody, and what was put back is shown to the next.
  if (hold !== null || (dispatch.seen && dispatch.state !== 'released')) return false
  return (
    mayNotHear(dispatch, about) || hiddenFrom(about.notification, [], about.restrictions).label(JSON.stringify(dispatch.content))
  )
}
