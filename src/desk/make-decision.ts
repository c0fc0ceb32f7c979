import type { z } from 'zod'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import type { Trx } from '../database/connection.ts'
import { hmac, seal } from '../database/sealing.ts'
import { taskEvents } from '../delivery/task-events.ts'
import { openTasks } from '../delivery/task-store.ts'
import { lockDispatchesOf } from '../intake/earlier-dispatches-store.ts'
import { basisOf, settledHmac } from '../intake/persons-decisions.ts'
import { isDecisionRule } from '../words/decision.ts'
import type { NotDispatched, TaskQuestion } from '../words/dispatch.ts'
import type { DispatchId, NotificationId, TaskId } from '../words/ids.ts'
import { streamOf } from './claim-task.ts'
import type { Deciding } from './decide-task.ts'
import type { decidedBody, SaidDecision } from './decision-body.ts'
import { decidedEvent, dispatchesMade, type FamilyVersion, saveDecision, triageAgain } from './decision-store.ts'
import { type PlannedDecision, planDecided } from './plan-decided.ts'
import type { SealedTask } from './task-store.ts'

/** What whoever decided is told. */
export type DecisionAnswer = z.infer<typeof decidedBody>

interface Made {
  answer: DecisionAnswer
  ring: { delivery: DispatchId[]; triage: NotificationId[] }
}

/** What the timeline keeps of a decision: references and keyed hashes alone. */
interface DecidedDetail {
  dispatches: string[]
  alreadyTold: DecisionAnswer['alreadyTold']
  notDispatched: DecisionAnswer['notDispatched']
  movedTo: string | null
}

/** Writes a decision that stands, with all that follows from it. The task is decided first: what is asked anew is a new task. */
export async function makeDecision(trx: Trx, deciding: Deciding, firstPerson: string | null): Promise<Made> {
  const { keys, client, at, task, opened, family, said } = deciding
  const { decision, rationale, services = [], grade = null, recipientId = null } = said
  await saveDecision(trx, task.id, {
    by: client.id,
    at,
    decision,
    rationale: seal(opened.dataKey, `task.rationale|${task.id}`, rationale),
    hmac: deciding.hmac,
    services: [...new Set(services)],
    grade,
    recipientId,
    settled: settledBy(deciding),
  })
  const planned = await planWhoIsTold(trx, deciding)
  const movedTo = decision === 'pitstop' ? await moveToPitstop(trx, deciding) : null
  const again = await lookAgain(trx, deciding)
  const detail = {
    desk: task.desk,
    decision,
    saw: opened.saw,
    rationaleHmac: hmac(keys.service.content, rationale).toString('base64url'),
    ...(services.length > 0 ? { services } : {}),
    ...(grade === null ? {} : { grade }),
    ...(recipientId === null ? {} : { recipient: recipientId }),
    ...(firstPerson === null ? {} : { firstPerson }),
    ...(planned === null || planned.target === task.notification_id ? {} : { plannedUnder: planned.target }),
    dispatches: planned?.dispatches ?? [],
    alreadyTold: planned?.alreadyTold ?? [],
    notDispatched: planned?.notDispatched ?? [],
    movedTo: movedTo?.task ?? null,
  }
  await appendAuditEvents(trx, at, [
    { stream: streamOf(task), kind: 'task decided', actor: client.id, task: task.id, detail },
    ...(planned?.events ?? []),
    ...(movedTo?.events ?? []),
  ])
  const decided: SealedTask = { ...task, state: 'decided', decision, decided_by: client.id, decided_at: at }
  return { answer: await answerFrom(trx, decided, family, detail), ring: { delivery: planned?.ring ?? [], triage: again } }
}

/** The answer to a decision that stands, from what the timeline says of it. */
export async function answerOf(trx: Trx, task: SealedTask, family: readonly FamilyVersion[]): Promise<DecisionAnswer> {
  const body = await decidedEvent(trx, streamOf(task), task.id)
  if (body === null) throw new Error(`The timeline does not say how ${task.id} was decided`)
  const { detail }: { detail: DecidedDetail } = JSON.parse(body)
  return answerFrom(trx, task, family, detail)
}

