import { CompiledQuery } from 'kysely'
import type { Trx } from '../database/connection.ts'
import { newId } from '../database/new-id.ts'
import { openJson, sealJson } from '../database/sealing.ts'
import type { Desk, TaskQuestion } from '../words/dispatch.ts'
import type { NotificationId, TaskId } from '../words/ids.ts'
import { arrayText } from './dispatch-store.ts'

type Instant = Temporal.Instant

/** One question, or several, for a desk about one notification. */
export interface TaskToOpen {
  notification: { id: NotificationId; dataKey: Buffer }
  desk: Desk
  /** The agency whose desk it is. */
  agency: string
  victimRisk: string
  questions: readonly TaskQuestion[]
  dueBy: Instant
}

/** What became of it: a desk has at most one open task a notification, so a later question joins the one that is open. */
export interface TaskOpened {
  id: TaskId
  notificationId: NotificationId
  desk: Desk
  agency: string
  change: 'opened' | 'question added' | 'moved' | 'nothing new'
  about: string[]
  rules: string[]
  dueBy: Instant
}

/** A deadline that has passed already is looked at now, and not "since then": nobody has left this task lying. */
const INSERT = `
  insert into task (id, notification_id, agency, desk, about, victim_risk, questions, due_by, opened_at, next_at)
  select id, notification_id, agency, desk, about::text[], victim_risk, questions, due_by, $9, greatest(due_by, $9)
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::timestamptz[])
    as asked (id, notification_id, agency, desk, about, victim_risk, questions, due_by)
  on conflict (notification_id, desk) where state <> 'decided' and notification_id is not null do nothing
  returning id`

const LOCK_OPEN = `
  select t.id, t.notification_id, t.desk, t.agency, t.questions, t.due_by, t.overdue
  from task t join unnest($1::text[], $2::text[]) as asked (notification_id, desk) on t.notification_id = asked.notification_id and t.desk = asked.desk
  where t.state <> 'decided' order by t.id for update of t`

// Whose desk it is may have changed: a restriction keeps it from whoever had it, or another team does the work. Their claim ends.
const ADD = `
  update task t set questions = more.questions, about = more.about::text[], due_by = more.due_by, agency = more.agency,
    state = case when t.agency = more.agency then t.state else 'open' end,
    claimed_by = case when t.agency = more.agency then t.claimed_by end,
    claimed_until = case when t.agency = more.agency then t.claimed_until end,
    next_at = case when t.overdue then t.next_at
      else least(case when t.agency = more.agency then t.claimed_until end, greatest(more.due_by, $5)) end
  from unnest($1::text[], $2::bytea[], $3::text[], $4::timestamptz[], $6::text[]) as more (id, questions, about, due_by, agency)
  where t.id = more.id and t.state <> 'decided'`

interface OpenRow {
  id: TaskId
  notification_id: NotificationId
  desk: Desk
  agency: string
  questions: Buffer
  due_by: Instant
}

const keyOf = (notificationId: string, desk: string) => `${notificationId} ${desk}`

/**
 * Opens tasks, or adds their questions to the ones that are open; the earlier deadline wins. A question that is asked
 * already is not asked twice.
 * @returns what changed, one entry a notification and desk
 */
export async function openTasks(trx: Trx, tasks: readonly TaskToOpen[], at: Instant): Promise<TaskOpened[]> {
  if (tasks.length === 0) return []
  const asked = gathered(tasks).map((task) => ({ ...task, id: newId('tsk') }))
  const column = <T>(pick: (task: (typeof asked)[number]) => T) => asked.map(pick)
  const { rows } = await trx.executeQuery<{ id: TaskId }>(
    CompiledQuery.raw(INSERT, [
      column(({ id }) => id),
      column(({ notification }) => notification.id),
      column(({ agency }) => agency),
      column(({ desk }) => desk),
      column(({ questions }) => arrayText(aboutOf(questions))),
      column(({ victimRisk }) => victimRisk),
      column(({ id, notification, questions }) => sealQuestions(notification.dataKey, id, questions)),
      column(({ dueBy }) => dueBy),
      at,
    ]),
  )
  const fresh = new Set(rows.map(({ id }) => id))
  const opened = asked.filter(({ id }) => fresh.has(id)).map((task) => told(task, task.id, 'opened'))
  const added = await addQuestions(
    trx,
    asked.filter(({ id }) => !fresh.has(id)),
    at,
  )
  return [...opened, ...added]
}

