import { appendAuditEvents } from '../audit/append-audit-events.ts'
import type { Trx } from '../database/connection.ts'
import { open, openDataKey, openJson } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import type { TaskQuestion } from '../words/dispatch.ts'
import type { NotificationId } from '../words/ids.ts'
import type { Decided } from './notification-bodies.ts'
import { dispatchesOf, neighboursOf, readStored, type StoredNotification, tasksOf } from './notification-store.ts'
import { openRecord } from './record.ts'

/** Who reads, when, and, where it is a person, why. */
export interface Reader {
  actor: string
  at: Temporal.Instant
  purpose: string | null
}

/** What was decided about one notification and what came of it, for its own force; null where there is none to see. */
export async function readDecided(trx: Trx, keys: Keys, id: string, by: Reader): Promise<Decided | null> {
  const stored = await readStored(trx, id)
  if (!stored) return null
  const dataKey = stored.key ? openDataKey(keys.ring, stored.id, stored.key) : null
  const { previous, next } = await neighboursOf(trx, stored)
  const told = await dispatchesOf(trx, stored.id)
  await recordDisclosure(trx, stored.id, told, dataKey === null ? null : by)
  return {
    id: stored.id,
    policeReference: stored.policeReference,
    version: stored.version,
    previous,
    next,
    state: stored.state,
    receivedAt: stored.receivedAt.toString(),
    policy: stored.policy,
    outcome: outcomeOf(stored, dataKey),
    dispatches: told.map((row) => ({
      id: row.id,
      kind: row.kind,
      service: row.service,
      recipient: { id: row.recipient_id, name: row.name },
      about: row.about,
      rules: row.rules,
      asks: row.asks,
      restricted: row.restricted,
      releaseAt: row.release_at.toString(),
      dueBy: row.due_by.toString(),
      state: row.state,
      overdue: row.overdue,
      lateOnArrival: row.late_on_arrival,
      outcome: outcomeGiven(row, dataKey),
    })),
    tasks: (await tasksOf(trx, stored.id)).map((row) => ({
      id: row.id,
      desk: row.desk,
      agency: row.agency,
      ...inWords(dataKey ? openJson<TaskQuestion[]>(dataKey, `task.questions|${row.id}`, row.questions) : []),
      about: row.about,
      dueBy: row.due_by.toString(),
      state: row.state,
    })),
  }
}

/** The rulings of the latest triage. Those before stay in the record and on the timeline. */
function outcomeOf(stored: StoredNotification, dataKey: Buffer | null): Decided['outcome'] {
  const latest = dataKey ? openRecord(dataKey, stored.id, stored.record).triages.at(-1) : undefined
  if (!latest) return null
  return {
    rulings: latest.outcome.rulings.map(({ rule, about, result, says, cites, findings }) => ({
      rule,
      about,
      result,
      says,
      cites,
      findings,
    })),
  }
}

type ToldDispatch = Awaited<ReturnType<typeof dispatchesOf>>[number]

function outcomeGiven({ id, outcome, outcome_note: note, outcome_at: at }: ToldDispatch, dataKey: Buffer | null) {
  if (outcome === null || at === null) return null
  const said = note && dataKey ? open(dataKey, `dispatch.outcome_note|${id}`, note).toString('utf8') : null
  return { code: outcome, at: at.toString(), note: said }
}

/** A note may say more of a family than its code does: each time it is shown is recorded, as is each reading by a person. */
async function recordDisclosure(
  trx: Trx,
  stream: NotificationId,
  told: readonly ToldDispatch[],
  by: Reader | null,
): Promise<void> {
  if (by === null) return
  const shown = told.filter(({ outcome, outcome_note: note }) => outcome !== null && note !== null)
  const events = shown.map(({ id: dispatch, recipient_id: recipient }) => ({
    stream,
    kind: 'outcome note disclosed',
    actor: by.actor,
    dispatch,
    detail: { recipient },
  }))
  const read =
    by.purpose === null ? [] : [{ stream, kind: 'notification disclosed', actor: by.actor, detail: { purpose: by.purpose } }]
  await appendAuditEvents(trx, by.at, [...read, ...events])
}

/** A task lists every question it holds, one a line. */
function inWords(questions: readonly TaskQuestion[]): { question: string; recommends: string | null } {
  const recommends = [...new Set(questions.flatMap(({ recommends }) => recommends ?? []))]
  return {
    question: questions.map(({ question }) => question).join('\n'),
    recommends: recommends.length > 0 ? recommends.join('\n') : null,
  }
}
