import type { Trx } from '../database/connection.ts'
import { openDataKey, openJson } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import type { TaskQuestion } from '../words/dispatch.ts'
import type { Decided } from './notification-bodies.ts'
import { dispatchesOf, neighboursOf, readStored, type StoredNotification, tasksOf } from './notification-store.ts'
import { openRecord } from './record.ts'

/** What was decided about one notification and what came of it, for its own force; null where there is none to see. */
export async function readDecided(trx: Trx, keys: Keys, id: string): Promise<Decided | null> {
  const stored = await readStored(trx, id)
  if (!stored) return null
  const dataKey = stored.key ? openDataKey(keys.ring, stored.id, stored.key) : null
  const { previous, next } = await neighboursOf(trx, stored)
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
    dispatches: (await dispatchesOf(trx, stored.id)).map((row) => ({
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

/** A task lists every question it holds, one a line. */
function inWords(questions: readonly TaskQuestion[]): { question: string; recommends: string | null } {
  const recommends = [...new Set(questions.flatMap(({ recommends }) => recommends ?? []))]
  return {
    question: questions.map(({ question }) => question).join('\n'),
    recommends: recommends.length > 0 ? recommends.join('\n') : null,
  }
}
