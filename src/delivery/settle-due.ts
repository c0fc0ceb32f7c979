import { appendAuditEvents } from '../audit/append-audit-events.ts'
import type { NewEvent } from '../audit/chain.ts'
import { inTransaction } from '../database/again.ts'
import type { Db, Trx } from '../database/connection.ts'
import type { Keys } from '../database/service-keys.ts'
import type { DispatchId } from '../words/ids.ts'
import { markUnknown } from './attempt-store.ts'
import { type Attended, attend, type Found } from './attend.ts'
import { directoryTask, questionOf, unopened } from './dispatch-questions.ts'
import {
  type DueDispatch,
  dataKeysOf,
  dueDispatchIds,
  lockDueDispatch,
  lockDueDispatches,
  putOff,
  saveAttended,
} from './due-store.ts'
import { openPrompts, type PromptToOpen } from './prompt-store.ts'
import { FAULTY_AGAIN_MINUTES, pageOrRowByRow } from './row-by-row.ts'
import { taskEvents } from './task-events.ts'
import { openTasks } from './task-store.ts'
import { openUpkeep, type UpkeepQuestion } from './upkeep-store.ts'

/** What a pass over due rows found to ring for. */
export interface Due<Id extends string = string> {
  /** Due, and not rung for since. */
  ids: Id[]
  /** Rung for before, and nobody came: the queue answers and forgets, or its workers sleep. They are done directly. */
  unanswered: Id[]
  /** There may be more than this page. */
  more: boolean
}

/** What settling due dispatches needs. */
export interface DueRoom {
  db: Db
  keys: Keys
  /** Hears of a row that cannot be settled, or of a key that cannot be opened; everything else goes on. */
  faulted: (fault: unknown) => void
}

/**
 * One page of dispatches that want attention: what time alone decides is settled here, with its events and tasks, and what
 * must be pushed is marked as hinted for a few seconds and handed back.
 */
export async function settleDueDispatches(room: DueRoom, at: Temporal.Instant, limit: number): Promise<Due<DispatchId>> {
  const settled = await pageOrRowByRow({
    whole: () => settlePage(room, at, limit, (trx) => lockDueDispatches(trx, at, limit)),
    ids: () => dueDispatchIds(room.db, at, limit),
    // Of one alone there is no more: what is behind this page is due on the next round.
    alone: async (id: DispatchId) => ({ ...(await settlePage(room, at, 1, (trx) => lockDueDispatch(trx, at, id))), more: false }),
    putOff: (id) => putOff(room.db, id, at, at.add({ minutes: FAULTY_AGAIN_MINUTES })),
    faulted: room.faulted,
  })
  return {
    ids: settled.flatMap(({ ids }) => ids),
    unanswered: settled.flatMap(({ unanswered }) => unanswered),
    more: settled.some(({ more }) => more),
  }
}

function settlePage(
  { db, keys, faulted }: DueRoom,
  at: Temporal.Instant,
  limit: number,
  lock: (trx: Trx) => Promise<DueDispatch[]>,
): Promise<Due<DispatchId>> {
  return inTransaction(db, async (trx) => {
    const rows = await lock(trx)
    const attended = rows.map((row) => attend(row, at))
    await saveAttended(
      trx,
      attended.map(({ after }) => after),
    )
    await markUnknown(
      trx,
      attended.filter(({ found }) => found.includes('attempt lapsed')).map(({ before }) => before),
      at,
    )
    await askDeputies(trx, attended, at)
    const tasks = await openTasksFor(trx, { keys, faulted }, attended, at)
    await appendAuditEvents(trx, at, [...attended.flatMap(eventsOf), ...tasks])
    const push = attended.filter((one) => one.push)
    const idsOf = (some: Attended[]): DispatchId[] => some.map(({ before }) => before.id)
    return {
      ids: idsOf(push.filter(({ before }) => before.hinted_until === null)),
      unanswered: idsOf(push.filter(({ before }) => before.hinted_until !== null)),
      more: rows.length === limit,
    }
  })
}

/** Nearer than this to its deadline, whoever is asked to look is asked to look now. */
const NOW_WITHIN_HOURS = 24

