import type { Client } from '../access/scopes.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { asAgency } from '../database/connection.ts'
import { type DeskRoom, streamOf } from './claim-task.ts'
import { openTask, personFor } from './read-task.ts'
import { listedOf } from './task-bodies.ts'
import { type After, backgroundOf, pageOfTasks, readTask } from './task-store.ts'

/** A meeting reads what it can get through; what is left over is said, and stands on the list of the desk. */
const LISTED_MAX = 200

/** One thing to be settled at a meeting. */
export interface PitstopEntry {
  task: ReturnType<typeof listedOf>
  /** The ETag a decision made of this list sends along. */
  saw: string
  people: ReturnType<typeof personFor>[]
  questions: { question: string; recommends: string | null; about: string[] }[]
}

export interface PitstopList {
  date: string
  entries: PitstopEntry[]
  /** There are more than a list holds. */
  more: boolean
}

/**
 * What a Pitstop meeting on a day has before it: every undecided question on that desk that was asked by the end of that day, the
 * most urgent first. Showing it is a disclosure of each task, recorded in the same transaction.
 * @param date the day of the meeting, Europe/London, YYYY-MM-DD
 * @returns null where the caller does not sit at that desk
 */
export async function pitstopList(
  { database, keys, now }: DeskRoom,
  client: Client,
  date: string,
  purpose: string,
): Promise<PitstopList | null> {
  if (client.desks !== null && !client.desks.includes('pitstop')) return null
  const at = now().round('millisecond')
  const until = Temporal.PlainDate.from(date).add({ days: 1 }).toZonedDateTime('Europe/London').toInstant()
  return asAgency(database, client.agency, async (trx) => {
    const after: After | null = null
    const rows = await pageOfTasks(trx, client, { desk: 'pitstop', state: null, at }, { after, limit: LISTED_MAX + 1 })
    const asked = rows.filter(({ opened_at }) => Temporal.Instant.compare(opened_at, until) < 0)
    const entries: PitstopEntry[] = []
    const events: Parameters<typeof appendAuditEvents>[2][number][] = []
    for (const { id } of asked.slice(0, LISTED_MAX)) {
      const task = await readTask(trx, client, id)
      if (!task) continue
      const background = await backgroundOf(trx, task.id)
      const opened = openTask(keys, task, { background, upkeepKey: null })
      const about = new Set(opened.questions.flatMap((question) => question.about))
      const people = opened.notification?.people ?? []
      entries.push({
        task: listedOf(task, { at, by: client.id }),
        saw: opened.saw,
        people: people
          .filter(({ ref, role }) => about.has(ref) || role === 'child')
          .map((person) => personFor(task.desk, person)),
        questions: opened.questions.map(({ question, recommends, about }) => ({
          question,
          recommends: recommends ?? null,
          about,
        })),
      })
      const detail = { desk: task.desk, purpose, saw: opened.saw, list: date }
      events.push({ stream: streamOf(task), kind: 'task disclosed', actor: client.id, task: task.id, detail })
    }
    await appendAuditEvents(trx, at, events)
    return { date, entries, more: rows.length > LISTED_MAX }
  })
}
