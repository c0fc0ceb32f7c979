import canonicalize from 'canonicalize'
import type { Client } from '../access/scopes.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { asAgency } from '../database/connection.ts'
import { hmac, open, openDataKey } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { openQuestions } from '../delivery/task-store.ts'
import { openRecord } from '../intake/record.ts'
import type { Desk, NotDispatched, TaskQuestion } from '../words/dispatch.ts'
import type { Notification, Person } from '../words/notification.ts'
import type { Ruling } from '../words/outcome.ts'
import { type DeskRoom, streamOf } from './claim-task.ts'
import { listedOf } from './task-bodies.ts'
import { backgroundOf, readTask, type SealedTask, type TaskBackground, upkeepKeyOf } from './task-store.ts'

/** A task, opened: its questions, and what they rest on. */
export interface OpenedTask {
  /** Null where it is gone: the notification is erased. */
  dataKey: Buffer | null
  questions: TaskQuestion[]
  notification: Notification | null
  /** Every ruling of the latest triage. */
  rulings: Ruling[]
  /** Whom its latest triage found due and could not tell, and why. */
  notDispatched: NotDispatched[]
  rationale: string | null
  /** What whoever reads it has before them, as a keyed hash: the questions, and how often the notification was triaged. */
  saw: string
}

/**
 * Shows a task with its questions, the people they are about and the rulings they rest on. Every reading is a disclosure, recorded
 * in the same transaction with its purpose and with what was seen. @returns null where it is not on the caller's desks
 */
export function showTask({ database, keys, now }: DeskRoom, client: Client, id: string, purpose: string) {
  const at = now().round('millisecond')
  return asAgency(database, client.agency, async (trx) => {
    const task = await readTask(trx, client, id)
    if (!task) return null
    const background = task.notification_id === null ? null : await backgroundOf(trx, task.id)
    const upkeepKey = task.notification_id === null ? await upkeepKeyOf(trx, task) : null
    const opened = openTask(keys, task, { background, upkeepKey })
    const detail = { desk: task.desk, purpose, saw: opened.saw }
    await appendAuditEvents(trx, at, [
      { stream: streamOf(task), kind: 'task disclosed', actor: client.id, task: task.id, detail },
    ])
    return { saw: opened.saw, body: shown(task, background, opened, { at, by: client.id }) }
  })
}

/** What opens a task: the notification behind it, or the key of the recipient whose entry is to be mended. */
export interface BehindTask {
  background: TaskBackground | null
  upkeepKey: { wrapped: Buffer; wrapped_by: string } | null
}

/** Opens what a task says. Of an erased notification nothing can be opened, and the task stands without its questions. */
export function openTask(keys: Keys, task: SealedTask, { background, upkeepKey }: BehindTask): OpenedTask {
  const wrapped = task.notification_id === null ? upkeepKey : background
  const owner = task.notification_id ?? task.alarm_id ?? task.recipient_id ?? ''
  if (!wrapped?.wrapped || wrapped.wrapped_by === null) return emptyTask(keys)
  const dataKey = openDataKey(keys.ring, owner, { wrapped: wrapped.wrapped, wrappedBy: wrapped.wrapped_by })
  const questions = openQuestions(dataKey, task.id, task.questions)
  const rationale = task.rationale === null ? null : open(dataKey, `task.rationale|${task.id}`, task.rationale).toString('utf8')
  const opened = { ...emptyTask(keys), dataKey, questions, rationale }
  if (task.notification_id === null || !background) return { ...opened, saw: sawOf(keys, questions, 0) }
  const { triages } = openRecord(dataKey, task.notification_id, background.record)
  const notification: Notification | null = background.body
    ? JSON.parse(open(dataKey, `notification.body|${task.notification_id}`, background.body).toString('utf8'))
    : null
  const latest = triages.at(-1)
  const { rulings = [] } = latest?.outcome ?? {}
  return {
    ...opened,
    notification,
    rulings,
    notDispatched: latest?.notDispatched ?? [],
    saw: sawOf(keys, questions, triages.length),
  }
}

const emptyTask = (keys: Keys): OpenedTask => ({
  dataKey: null,
  questions: [],
  notification: null,
  rulings: [],
  notDispatched: [],
  rationale: null,
  saw: sawOf(keys, [], 0),
})

/** What somebody had before them, so that the timeline can say it without a word of it. */
export function sawOf(keys: Keys, questions: readonly TaskQuestion[], triages: number): string {
  return hmac(keys.service.content, canonicalize({ questions, triages }) ?? '').toString('base64url')
}

/** The rulings that asked, or could not tell, about the people asked about. */
function rulingsBehind(questions: readonly TaskQuestion[], rulings: readonly Ruling[]): Ruling[] {
  return rulings.filter(
    ({ rule, about, result }) =>
      result !== 'did_not_fire' &&
      questions.some((question) => question.rules.includes(rule) && (about === null || question.about.includes(about))),
  )
}

function shown(
  task: SealedTask,
  background: TaskBackground | null,
  { questions, notification, rulings, rationale }: OpenedTask,
  now: { at: Temporal.Instant; by: string },
) {
  const asked = new Set(questions.flatMap(({ about }) => about))
  const people = (notification?.people ?? []).filter(({ ref }) => asked.has(ref)).map((person) => personFor(task.desk, person))
  return {
    ...listedOf({ ...task, police_reference: background?.police_reference ?? task.police_reference }, now),
    version: background?.version ?? null,
    notificationState: background?.state ?? null,
    questions: questions.map(({ question, recommends, about, rules, secondPerson }) => ({
      question,
      recommends: recommends ?? null,
      about,
      rules,
      secondPerson: secondPerson === undefined ? null : { supervisorFor: secondPerson.supervisorFor },
    })),
    people,
    rulings: rulingsBehind(questions, rulings).map(({ rule, about, result, says, cites, findings }) => ({
      rule,
      about,
      result,
      says,
      cites,
      findings,
    })),
    services: task.services,
    grade: task.grade,
    chosenRecipient: task.chosen_recipient,
    rationale,
  }
}

/** Whom a question names by a reference alone. Who mends the directory is told what finds a school, and no role in what happened. */
export function personFor(desk: Desk, { ref, role, givenNames, familyName, dateOfBirth, education }: Person) {
  return {
    ref,
    role: desk === 'directory' ? null : role,
    givenNames: givenNames ?? null,
    familyName: familyName ?? null,
    dateOfBirth: dateOfBirth ?? null,
    education: education
      ? { status: education.status ?? null, urns: education.urns ?? [], establishmentName: education.establishmentName ?? null }
      : null,
  }
}
