import type { Decided } from '../intake/notification-bodies.ts'
import { dayAndTime } from './london-time.ts'

/** The completeness report, as the API gives it. */
export interface Completeness {
  notifications: number
  due: number
  dispatches: Record<string, number>
  notSent: Record<string, number>
  overdue: number
  openTasks: number
  faults: { code: string; notification: string; detail: string }[]
  faultsTotal: number
}

const HAS_IT: readonly string[] = ['collected', 'delivered', 'acknowledged']
/** Nothing more happens to these by themselves. A dispatch that is held or given up has its reason and its task. */
const SETTLED: readonly string[] = ['acknowledged', 'withdrawn', 'held', 'given_up']

/** How many of a notification's dispatches are where they will stay. */
export function settledCount({ dispatches }: Decided): number {
  return dispatches.filter(({ state }) => SETTLED.includes(state)).length
}

/** It was triaged, and whoever was due has said that they have it, or it is named why not. */
export function isSettled(decided: Decided): boolean {
  return decided.state === 'triaged' && settledCount(decided) === decided.dispatches.length
}

/**
 * What went wrong, each in a sentence; nothing when every notification was triaged, everything due was delivered or
 * collected in time, and the record has no faults. What came too late to be told in time is not our lateness.
 */
export function whatWentWrong(decided: readonly Decided[], report: Completeness): string[] {
  const sentences: string[] = []
  for (const { policeReference, state, dispatches } of decided) {
    if (state !== 'triaged') sentences.push(`${policeReference} is ${state} and was not triaged.`)
    for (const dispatch of dispatches) {
      const which = `${policeReference}: the ${dispatch.kind} to ${dispatch.recipient.name}`
      const due = dayAndTime(Temporal.Instant.from(dispatch.dueBy))
      if (dispatch.state !== 'withdrawn' && !HAS_IT.includes(dispatch.state))
        sentences.push(`${which} was not delivered or collected: it is ${dispatch.state.replace('_', ' ')}, due ${due}.`)
      if (dispatch.overdue && !dispatch.lateOnArrival) sentences.push(`${which} was due ${due} and came too late.`)
    }
  }
  for (const { code, notification, detail } of report.faults)
    sentences.push(`Completeness: ${detail} (${code.replaceAll('_', ' ')}, ${notification}).`)
  if (report.notifications < decided.length)
    sentences.push(`Completeness: it counts ${report.notifications} notifications, and ${decided.length} were sent.`)
  return sentences
}