async function answerFrom(
  trx: Trx,
  task: SealedTask,
  family: readonly FamilyVersion[],
  { dispatches, alreadyTold, notDispatched, movedTo }: DecidedDetail,
): Promise<DecisionAnswer> {
  const made = await dispatchesMade(
    trx,
    family.map(({ id }) => id),
    dispatches,
  )
  if (task.decision === null) throw new Error(`${task.id} was closed and not decided`)
  return {
    id: task.id,
    state: 'decided',
    decision: task.decision,
    decidedBy: task.decided_by,
    decidedAt: task.decided_at?.toString() ?? null,
    proposed: null,
    needs: null,
    dispatches: made.map(({ id, service, recipient_id: recipientId, kind, about, state, due_by }) => ({
      ...{ id, service, recipientId, kind, about, state },
      dueBy: due_by.toString(),
    })),
    alreadyTold,
    notDispatched,
    movedTo,
  }
}

/** What was asked here is not asked again while it rests on the same. */
function settledBy({ task, opened, said }: Deciding): Buffer[] {
  const { notification, rulings, questions, dataKey } = opened
  if (task.notification_id === null || notification === null) return []
  const asked = questions.filter((question) => !(mends(task, said) && findsARecipient(question, opened.notDispatched)))
  return asked.map((question) => settledHmac(dataKey, basisOf(question, { notification, rulings })))
}

const mends = ({ desk }: SealedTask, { decision }: SaidDecision) => decision === 'resolve' && desk === 'directory'

/**
 * It is asked so that somebody who is due can be told at all. That this is mended shows when they are told: said and not done,
 * it is asked again, or one person's word would end what nobody was told, and the next entry in the directory would wake nobody.
 */
function findsARecipient({ rules, about }: TaskQuestion, notDispatched: readonly NotDispatched[]): boolean {
  if (rules.some(isDecisionRule)) return true
  return notDispatched.some(
    (one) =>
      one.reason !== 'a restriction forbids it' && rules.includes(one.rule) && one.about.every((ref) => about.includes(ref)),
  )
}

async function planWhoIsTold(trx: Trx, { keys, at, task, family, said }: Deciding): Promise<PlannedDecision | null> {
  const { decision, services = [], recipientId = null } = said
  if (task.notification_id === null || (decision !== 'refer' && decision !== 'notify')) return null
  const stored = await lockDispatchesOf(
    trx,
    family.map(({ id }) => id),
    [],
  )
  const made = { task: task.id, decision, about: task.about, services: [...new Set(services)], grade: null, recipientId }
  return planDecided(trx, keys, { family, stored, decision: made, from: task.notification_id }, at)
}

/** The same questions, on the desk of the force's Pitstop meeting. The clock goes on. */
async function moveToPitstop(
  trx: Trx,
  { at, task, opened, family }: Deciding,
): Promise<{ task: TaskId; events: ReturnType<typeof taskEvents> } | null> {
  const own = family.find(({ id }) => id === task.notification_id)
  if (own === undefined) return null
  const notification = { id: own.id, dataKey: opened.dataKey }
  const victimRisk = task.victim_risk ?? 'not_graded'
  const moved = await openTasks(
    trx,
    [{ notification, desk: 'pitstop', agency: own.agency, victimRisk, questions: opened.questions, dueBy: task.due_by }],
    at,
  )
  const [to] = moved
  return to ? { task: to.id, events: taskEvents(moved) } : null
}

/** A risk graded anew is judged anew, and what was mended is tried again at once. */
async function lookAgain(trx: Trx, { at, task, family, said }: Deciding): Promise<NotificationId[]> {
  const newest = family.at(-1)
  if (newest === undefined || newest.state !== 'triaged' || !(mends(task, said) || said.decision === 'regrade')) return []
  await triageAgain(trx, newest.id, at)
  return [newest.id]
}
