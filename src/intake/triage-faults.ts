import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { inTransaction } from '../database/again.ts'
import type { Trx } from '../database/connection.ts'
import { openDataKey } from '../database/sealing.ts'
import { taskEvents } from '../delivery/task-events.ts'
import { openTasks, type TaskOpened, type TaskToOpen } from '../delivery/task-store.ts'
import { postponeTriage, type ReadForFault, readForFault } from './triage-faults-store.ts'
import type { TriageRoom } from './triage-notifications.ts'

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000
/** After so many faults a person is asked at once, while the machine goes on trying. */
const FAULTS_BEFORE_A_PERSON = 5
const QUESTION =
  'This notification cannot be triaged by the rules: something in it or in the service fails. Read it, and tell everyone who must know.'

/** How long to wait after so many faults in a row: 1 s, growing to 1 minute. Pure. */
export function waitAfterFaults(faults: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** Math.max(0, faults - 1), LONGEST_WAIT_MS)
}

/**
 * A notification could not be triaged: it is due again, and never given up. The fifth fault opens an urgent task, because
 * a child may be waiting on what the machine cannot read.
 * @returns how often it has failed now; from the fifth on this is an alarm
 */
export async function postpone(room: TriageRoom, given: string): Promise<number> {
  const at = room.now().round('millisecond')
  return inTransaction(room.worker.kysely, async (trx) => {
    const stored = await readForFault(trx, given)
    if (!stored) return 0
    const failed = await postponeTriage(trx, stored.id, at.add({ milliseconds: waitAfterFaults(stored.faults + 1) }))
    if (failed !== FAULTS_BEFORE_A_PERSON) return failed
    const opened = await openUrgentTask(trx, room, stored, at)
    const event = { stream: stored.id, kind: 'triage failed', actor: 'system', detail: { faults: failed } }
    await appendAuditEvents(trx, at, [event, ...taskEvents(opened)])
    return failed
  })
}

/** The question is sealed with the notification's own key. Where that cannot be opened the alarm and the event must do. */
async function openUrgentTask(trx: Trx, room: TriageRoom, stored: ReadForFault, at: Temporal.Instant): Promise<TaskOpened[]> {
  const dataKey = keyOrNull(room, stored)
  if (dataKey === null) return []
  const task: TaskToOpen = {
    notification: { id: stored.id, dataKey },
    desk: 'domestic_abuse_review',
    agency: stored.agency,
    victimRisk: 'not_graded',
    questions: [{ question: QUESTION, about: [], rules: [] }],
    dueBy: at.add({ hours: 1 }),
  }
  return openTasks(trx, [task], at)
}

function keyOrNull({ keys }: TriageRoom, { id, key }: ReadForFault): Buffer | null {
  try {
    return openDataKey(keys.ring, id, key)
  } catch {
    // Absent or damaged: the caller counts the fault and raises the alarm, and the start of a process names absent keys.
    return null
  }
}
