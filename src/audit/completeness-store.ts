import { sql } from 'kysely'
import type { Db } from '../database/connection.ts'
import { brokenLink } from './chain.ts'
import type { Accounted, AccountedDispatch, AlreadyTold, Due, NotSent } from './completeness.ts'

/** The triage event's detail, as `intake/` writes it: what was due, and what was not sent with its reason. */
interface TriagedDetail {
  due?: Due[]
  notSent?: NotSent[]
  alreadyTold?: AlreadyTold[]
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
    const triages = Map.groupBy(
      // What a person decided is due as what the rules say is.
      events.filter(({ kind }) => kind === 'notification triaged' || kind === 'decision planned'),
      ({ stream }) => stream,
    )
    const detailsOf = (id: string) => (triages.get(id) ?? []).map(({ body }) => detailOf(body))
    const told = ids.flatMap((id) => detailsOf(id).flatMap(({ alreadyTold }) => alreadyTold ?? []))
    const standing = await standingOf(
      db,
      told.map(({ dispatch }) => dispatch),
    )
    yield notifications.map((row) => {
      const own = events.filter(({ stream }) => stream === row.id)
      const broken = brokenLink(own)
      const details = detailsOf(row.id)
      return {
        id: row.id,
        state: row.state,
        receivedAt: row.received_at,
        nextAt: row.next_at,
        due: row.state === 'withdrawn' ? [] : once(details.flatMap(({ due }) => due ?? [])),
        notSent: once(details.flatMap(({ notSent }) => notSent ?? [])),
        alreadyTold: once(details.flatMap(({ alreadyTold }) => alreadyTold ?? [])).filter(({ dispatch }) =>
          standing.has(dispatch),
        ),
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

/** Which of these exist and nobody took back, or say it still by what replaced them. */
async function standingOf(db: Db, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const rows = await db
    .selectFrom('dispatch')
    .select(['id'])
    .where('id', '=', sql<never>`any(${ids})`)
    .where((eb) => eb.or([eb('state', '<>', 'withdrawn'), eb('replaced_by', 'is not', null)]))
    .execute()
  return new Set(rows.map(({ id }) => id))
}

async function dispatchesOf(db: Db, ids: readonly string[]): Promise<Map<string, AccountedDispatch[]>> {
  const rows = await db
    .selectFrom('dispatch')
    .select([
      'id',
      'notification_id',
      'service',
      'kind',
      'about',
      'state',
      'overdue',
      'due_by',
      'planned_at',
      'next_at',
      'attempts',
    ])
    .select(['shown', 'replaced_by'])
    .where('notification_id', '=', sql<never>`any(${ids})`)
    .execute()
  const grouped = Map.groupBy(rows, (row) => row.notification_id)
  return new Map([...grouped].map(([id, own]) => [id, own.map(accounted)]))
}

interface DispatchRow extends Pick<AccountedDispatch, 'id' | 'service' | 'kind' | 'about' | 'state' | 'overdue'> {
  due_by: Temporal.Instant
  planned_at: Temporal.Instant
  next_at: Temporal.Instant | null
  attempts: number
  shown: boolean
  replaced_by: string | null
}

function accounted(row: DispatchRow): AccountedDispatch {
  const { id, service, kind, about, state, overdue } = row
  return {
    ...{ id, service, kind, about, state, overdue },
    seen: row.shown,
    attempted: row.attempts > 0,
    replacedBy: row.replaced_by,
    dueBy: Temporal.Instant.compare(row.due_by, row.planned_at) < 0 ? row.planned_at : row.due_by,
    nextAt: row.next_at,
  }
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
