import type { NotificationId } from '../words/ids.ts'
import type { ManifestDifference } from './manifest-store.ts'

/** One service due to one set of people under one notification, as triage recorded it. References only. */
export interface Due {
  service: string
  about: string[]
  rule: string
}

/** Why something due has no dispatch; the reason is part of the record. */
export interface NotSent extends Due {
  reason: string
}

/** Due, and told already by a dispatch of an older version that says what this one would say. */
export interface AlreadyTold {
  service: string
  about: string[]
  dispatch: string
}

/** What the report is made from: one notification with what was due and what exists. */
export interface Accounted {
  id: NotificationId
  state: 'received' | 'triaged' | 'superseded' | 'withdrawn' | 'erased'
  receivedAt: Temporal.Instant
  nextAt: Temporal.Instant | null
  /** Everything due over all its triages. */
  due: Due[]
  notSent: NotSent[]
  /** Those whose dispatch stands: it is there, and nobody took it back. */
  alreadyTold: AlreadyTold[]
  dispatches: AccountedDispatch[]
  tasks: { id: string; state: string; nextAt: Temporal.Instant | null }[]
  /** Where its chain breaks; null where it holds. */
  broken: string | null
}

export interface AccountedDispatch {
  id: string
  service: string
  kind: string
  about: string[]
  state: string
  /** It was shown to somebody. */
  seen: boolean
  /** A call was made, and nobody can say that it did not arrive. */
  attempted: boolean
  /** What says it as it is now, or recalls it. */
  replacedBy: string | null
  overdue: boolean
  /** Its deadline, or when it was planned where that had passed already: from then on it should be marked. */
  dueBy: Temporal.Instant
  nextAt: Temporal.Instant | null
}

export type FaultCode =
  | 'not_triaged'
  | 'due_and_not_sent'
  | 'stale_and_waiting'
  | 'seen_and_not_recalled'
  | 'nobody_attends'
  | 'overdue_in_silence'
  | 'chain_broken'
  | 'sent_and_not_received'
  | 'received_and_not_listed'

export interface CompletenessFault {
  code: FaultCode
  /** Absent where a whole notification is missing. */
  notification?: NotificationId
  dispatch?: string
  detail: string
}

/** How long something due may wait for a worker before the report calls it forgotten. */
const PATIENCE_MS = 2 * 60 * 1000

/**
 * Every child × every service due has a dispatch, or a named reason why not; everything living has a next moment, and
 * that moment is not long past (invariants 2 and 4). Anything else is a fault. Pure.
 */
export function findFaults(one: Accounted, at: Temporal.Instant): CompletenessFault[] {
  const fault = (code: FaultCode, detail: string, dispatch?: string): CompletenessFault => ({
    code,
    notification: one.id,
    detail,
    ...(dispatch ? { dispatch } : {}),
  })
  const faults: CompletenessFault[] = []
  if (one.broken) faults.push(fault('chain_broken', one.broken))
  if (one.state === 'received' && forgotten(one.nextAt, at))
    faults.push(fault('not_triaged', 'It was received and has not been triaged'))
  // What a superseded version owed was sent, replaced or recalled before it stepped back.
  if (one.state === 'triaged' || one.state === 'superseded') {
    for (const due of one.due) {
      if (!answered(one, due))
        faults.push(
          fault(
            'due_and_not_sent',
            `${due.service} is due under ${due.rule} about ${due.about.join(', ') || 'the notification'}`,
          ),
        )
    }
  }
  faults.push(...faultsAfterChange(one, at).map(({ code, detail, dispatch }) => fault(code, detail, dispatch)))
  for (const dispatch of one.dispatches) {
    if (['acknowledged', 'withdrawn'].includes(dispatch.state)) continue
    if (forgotten(dispatch.nextAt, at))
      faults.push(fault('nobody_attends', `It is ${dispatch.state} and nothing has turned to it`, dispatch.id))
    if (!dispatch.overdue && forgotten(dispatch.dueBy, at))
      faults.push(fault('overdue_in_silence', 'Its deadline passed and it was not marked', dispatch.id))
  }
  for (const task of one.tasks) {
    if (task.state !== 'decided' && forgotten(task.nextAt, at))
      faults.push(fault('nobody_attends', `Task ${task.id} is ${task.state} and nothing has turned to it`))
  }
  return faults
}

/** What a force says it sent and what came differ: each reference on one side alone is a fault. Pure. */
export function manifestFaults({ agency, day, notReceived, notListed }: ManifestDifference): CompletenessFault[] {
  return [
    ...notReceived.map(
      (reference): CompletenessFault => ({
        code: 'sent_and_not_received',
        detail: `${agency} lists ${reference} on ${day}, and it was not received`,
      }),
    ),
    ...notListed.map(
      (reference): CompletenessFault => ({
        code: 'received_and_not_listed',
        detail: `${reference} was received from ${agency} on ${day}, and no manifest lists it`,
      }),
    ),
  ]
}

/** Nothing a newer version or a withdrawal has overtaken may wait to be seen, or stay with whoever should not hold it. */
function faultsAfterChange(one: Accounted, at: Temporal.Instant): ChangeFault[] {
  const settling = one.nextAt !== null && !forgotten(one.nextAt, at)
  if (settling || (one.state !== 'superseded' && one.state !== 'withdrawn')) return []
  return one.dispatches.flatMap(({ id, kind, state, seen, attempted, replacedBy }): ChangeFault[] => {
    if (kind === 'recall') return []
    if (!seen && !attempted && ['planned', 'released', 'held'].includes(state))
      return [{ code: 'stale_and_waiting', detail: `It is ${state}, and its version is ${one.state}`, dispatch: id }]
    if (seen && one.state === 'withdrawn' && replacedBy === null)
      return [{ code: 'seen_and_not_recalled', detail: 'Its notification is withdrawn', dispatch: id }]
    return []
  })
}

interface ChangeFault {
  code: 'stale_and_waiting' | 'seen_and_not_recalled'
  detail: string
  dispatch: string
}

function forgotten(moment: Temporal.Instant | null, at: Temporal.Instant): boolean {
  return moment !== null && at.epochMilliseconds - moment.epochMilliseconds > PATIENCE_MS
}

/** A grouped dispatch answers for each person it is about. */
function answered(one: Accounted, due: Due): boolean {
  const covers = (about: readonly string[]) => due.about.every((ref) => about.includes(ref))
  return (
    one.dispatches.some(({ kind, service, about }) => kind !== 'recall' && service === due.service && covers(about)) ||
    one.alreadyTold.some(({ service, about }) => service === due.service && covers(about)) ||
    one.notSent.some((reason) => reason.service === due.service && covers(reason.about))
  )
}
