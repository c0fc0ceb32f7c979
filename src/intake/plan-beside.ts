import { type ChangedPlan, planChange } from '../routing/changes.ts'
import type { PlanInput } from '../routing/circumstances.ts'
import { asksInstead, type LookedAgain, lookAgain } from '../routing/look-again.ts'
import { planRouting } from '../routing/plan.ts'
import type { Background } from '../words/background.ts'
import type { Notification } from '../words/notification.ts'
import type { Ruling } from '../words/outcome.ts'
import type { VersionsBefore } from './versions-before.ts'

interface StillDue {
  rulings: readonly Ruling[]
  background: Background
}

/**
 * Plans beside what stands already: what older versions told, and what of this very version was held back until somebody has
 * looked again. Of the latter, what may not stay as it is is replaced before anybody sees it, as an older version's would be;
 * the rest goes on under its own id.
 * @param stillDue the rulings if every doubt were a yes and no register had let go of anybody, at the highest risk that any
 *   version gave, and what they rest on
 */
export function planBeside(
  input: PlanInput,
  before: VersionsBefore,
  stillDue: StillDue,
): ChangedPlan & Pick<LookedAgain, 'stays'> {
  const { older, heldBack } = before
  const { rulings, background } = stillDue
  const wouldBe: PlanInput = { ...input, background, outcome: { ...input.outcome, rulings: [...rulings] }, hoursAt: 'any time' }
  const { stale, stays } = lookAgain(heldBack, input, wouldBe)
  if (older.length === 0 && stale.size === 0)
    return { plan: planRouting(input), alreadyTold: [], withdrawn: [], replaced: [], stays }
  const replaced = heldBack.filter(({ dispatch }) => stale.has(dispatch.id)).map(({ dispatch }) => ({ ...dispatch, own: false }))
  const others = before.dispatches.filter(({ id }) => !stale.has(id))
  const planned = planChange(input, {
    dispatches: [...others, ...replaced].sort((one, other) => (one.id < other.id ? -1 : 1)),
    stillDue: rulings,
    stillKnown: background,
    reportedFirst: firstOf([input.notification, ...older.map(({ notification }) => notification)]),
    riskRose: older.length > 0 && older.every(({ victimRisk }) => rank(victimRisk) < rank(input.outcome.victimRisk)),
  })
  const withdrawn = planned.withdrawn.map((one) =>
    stale.has(one.id) && newerVersion.has(one.why)
      ? { ...one, why: 'it was looked at again before anyone saw it' as const }
      : one,
  )
  const lost = heldBack.filter(({ dispatch }) => withdrawn.some(({ id, by }) => id === dispatch.id && by === null))
  const { plan } = planned
  return { ...planned, plan: { ...plan, tasks: [...plan.tasks, ...asksInstead(lost, plan, input)] }, withdrawn, stays }
}

/** Of a dispatch of this version nobody may read that another version took its place. */
const newerVersion: ReadonlySet<string> = new Set([
  'a newer version replaces it before anyone saw it',
  'a newer version replaces it, and nobody knows whether an attempt arrived',
  'a newer version says it as it is now',
])

/** When police were first told, in any version. */
export function firstOf(versions: readonly Notification[]): Temporal.Instant {
  const [first] = versions
    .map(({ incident }) => Temporal.Instant.from(incident.reportedAt))
    .sort((one, other) => Temporal.Instant.compare(one, other))
  if (!first) throw new Error('There is no version')
  return first
}

/** A victim nobody has graded counts as high; a version that was never triaged told nobody anything. */
const rank = (risk: string | null) => ({ standard: 1, medium: 2, high: 3, not_graded: 3 })[risk ?? ''] ?? 0
