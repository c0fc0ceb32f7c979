import { sql } from 'kysely'
import type { Db } from '../database/connection.ts'
import { brokenLink } from './chain.ts'
import type { Accounted, AccountedDispatch, Due, NotSent } from './completeness.ts'

/** The triage event's detail, as `intake/` writes it: what was due, and what was not sent with its reason. */
interface TriagedDetail {
  due?: Due[]
  notSent?: NotSent[]
}

const BATCH_MAX = 500

/** Everything needed to account for the notifications received in a window, batch by batch, oldest first. */
export async function* accountFor(db: Db, from: Temporal.Instant, to: Temporal.Instant): AsyncGenerator<Accounted[]> {
  let after = ''
  while (true) {
    const notifications = await db
      .selectFrom('notification')
      .select(['id', 'state', 'received_at', 'next_at'])
      .where('received_at', '>=', from)
      .where('received_at', '<', to)
      .where('id', '>', sql<never>`${after}`)
      .orderBy('id')
      .limit(BATCH_MAX)
      .execute()
    const last = notifications.at(-1)
    if (!last) return
    after = last.id
    const ids = notifications.map(({ id }) => id)
    const [dispatches, tasks, events] = [await dispatchesOf(db, ids), await tasksOf(db, ids), await eventsOf(db, ids)]
    yield notifications.map((row) => {
      const own = events.filter(({ stream }) => stream === row.id)
      const broken = brokenLink(own)
      const details = own.filter(({ kind }) => kind === 'notification triaged').map(({ body }) => detailOf(body))
      return {
        id: row.id,
        state: row.state,
        receivedAt: row.received_at,
        nextAt: row.next_at,
        due: once(details.flatMap(({ due }) => due ?? [])),
        notSent: once(details.flatMap(({ notSent }) => notSent ?? [])),
        dispatches: dispatches.get(row.id) ?? [],
        tasks: tasks.get(row.id) ?? [],
        broken: broken ? `event ${broken.seq}: ${broken.why}` : null,
      }
    })
  }
}

/** A notification that was triaged again says the same things again. */
function once<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()]
}

function detailOf(body: string): TriagedDetail {
  const { detail }: { detail?: TriagedDetail } = JSON.parse(body)
  return detail ?? {}
}

async function dispatchesOf(db: Db, ids: readonly string[]): Promise<Map<string, AccountedDispatch[]>> {
  const rows = await db
    .selectFrom('dispatch')
    .select(['id', 'notification_id', 'service', 'about', 'state', 'overdue', 'due_by', 'next_at'])
    .where('notification_id', '=', sql<never>`any(${ids})`)
    .execute()
  const grouped = Map.groupBy(rows, (row) => row.notification_id)
  return new Map([...grouped].map(([id, own]) => [id, own.map((row) => ({ ...row, dueBy: row.due_by, nextAt: row.next_at }))]))
}

async function tasksOf(db: Db, ids: readonly string[]): Promise<Map<string, Accounted['tasks']>> {
  const rows = await db
    .selectFrom('task')
    .select(['id', 'notification_id', 'state', 'next_at'])
    .where('notification_id', '=', sql<never>`any(${ids})`)
    .execute()
  const grouped = Map.groupBy(rows, (row) => row.notification_id ?? '')
  return new Map([...grouped].map(([id, own]) => [id, own.map((row) => ({ id: row.id, state: row.state, nextAt: row.next_at }))]))
}

async function eventsOf(db: Db, ids: readonly string[]) {
  return db
    .selectFrom('audit_event')
    .select(['stream', 'seq', 'kind', 'body', 'hash'])
    .where('stream', '=', sql<never>`any(${ids})`)
    .orderBy('stream')
    .orderBy('seq')
    .execute()
}
