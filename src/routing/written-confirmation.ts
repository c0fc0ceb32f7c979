import type { PlannedTask } from '../words/dispatch.ts'
import type { Service } from '../words/recipient.ts'
import { earlier } from './deadlines.ts'
import type { RoutingPlan } from './plan.ts'

/** A referral made by telephone. */
export interface Call {
  service: Service
  at: Temporal.Instant
}

/** A written referral that confirms a call, and by when it must. */
export interface Confirmation {
  service: Service
  dueBy: Temporal.Instant
}

/**
 * Where the procedure wants a referral by telephone confirmed in writing (domain A22), the written referral does that, and so
 * is due no later than the confirmation. A notification does not carry what a referral does: then, and where nothing at all is
 * sent to that service, a desk is asked. Pure.
 *
 * @param written services that hold a written referral of an earlier version
 */
export function confirmInWriting(
  plan: RoutingPlan,
  calls: readonly Call[],
  hours: number,
  written: ReadonlySet<Service>,
): { plan: RoutingPlan; confirmed: Confirmation[] } {
  const dispatches = plan.dispatches.map((planned) => ({ ...planned }))
  const tasks: PlannedTask[] = []
  const confirmed: Confirmation[] = []
  for (const { service, at } of calls) {
    const dueBy = at.add({ hours })
    const carrying = dispatches.filter(
      (planned) => planned.service === service && planned.kind === 'referral' && planned.hold === null,
    )
    for (const planned of carrying) planned.dueBy = earlier(planned.dueBy, dueBy)
    if (carrying.length > 0) confirmed.push({ service, dueBy })
    else if (!written.has(service)) tasks.push(askedToConfirm(service, hours, dueBy))
  }
  return { plan: { ...plan, dispatches, tasks: [...plan.tasks, ...tasks] }, confirmed }
}

function askedToConfirm(service: Service, hours: number, dueBy: Temporal.Instant): PlannedTask {
  const question = `Confirm in writing what was referred to ${service.replaceAll('_', ' ')} by telephone. The procedure wants it within ${hours} hours of the call, and no referral that is sent carries it.`
  return { desk: 'domestic_abuse_review', questions: [{ question, about: [], rules: [] }], dueBy }
}
