import { CompiledQuery } from 'kysely'
import type { NewEvent } from '../audit/chain.ts'
import type { Trx } from '../database/connection.ts'
import { newId } from '../database/new-id.ts'
import { type KeyRing, openDataKey } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { earlier } from '../routing/deadlines.ts'
import type { RoutingPlan } from '../routing/plan.ts'
import type { TaskId } from '../words/ids.ts'
import { OPERATOR_DESK } from './task-events.ts'
import { openQuestions, sealQuestions, withoutRepeats } from './task-store.ts'

/** A question about a recipient, which names nobody. Two weeks may pass unless it says sooner. */
export type UpkeepQuestion = RoutingPlan['upkeep'][number] & { dueBy?: Temporal.Instant }

/** The directory's own upkeep has no child's clock; two weeks keep it from being forgotten. */
const UPKEEP_HOURS = 14 * 24

const READ = `
  select r.id, r.data_key, r.wrapped_by, t.id as task, t.questions
  from recipient r left join task t on t.recipient_id = r.id and t.notification_id is null and t.desk = 'directory' and t.state <> 'decided'
  where r.id = any($1)`

const INSERT = `
  insert into task (id, recipient_id, agency, desk, questions, due_by, opened_at, next_at)
  select id, recipient_id, $4, 'directory', questions, due_by, $5, due_by
  from unnest($1::text[], $2::text[], $3::bytea[], $6::timestamptz[]) as asked (id, recipient_id, questions, due_by)
  on conflict (recipient_id, desk) where state <> 'decided' and notification_id is null do nothing
  returning id`

const ADD = `
  update task set questions = $2, due_by = least(due_by, $4), next_at = least(next_at, $4)
  where id = $1 and state <> 'decided' and questions = $3`

interface Fresh {
  id: TaskId
  recipientId: string
  dueBy: Temporal.Instant
  sealed: Buffer
}

interface Row {
  id: string
  data_key: Buffer
  wrapped_by: string
  task: TaskId | null
  questions: Buffer | null
}

/**
 * Asks the directory to mend what it says of a recipient: one open task a recipient, however many notifications find the same
 * fault. Reads before it locks, because the same school is found again and again and almost never anything is new. A
 * question that loses a race is asked again by the next notification that finds the fault. A recipient whose own key cannot be
 * opened is passed over: triage finds it out of reach, and asks about it with the notification's key.
 */
export async function openUpkeep(
  trx: Trx,
  keys: Keys,
  questions: readonly UpkeepQuestion[],
  at: Temporal.Instant,
): Promise<NewEvent[]> {
  if (questions.length === 0) return []
  const asked = Map.groupBy(questions, ({ recipientId }) => recipientId)
  const { rows } = await trx.executeQuery<Row>(CompiledQuery.raw(READ, [[...asked.keys()].sort()]))
  const fresh: Fresh[] = []
  const events: NewEvent[] = []
  for (const row of rows) {
    const key = keyOrNull(keys.ring, row)
    if (key === null) continue
    const asking = asked.get(row.id) ?? []
    const wanted = asking.map(({ question }) => ({ question, about: [], rules: [] }))
    const dueBy = [at.add({ hours: UPKEEP_HOURS }), ...asking.flatMap((one) => one.dueBy ?? [])].reduce(earlier)
    if (row.task === null || row.questions === null) {
      const id = newId('tsk')
      fresh.push({ id, recipientId: row.id, dueBy, sealed: sealQuestions(key, id, withoutRepeats(wanted)) })
      continue
    }
    const before = openQuestions(key, row.task, row.questions)
    const after = withoutRepeats([...before, ...wanted])
    if (after.length === before.length) continue
    const sealed = sealQuestions(key, row.task, after)
    const { numAffectedRows } = await trx.executeQuery(CompiledQuery.raw(ADD, [row.task, sealed, row.questions, dueBy]))
    if (numAffectedRows === 1n) events.push(upkeepEvent(row.id, row.task, 'task question added'))
  }
  return [...(await insertUpkeep(trx, fresh, at)), ...events]
}

async function insertUpkeep(trx: Trx, fresh: readonly Fresh[], at: Temporal.Instant): Promise<NewEvent[]> {
  if (fresh.length === 0) return []
  const { rows } = await trx.executeQuery<{ id: TaskId }>(
    CompiledQuery.raw(INSERT, [
      fresh.map(({ id }) => id),
      fresh.map(({ recipientId }) => recipientId),
      fresh.map(({ sealed }) => sealed),
      OPERATOR_DESK,
      at,
      fresh.map(({ dueBy }) => dueBy),
    ]),
  )
  const opened = new Set(rows.map(({ id }) => id))
  return fresh.filter(({ id }) => opened.has(id)).map(({ id, recipientId }) => upkeepEvent(recipientId, id, 'task opened'))
}

function upkeepEvent(recipientId: string, task: TaskId, kind: string): NewEvent {
  return { stream: `recipient:${recipientId}`, kind, actor: 'system', task, detail: { desk: 'directory' } }
}

function keyOrNull(ring: KeyRing, { id, data_key: wrapped, wrapped_by: wrappedBy }: Row): Buffer | null {
  try {
    return openDataKey(ring, id, { wrapped, wrappedBy })
  } catch {
    return null
  }
}
