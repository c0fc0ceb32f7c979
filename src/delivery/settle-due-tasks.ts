import { appendAuditEvents } from '../audit/append-audit-events.ts'
import type { NewEvent } from '../audit/chain.ts'
import { inTransaction } from '../database/again.ts'
import type { Trx } from '../database/connection.ts'
import { dutyRecipientOf } from '../directory/duty-contacts-store.ts'
import type { NotificationId, TaskId } from '../words/ids.ts'
import { type AttendedTask, attendTask } from './attend-task.ts'
import { dataKeysOf } from './due-store.ts'
import { openPrompts } from './prompt-store.ts'
import { FAULTY_AGAIN_MINUTES, pageOrRowByRow } from './row-by-row.ts'
import type { Due, DueRoom } from './settle-due.ts'
import { type DueTask, dueTaskIds, lockDueTask, lockDueTasks, putOffTask, saveDueTasks } from './task-due-store.ts'
import { OPERATOR_DESK, taskEvents } from './task-events.ts'
import { openTasks, type TaskToOpen } from './task-store.ts'

/** A task about a notification, and so about somebody's clock. */
type AboutSomebody = DueTask & { notification_id: NotificationId }

/**
 * One page of tasks whose moment has come: a claim that has ended, a deadline, or the next ring. The area's duty contact is rung,
 * and where the directory knows none, the directory is asked for one.
 */
export async function settleDueTasks(room: DueRoom, at: Temporal.Instant, limit: number): Promise<Due> {
  const settled = await pageOrRowByRow({
    whole: () => settlePage(room, at, limit, (trx) => lockDueTasks(trx, at, limit)),
    ids: () => dueTaskIds(room.db, at, limit),
    // Of one alone there is no more: what is behind this page is due on the next round.
    alone: async (id: TaskId) => ({ ...(await settlePage(room, at, 1, (trx) => lockDueTask(trx, at, id))), more: false }),
    putOff: (id) => putOffTask(room.db, id, at, at.add({ minutes: FAULTY_AGAIN_MINUTES })),
    faulted: room.faulted,
  })
  return { ids: [], unanswered: [], more: settled.some(({ more }) => more) }
}

function settlePage(
  { db, keys, faulted }: DueRoom,
  at: Temporal.Instant,
  limit: number,
  lock: (trx: Trx) => Promise<DueTask[]>,
): Promise<Pick<Due, 'more'>> {
  return inTransaction(db, async (trx) => {
    const attended = (await lock(trx)).map((task) => attendTask(task, at))
    await saveDueTasks(
      trx,
      attended.map(({ after }) => after),
    )
    const rung = await ring(trx, attended, at)
    const unheard = attended.flatMap(({ before, found }) =>
      isAboutSomebody(before) && before.desk !== 'directory' && found.includes('overdue') && rung.get(before.id) === null
        ? [before]
        : [],
    )
    const dataKeys = await dataKeysOf(
      trx,
      keys,
      unheard.map(({ notification_id }) => notification_id),
      faulted,
    )
    const asked = unheard.flatMap((task) => {
      const dataKey = dataKeys.get(task.notification_id)
      return dataKey ? [dutyContactWanted(task, dataKey)] : []
    })
    const opened = taskEvents(await openTasks(trx, asked, at))
    await appendAuditEvents(trx, at, [...attended.flatMap((one) => eventsOf(one, rung.get(one.before.id) ?? null)), ...opened])
    return { more: attended.length === limit }
  })
}

/** Has the duty contacts asked to look. @returns who, by task; null where the directory knows nobody */
async function ring(trx: Trx, attended: readonly AttendedTask[], at: Temporal.Instant): Promise<Map<string, string | null>> {
  const known = new Map<string, string | null>()
  const rung = new Map<string, string | null>()
  const prompts: Parameters<typeof openPrompts>[1][number][] = []
  for (const { before, after, found } of attended) {
    if (!rings(before) || !found.some((one) => one !== 'claim lapsed')) continue
    const place = `${before.agency} ${before.authority}`
    if (!known.has(place)) known.set(place, await dutyRecipientOf(trx, before.agency, before.authority ?? undefined))
    const recipientId = known.get(place) ?? null
    rung.set(before.id, recipientId)
    if (recipientId === null) continue
    const key = `task overdue ${before.id} ${after.rings}`
    prompts.push({
      key,
      why: 'task overdue',
      recipientId,
      role: 'duty',
      taskId: before.id,
      urgency: isUrgent(before) ? 'now' : 'today',
    })
  }
  await openPrompts(trx, prompts, at)
  return rung
}

function eventsOf({ before, after, found }: AttendedTask, rung: string | null): NewEvent[] {
  const { desk, agency, due_by: dueBy, claimed_by: claimedBy, claimed_until: claimedUntil } = before
  const elsewhere = before.alarm_id === null ? `recipient:${before.recipient_id}` : 'service'
  const about = { stream: before.notification_id ?? elsewhere, actor: 'system', task: before.id }
  return found.map((one) => {
    if (one === 'claim lapsed')
      return { ...about, kind: 'task claim lapsed', detail: { desk, claimedBy, claimedUntil: claimedUntil?.toString() } }
    const detail = { desk, agency, dueBy: dueBy.toString(), ...(rings(before) ? { rung, rings: after.rings } : {}) }
    return { ...about, kind: one === 'overdue' ? 'task overdue' : 'task still overdue', detail }
  })
}

/** Nobody can be rung about an overdue task of this agency: whoever keeps the directory finds somebody. */
function dutyContactWanted(task: AboutSomebody, dataKey: Buffer): TaskToOpen {
  const { agency, desk, about, victim_risk: victimRisk, due_by: dueBy, notification_id: id } = task
  const question = `A task on the desk ${desk.replaceAll('_', ' ')} of ${agency} is overdue, and the directory knows no duty contact of that agency. Ring them, and put a recipient with a duty contact into the directory.`
  const questions = [{ question, about, rules: [] }]
  return {
    notification: { id, dataKey },
    desk: 'directory',
    agency: OPERATOR_DESK,
    victimRisk: victimRisk ?? 'not_graded',
    questions,
    dueBy,
  }
}

const isAboutSomebody = (task: DueTask): task is AboutSomebody => task.notification_id !== null
const rings = ({ notification_id: notification, alarm_id: alarm }: DueTask) => notification !== null || alarm !== null
const isUrgent = ({ victim_risk: risk, alarm_id: alarm }: DueTask) => alarm !== null || risk === 'high' || risk === 'not_graded'