/** The key adult has had half the time there is: the deputy is asked by e-mail to look. */
function askDeputies(trx: Trx, attended: readonly Attended[], at: Temporal.Instant): Promise<void> {
  const asking = attended.filter(({ found }) => found.includes('deputy to be asked')).map(({ before }) => before)
  const soon = at.add({ hours: NOW_WITHIN_HOURS })
  const prompts = asking.map(({ id, recipient_id: recipientId, due_by: dueBy }): PromptToOpen => {
    const urgency = Temporal.Instant.compare(dueBy, soon) <= 0 ? 'now' : 'today'
    return { key: `${id}|deputy`, why: 'deputy asked', recipientId, role: 'deputy', dispatchId: id, urgency }
  })
  return openPrompts(trx, prompts, at)
}

function eventsOf({ before, found }: Attended): NewEvent[] {
  return (
    found
      // The task is the whole of these, and a return has its event from whoever returned it.
      .filter((one) => one !== 'out of reach' && one !== 'returned')
      .map((one) => ({
        stream: before.notification_id,
        kind: eventKinds[one],
        actor: 'system',
        dispatch: before.id,
        detail: detailOf(one, before),
      }))
  )
}

const eventKinds: Record<Found, string> = {
  released: 'dispatch released',
  'collection lapsed': 'lease expired',
  'attempt lapsed': 'attempt outcome unknown',
  returned: 'dispatch returned',
  'deputy to be asked': 'dispatch escalated',
  'telephone task due': 'dispatch escalated',
  overdue: 'dispatch overdue',
  'out of reach': 'recipient out of reach',
  'given up': 'dispatch given up',
  replaced: 'dispatch withdrawn',
}

function detailOf(found: Found, row: DueDispatch): Record<string, unknown> {
  const recipient = row.recipient_id
  switch (found) {
    case 'released':
      return { recipient, contentHmac: row.content_hmac?.toString('base64url') }
    case 'collection lapsed':
      return { recipient, leasedUntil: row.lease_until?.toString() }
    case 'attempt lapsed':
      return { recipient, attempt: row.attempts, possiblyDeliveredTwice: true }
    case 'deputy to be asked':
      return { recipient, step: 'deputy asked' }
    case 'telephone task due':
      return { recipient, step: 'telephone task' }
    case 'overdue':
      return { recipient, dueBy: row.due_by.toString(), ...(row.late_on_arrival ? { lateOnArrival: true } : {}) }
    case 'replaced':
      return { why: 'a newer version says it as it is now', by: row.replaced_by }
    case 'returned':
    case 'out of reach':
    case 'given up':
      return { recipient }
    default: {
      const never: never = found
      return never
    }
  }
}

/**
 * A person is asked to ring. Nobody can ask about a notification whose key is gone: it is erased. Where the key is there and
 * cannot be opened nothing could seal a question about it, so the recipient's own key seals one that names nobody: whoever
 * keeps the directory rings that recipient by the ids, in the same time.
 */
async function openTasksFor(
  trx: Trx,
  { keys, faulted }: Pick<DueRoom, 'keys' | 'faulted'>,
  attended: readonly Attended[],
  at: Temporal.Instant,
): Promise<NewEvent[]> {
  const asking = attended.filter(({ before, found }) => found.some((one) => questionOf(one, before) !== null))
  if (asking.length === 0) return []
  const damaged = new Set<string>()
  const dataKeys = await dataKeysOf(
    trx,
    keys,
    asking.map(({ before }) => before.notification_id),
    (fault, id) => {
      damaged.add(id)
      faulted(fault)
    },
  )
  const tasks = asking.flatMap(({ before, found }) => {
    const dataKey = dataKeys.get(before.notification_id)
    if (!dataKey) return []
    return found.flatMap((one) => {
      const question = questionOf(one, before)
      return question === null ? [] : [directoryTask(before, dataKey, question)]
    })
  })
  const unsealable = asking.filter(({ before }) => damaged.has(before.notification_id)).flatMap(askedWithoutKey)
  return [...taskEvents(await openTasks(trx, tasks, at)), ...(await openUpkeep(trx, keys, unsealable, at))]
}

function askedWithoutKey({ before, found }: Attended): UpkeepQuestion[] {
  return found.flatMap((one) => {
    const question = questionOf(one, before)
    if (question === null) return []
    return [{ recipientId: before.recipient_id, question: unopened(question, before), dueBy: before.due_by }]
  })
}
