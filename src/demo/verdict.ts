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

/** A row of the list of deliveries, as far as the demo reads it. */
export interface Delivery {
  id: string
  service: string
  recipient: { name: string }
  state: string
  plannedAt: string
  acknowledgedAt: string | null
}

/** What a force said it sent, held against what came. */
export interface Manifest {
  listed: number
  notReceived: string[]
  notListed: string[]
}

/** Everything the evening is judged by. */
export interface Evening {
  decided: readonly Decided[]
  report: Completeness
  deliveries: readonly Delivery[]
  manifest: Manifest
  /** Services whose teams say what came of it, and the dispatches whose outcome the force's own system heard. */
  outcomes: { expectedOf: readonly string[]; heard: ReadonlySet<string> }
}

const HAS_IT: readonly string[] = ['collected', 'delivered', 'acknowledged']
/** Nothing more happens to these by themselves. A dispatch that is held or given up has its reason and its task. */
const SETTLED: readonly string[] = ['acknowledged', 'withdrawn', 'held', 'given_up']

/** It has been acknowledged, or is where it will stay until a person does something. */
export function isSettled({ state }: Pick<Delivery, 'state'>): boolean {
  return SETTLED.includes(state)
}

/** A team that says what came of it has said so, and the force has heard. */
export function isAnswered(
  delivery: Pick<Delivery, 'id' | 'service' | 'state'>,
  expectedOf: readonly string[],
  heard: ReadonlySet<string>,
): boolean {
  return !isOwed(delivery, expectedOf) || heard.has(delivery.id)
}

function isOwed({ service, state }: Pick<Delivery, 'service' | 'state'>, expectedOf: readonly string[]): boolean {
  return state === 'acknowledged' && expectedOf.includes(service)
}

/**
 * What went wrong, each in a sentence; nothing when every notification was triaged, everything due was delivered or
 * collected in time, every outcome came back, and the record has no faults. What came too late to be told in time is not our
 * lateness.
 */
export function whatWentWrong({ decided, report, deliveries, manifest, outcomes }: Evening): string[] {
  const sentences = decided.flatMap((one) => [...untold(one), ...unheard(one, outcomes)])
  for (const { code, notification, detail } of report.faults)
    sentences.push(`Completeness: ${detail} (${code.replaceAll('_', ' ')}, ${notification}).`)
  if (report.notifications < decided.length)
    sentences.push(`Completeness: it counts ${report.notifications} notifications, and ${decided.length} were sent.`)
  const listed = new Set(deliveries.map(({ id }) => id))
  const unlisted = decided.flatMap(({ dispatches }) => dispatches).filter(({ id }) => !listed.has(id)).length
  if (unlisted > 0) sentences.push(`Deliveries: the list leaves out ${unlisted} of the dispatches.`)
  for (const reference of manifest.notReceived) sentences.push(`${reference} is on the manifest and was never received.`)
  for (const reference of manifest.notListed) sentences.push(`${reference} was received and is on no manifest.`)
  return sentences
}

function untold({ policeReference, state, dispatches }: Decided): string[] {
  const sentences = state === 'triaged' ? [] : [`${policeReference} is ${state} and was not triaged.`]
  for (const dispatch of dispatches) {
    const which = `${policeReference}: the ${dispatch.kind} to ${dispatch.recipient.name}`
    const due = dayAndTime(Temporal.Instant.from(dispatch.dueBy))
    if (dispatch.state !== 'withdrawn' && !HAS_IT.includes(dispatch.state))
      sentences.push(`${which} was not delivered or collected: it is ${dispatch.state.replace('_', ' ')}, due ${due}.`)
    if (dispatch.overdue && !dispatch.lateOnArrival) sentences.push(`${which} was due ${due} and came too late.`)
  }
  return sentences
}

function unheard({ policeReference, dispatches }: Decided, { expectedOf, heard }: Evening['outcomes']): string[] {
  return dispatches.flatMap((dispatch) => {
    if (!isOwed(dispatch, expectedOf)) return []
    const which = `${policeReference}: what came of it at ${dispatch.recipient.name}`
    if (dispatch.outcome === null) return `${which} does not stand with the notification.`
    return heard.has(dispatch.id) ? [] : `${which} was not told to the force’s own system.`
  })
}
