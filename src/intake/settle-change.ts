import type { NewEvent } from '../audit/chain.ts'
import type { Trx } from '../database/connection.ts'
import type { Keys } from '../database/service-keys.ts'
import { clearOf, plannedKey } from '../delivery/store-plans.ts'
import { openQuestions } from '../delivery/task-store.ts'
import type { TaskQuestion } from '../words/dispatch.ts'
import type { DispatchId, NotificationId, TaskId } from '../words/ids.ts'
import type { Changing, Decision, OpenedNotification } from './decide.ts'
import { type EarlierSettled, judgeContacts, settleEarlier } from './earlier-dispatches-store.ts'
import { closeTasks, lockOpenTasks, type OpenTask } from './older-tasks-store.ts'
import type { OlderVersion } from './versions-before.ts'

/** A notification whose change is decided, and stored as far as it sends anything. */
export interface Changed {
  one: OpenedNotification
  change: Changing
}

/**
 * Writes what becomes of everything told before: withdrawn, replaced, or let go on as it was.
 * @param made the ids of what was stored just now, by `plannedKey`
 * @returns the events of those that were withdrawn
 */
export async function settleChanged(
  trx: Trx,
  changed: readonly Changed[],
  made: ReadonlyMap<string, DispatchId>,
): Promise<NewEvent[]> {
  const settled: EarlierSettled[] = []
  const events: NewEvent[] = []
  for (const { one, change } of changed) {
    const { withdrawn, replaced } = change.plan
    const idOf = (planned: (typeof replaced)[number]['by'] | null) =>
      planned === null ? null : (made.get(plannedKey(one.id, planned)) ?? null)
    const taken = new Map(withdrawn.map((entry) => [entry.id, entry]))
    const said = new Map(replaced.map(({ id, by }) => [id, idOf(by)]))
    for (const row of change.before.stored) {
      const entry = taken.get(row.id)
      const by = entry ? idOf(entry.by) : (said.get(row.id) ?? null)
      settled.push({ id: row.id, withdrawn: entry !== undefined, by })
      if (!entry) continue
      const detail = { why: entry.why, ...(by ? { by } : {}) }
      events.push({ stream: row.notification_id, kind: 'dispatch withdrawn', actor: 'system', dispatch: row.id, detail })
    }
  }
  await settleEarlier(trx, settled)
  return events
}

/** What was looked at and stays may be written about to whoever is a contact there now and must not be kept from it. */
export async function judgeWhatStays(trx: Trx, keys: Keys, decisions: readonly Decision[]): Promise<void> {
  const judged = decisions.flatMap(({ change, recipients }) =>
    [...(change?.plan.stays ?? [])].flatMap(([id, planned]) => {
      const recipient = recipients.find((one) => one.id === planned.recipientId)
      return recipient === undefined ? [] : [{ id, clear: clearOf(keys, planned, recipient) }]
    }),
  )
  await judgeContacts(trx, judged)
}

/**
 * A desk is not asked the same twice: an older version's task is closed where the newer one's own asks at least as much. One
 * that somebody has claimed, or that asks more, stays. @returns the events of those that were closed
 */
export async function carryTasks(trx: Trx, changed: readonly Changed[], at: Temporal.Instant): Promise<NewEvent[]> {
  const versions = changed.filter(({ change }) => change.before.older.length > 0)
  if (versions.length === 0) return []
  const ids = versions.flatMap(({ one, change }) => [one.id, ...change.before.older.map(({ id }) => id)])
  const tasks = Map.groupBy(await lockOpenTasks(trx, ids), (task) => task.notification_id)
  const closed = versions.flatMap(({ one, change }) => {
    const own = (tasks.get(one.id) ?? []).map((task) => ({
      task,
      questions: openQuestions(one.dataKey, task.id, task.questions),
    }))
    return change.before.older.flatMap((older) =>
      (tasks.get(older.id) ?? []).flatMap((task) => {
        const asked = openQuestions(older.dataKey, task.id, task.questions)
        const by = own.find((newer) => newer.task.desk === task.desk && asksAtLeast(newer.questions, asked, older))
        return task.state === 'open' && by ? [{ task, by: by.task.id }] : []
      }),
    )
  })
  await closeTasks(
    trx,
    closed.map(({ task }) => task.id),
    at,
  )
  return closed.map(({ task, by }) => taskEvent(task, 'task replaced', { by }))
}

/** Nothing about a withdrawn notification is left to decide. @returns the events of the tasks that were closed */
export async function closeTasksOfWithdrawn(trx: Trx, withdrawn: readonly Changed[], at: Temporal.Instant): Promise<NewEvent[]> {
  if (withdrawn.length === 0) return []
  const ids = withdrawn.flatMap(({ one, change }) => [one.id, ...change.before.older.map(({ id }) => id)])
  const tasks = await lockOpenTasks(trx, ids)
  await closeTasks(
    trx,
    tasks.map(({ id }) => id),
    at,
  )
  return tasks.map((task) => taskEvent(task, 'task closed', { why: 'the notification is withdrawn' }))
}

function taskEvent(task: OpenTask, kind: string, rest: { by: TaskId } | { why: string }): NewEvent {
  const stream: NotificationId = task.notification_id
  return { stream, kind, actor: 'system', task: task.id, detail: { desk: task.desk, ...rest } }
}

function asksAtLeast(newer: readonly TaskQuestion[], older: readonly TaskQuestion[], { who }: OlderVersion): boolean {
  return older.every(({ question, about }) =>
    newer.some((other) => other.question === question && about.every((ref) => other.about.includes(who.get(ref) ?? ''))),
  )
}