async function addQuestions(trx: Trx, tasks: readonly TaskToOpen[], at: Instant): Promise<TaskOpened[]> {
  if (tasks.length === 0) return []
  const { rows } = await trx.executeQuery<OpenRow>(
    CompiledQuery.raw(LOCK_OPEN, [tasks.map(({ notification }) => notification.id), tasks.map(({ desk }) => desk)]),
  )
  const open = new Map(rows.map((row) => [keyOf(row.notification_id, row.desk), row]))
  const results: TaskOpened[] = []
  const changed: { id: TaskId; sealed: Buffer; about: string; dueBy: Instant; agency: string }[] = []
  for (const task of tasks) {
    const row = open.get(keyOf(task.notification.id, task.desk))
    // Decided between our insert and our lock. The caller's transaction fails and is tried again, and then opens a new one.
    if (!row) throw new Error(`The task on ${task.desk} was decided while a question was added`)
    const before = questionsOrLost(task.notification.dataKey, row)
    const questions = withoutRepeats([...before, ...task.questions])
    const sooner = Temporal.Instant.compare(task.dueBy, row.due_by) < 0
    const moves = row.agency !== task.agency
    if (before !== LOST && questions.length === before.length && !sooner && !moves) {
      results.push(told(task, row.id, 'nothing new'))
      continue
    }
    const dueBy = sooner ? task.dueBy : row.due_by
    const sealed = sealQuestions(task.notification.dataKey, row.id, questions)
    changed.push({ id: row.id, sealed, about: arrayText(aboutOf(questions)), dueBy, agency: task.agency })
    results.push(told({ ...task, dueBy }, row.id, moves ? 'moved' : 'question added'))
  }
  if (changed.length === 0) return results
  const column = <T>(pick: (row: (typeof changed)[number]) => T) => changed.map(pick)
  await trx.executeQuery(
    CompiledQuery.raw(ADD, [
      column(({ id }) => id),
      column(({ sealed }) => sealed),
      column(({ about }) => about),
      column(({ dueBy }) => dueBy),
      at,
      column(({ agency }) => agency),
    ]),
  )
  return results
}

/** Whoever has the task learns that there was more; the timeline says which rules asked it. */
const LOST: readonly TaskQuestion[] = [
  { question: 'What was asked here before cannot be read any more. Read the notification again.', about: [], rules: [] },
]

/** Its key opens and its questions do not: their bytes are damaged for good, and what is asked now must still reach a person. */
function questionsOrLost(dataKey: Buffer, { id, questions }: OpenRow): readonly TaskQuestion[] {
  try {
    return openQuestions(dataKey, id, questions)
  } catch {
    return LOST
  }
}

/** The questions of a task, in the order they were asked. */
export function openQuestions(dataKey: Buffer, id: TaskId, sealed: Buffer): TaskQuestion[] {
  return openJson<TaskQuestion[]>(dataKey, `task.questions|${id}`, sealed)
}

export function sealQuestions(dataKey: Buffer, id: TaskId, questions: readonly TaskQuestion[]): Buffer {
  return sealJson(dataKey, `task.questions|${id}`, questions)
}

/** The same question about the same people, asked by other rules too, is one question. */
export function withoutRepeats(questions: readonly TaskQuestion[]): TaskQuestion[] {
  const known = new Map<string, TaskQuestion>()
  for (const question of questions) {
    const key = JSON.stringify([question.question, question.about])
    if (!known.has(key)) known.set(key, question)
  }
  return [...known.values()]
}

/** One entry a notification and desk, in an order that every caller shares: two that open the same tasks never wait for each other. */
function gathered(tasks: readonly TaskToOpen[]): TaskToOpen[] {
  const together = new Map<string, TaskToOpen>()
  for (const task of tasks) {
    const key = keyOf(task.notification.id, task.desk)
    const first = together.get(key)
    const sooner = first && Temporal.Instant.compare(first.dueBy, task.dueBy) < 0 ? first.dueBy : task.dueBy
    const questions = withoutRepeats([...(first?.questions ?? []), ...task.questions])
    together.set(key, { ...task, questions, dueBy: sooner })
  }
  return [...together].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, task]) => task)
}

function told(task: TaskToOpen, id: TaskId, change: TaskOpened['change']): TaskOpened {
  const { notification, desk, agency, questions, dueBy } = task
  const rules = [...new Set(questions.flatMap((question) => question.rules))]
  return { id, notificationId: notification.id, desk, agency, change, about: aboutOf(questions), rules, dueBy }
}

const aboutOf = (questions: readonly TaskQuestion[]) => [...new Set(questions.flatMap(({ about }) => about))]
