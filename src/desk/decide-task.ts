import canonicalize from 'canonicalize'
import type { Fault } from '../access/problems.ts'
import type { Client } from '../access/scopes.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { asAgency, type Database, type Trx } from '../database/connection.ts'
import { hmac, seal } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { lockDispatchesOf } from '../intake/earlier-dispatches-store.ts'
import type { DispatchId, NotificationId } from '../words/ids.ts'
import { attentionOf, type DeskRoom, lapsedEvent, lifeOf, streamOf, type TaskRefusal } from './claim-task.ts'
import { readDecision, recipientNamed, type SaidDecision } from './decision-body.ts'
import { type FamilyVersion, lockFamily, recipientKeyOf, saveProposal, serviceOf } from './decision-store.ts'
import { answerOf, type DecisionAnswer, makeDecision } from './make-decision.ts'
import { type OpenedTask, openTask } from './read-task.ts'
import { hasLapsed, type SecondPerson, weighDecision } from './task-life.ts'
import { lockTask, readTask, type SealedTask } from './task-store.ts'

/** What deciding needs beside a desk: the role that plans, and the bells to ring after the commit. */
export interface DecidingRoom extends DeskRoom {
  worker: Database
  ringDelivery: (ids: readonly DispatchId[]) => void
  ringTriage: (ids: readonly NotificationId[]) => void
}

/** A task that is being decided, locked with all that it belongs to. */
export interface Deciding {
  keys: Keys
  client: Client
  at: Temporal.Instant
  task: SealedTask
  opened: OpenedTask & { dataKey: Buffer }
  family: readonly FamilyVersion[]
  said: SaidDecision
  hmac: Buffer
}

export type Decided =
  | { kind: 'answered'; answer: DecisionAnswer; replayed: boolean; ring: { delivery: DispatchId[]; triage: NotificationId[] } }
  | { kind: 'faults'; faults: Fault[] }
  | { kind: 'another must agree' | 'changed since' | 'not triaged yet' | 'withdrawn' | 'erased' }
  | TaskRefusal

/**
 * Decides a task, once and for ever, and plans what follows in the same transaction. Whoever has it to themselves decides it, or
 * anybody where nobody has. The same decision again from the same person is answered the same.
 * @param sawBefore what they had before them, as its reading named it; null where they do not say
 */
export async function decideTask(
  room: DecidingRoom,
  client: Client,
  id: string,
  body: unknown,
  sawBefore: string | null,
): Promise<Decided> {
  const at = room.now().round('millisecond')
  const chosen = recipientNamed(body)
  // Row-level security first: whose task it is, is nothing the planning role could be wrong about.
  const own = await asAgency(room.database, client.agency, async (trx) => {
    const task = await readTask(trx, client, id)
    return task && { task, recipientService: chosen === null ? null : await serviceOf(trx, chosen) }
  })
  if (!own) return { kind: 'no such task' }
  const { desk, notification_id } = own.task
  const read = readDecision(body, { desk, aboutSomebody: notification_id !== null, recipientService: own.recipientService })
  if (read.kind === 'faults') return read
  const sent = { said: read.said, hmac: hmac(room.keys.service.body, canonicalize(read.said) ?? '') }
  const decided = await room.worker.kysely.transaction().execute(async (trx) => {
    const locked = await lockAll(trx, room.keys, client, id)
    if (locked.kind !== 'locked') return locked
    const { task, opened, family } = locked
    return decideLocked(trx, { keys: room.keys, client, at, task, opened, family, ...sent }, sawBefore)
  })
  if (decided.kind === 'answered') {
    if (decided.ring.delivery.length > 0) room.ringDelivery(decided.ring.delivery)
    if (decided.ring.triage.length > 0) room.ringTriage(decided.ring.triage)
  }
  return decided
}

type Locked = { kind: 'locked' } & Pick<Deciding, 'task' | 'opened' | 'family'>

/** Always in this order, which is triage's: versions, dispatches, then the task. */
async function lockAll(trx: Trx, keys: Keys, client: Client, id: string): Promise<Locked | { kind: 'no such task' | 'erased' }> {
  const known = await readTask(trx, client, id)
  if (!known) return { kind: 'no such task' }
  const family = known.notification_id === null ? [] : await lockFamily(trx, known.notification_id)
  await lockDispatchesOf(
    trx,
    family.map((version) => version.id),
    [],
  )
  const task = await lockTask(trx, client, id)
  if (!task) return { kind: 'no such task' }
  const background = family.find((version) => version.id === task.notification_id) ?? null
  const upkeepKey = task.notification_id === null ? await recipientKeyOf(trx, task) : null
  const opened = openTask(keys, task, { background, upkeepKey })
  return opened.dataKey === null
    ? { kind: 'erased' }
    : { kind: 'locked', task, opened: { ...opened, dataKey: opened.dataKey }, family }
}

