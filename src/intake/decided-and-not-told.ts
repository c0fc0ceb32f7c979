import type { Trx } from '../database/connection.ts'
import { planDecisionLater } from '../routing/decisions.ts'
import { sameTelling, strengthOf } from '../routing/earlier-dispatches.ts'
import type { RoutingPlan } from '../routing/plan.ts'
import type { PlannedDispatch } from '../words/dispatch.ts'
import type { Decision } from './decide.ts'
import { lockDispatchesOf, type StoredDispatch } from './earlier-dispatches-store.ts'
import { firstOf } from './plan-beside.ts'
import { toEarlier } from './versions-before.ts'

type Instant = Temporal.Instant

/**
 * Adds what people decided and nobody could be told: at that moment no recipient stood in the directory, or a restriction forbade
 * it. The directory has been mended since, or the restriction lifted, and no rule asks for it. What was told stays told once.
 * No statement where nobody decided that anybody is told.
 */
export async function withDecidedAndNotTold(trx: Trx, decisions: readonly Decision[], at: Instant): Promise<Decision[]> {
  const families = decisions.flatMap(({ persons }) => (persons && persons.told.length > 0 ? persons.family : []))
  if (families.length === 0) return [...decisions]
  const stored = Map.groupBy(await lockDispatchesOf(trx, families, []), ({ notification_id }) => notification_id)
  return decisions.map((decision) => ({ ...decision, plan: added(decision, stored, at) }))
}

function added(decision: Decision, stored: ReadonlyMap<string, readonly StoredDispatch[]>, at: Instant): RoutingPlan {
  const { one, outcome, background, recipients, restrictions, change, persons, plan } = decision
  const older = change?.before.older ?? []
  const told = [{ id: one.id, dataKey: one.dataKey, who: null }, ...older].flatMap(({ id, dataKey, who }) =>
    (stored.get(id) ?? []).map((row) => toEarlier(row, dataKey, who)),
  )
  const input = {
    ...{ notification: one.notification, outcome, background, gaps: [], recipients, restrictions },
    ...{ releaseAt: at, receivedAt: one.receivedAt, hoursAt: at },
    newerVersion: { clockStartsAt: firstOf([one.notification, ...older.map(({ notification }) => notification)]) },
  }
  let whole = plan
  for (const said of persons?.told ?? []) {
    const decided = planDecisionLater(input, said, { dispatches: told, cameToNothing: new Set() })
    const fresh = decided.dispatches.filter((planned) => !whole.dispatches.some((other) => saysAsMuch(other, planned)))
    whole = { ...whole, dispatches: [...whole.dispatches, ...fresh], tasks: [...whole.tasks, ...decided.tasks] }
  }
  return whole
}

/** A rule has it told at this very moment. */
const saysAsMuch = (one: PlannedDispatch, planned: PlannedDispatch) =>
  sameTelling(one) === sameTelling(planned) &&
  strengthOf(one) >= strengthOf(planned) &&
  planned.about.every((ref) => one.about.includes(ref))