async function decideLocked(trx: Trx, deciding: Deciding, sawBefore: string | null): Promise<Decided> {
  const { client, task, opened, family, said, at } = deciding
  if (task.state === 'decided') {
    const same = task.decided_by === client.id && task.decision_hmac?.equals(deciding.hmac) === true
    if (!same) return { kind: 'decided before' }
    return { kind: 'answered', answer: await answerOf(trx, task, family), replayed: true, ring: { delivery: [], triage: [] } }
  }
  if (sawBefore !== null && sawBefore !== opened.saw) return { kind: 'changed since' }
  const weighed = weighDecision(
    lifeOf(task),
    {
      by: client.id,
      decision: said.decision,
      saw: opened.saw,
      secondPerson: secondPersonFor(deciding),
      supervises: client.scopes.includes('desk:supervise'),
    },
    at,
  )
  if (weighed.kind === 'proposes') return propose(trx, deciding)
  if (weighed.kind !== 'decides') return weighed
  const newest = family.at(-1)
  if (newest !== undefined && reaches(said)) {
    if (newest.state === 'withdrawn') return { kind: 'withdrawn' }
    if (newest.state !== 'triaged') return { kind: 'not triaged yet' }
  }
  const lapsed = hasLapsed(lifeOf(task), at) && task.claimed_by !== null ? [lapsedEvent(task, task.claimed_by)] : []
  await appendAuditEvents(trx, at, lapsed)
  const { answer, ring } = await makeDecision(trx, deciding, weighed.firstPerson)
  return { kind: 'answered', answer, replayed: false, ring }
}

/** It changes what is told or how it is judged, and so needs a version that stands. */
const reaches = ({ decision }: SaidDecision) => decision === 'refer' || decision === 'notify' || decision === 'regrade'

/**
 * Who must agree. Nobody closes a task about a victim at high risk alone without anybody being told, in whatever words: only the
 * directory's desk mends things. And a procedure may ask for a supervisor.
 */
export function secondPersonFor({ task, opened, said }: Pick<Deciding, 'task' | 'opened' | 'said'>): SecondPerson {
  const { decision } = said
  if (opened.questions.some(({ secondPerson }) => secondPerson?.supervisorFor.includes(decision))) return 'a supervisor'
  const tellsNobody = decision === 'no_further_action' || (decision === 'resolve' && task.desk !== 'directory')
  const grave = task.notification_id !== null && task.victim_risk !== 'standard' && task.victim_risk !== 'medium'
  return tellsNobody && grave ? 'anybody else' : 'nobody'
}

async function propose(trx: Trx, { keys, client, at, task, opened, said }: Deciding): Promise<Decided> {
  const { decision, rationale } = said
  await saveProposal(trx, task.id, {
    by: client.id,
    at,
    decision,
    rationale: seal(opened.dataKey, `task.proposed_rationale|${task.id}`, rationale),
    saw: Buffer.from(opened.saw, 'base64url'),
    nextAt: attentionOf({ ...task, claimed_until: null }, at),
  })
  const rationaleHmac = hmac(keys.service.content, rationale).toString('base64url')
  const detail = { desk: task.desk, decision, saw: opened.saw, rationaleHmac }
  await appendAuditEvents(trx, at, [
    { stream: streamOf(task), kind: 'decision proposed', actor: client.id, task: task.id, detail },
  ])
  const supervisor = secondPersonFor({ task, opened, said }) === 'a supervisor'
  const answer: DecisionAnswer = {
    id: task.id,
    state: 'open',
    decision,
    decidedBy: null,
    decidedAt: null,
    proposed: { decision, by: client.id, at: at.toString() },
    needs: supervisor ? 'A supervisor must decide the same.' : 'Another person must decide the same.',
    dispatches: [],
    alreadyTold: [],
    notDispatched: [],
    movedTo: null,
  }
  return { kind: 'answered', answer, replayed: false, ring: { delivery: [], triage: [] } }
}
