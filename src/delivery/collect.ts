import type { Client } from '../access/scopes.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { type ChainHead, emptyStream, link, type NewEvent } from '../audit/chain.ts'
import { asAgency, type Trx } from '../database/connection.ts'
import { newId } from '../database/new-id.ts'
import { open, openDataKey } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { acknowledgedBy, type QueueRoom } from './acknowledge.ts'
import { appendCollected, type CollectedDispatch, collectDispatches, setAside } from './collect-store.ts'
import { contentOf, listedOf, maySeeVictimRisk } from './queue-bodies.ts'
import { isKeptBack, lockOwnDispatch, markRead, ownsQueue } from './queue-store.ts'
import { rowFault } from './row-fault.ts'

/** Contract §4: what a disclosure by collecting is for. */
const COLLECTION = 'collection'
/** How long one whose content cannot be opened is left out, so that what stands behind it is given. */
const SET_ASIDE_MINUTES = 15

/** What one call of collect gave. */
export interface Collected {
  /** How many it leased. */
  count: number
  /** The answer as it goes over the wire: what a dispatch says was sealed as JSON, and is read by nobody on the way. */
  body: string
  /** Those whose content cannot be opened. */
  faults: Error[]
}

interface Readable {
  row: CollectedDispatch
  content: string
}
interface Unreadable {
  row: CollectedDispatch
  fault: unknown
}

/**
 * Leases the most urgent dispatches of a queue to the caller, with what they say. Each is a disclosure, recorded in the same
 * transaction. What cannot be opened stays uncollected, for a person to be asked about, and is a fault.
 * @returns null where the agency has no such queue
 */
export function collect(
  { database, keys, now }: QueueRoom,
  client: Client,
  queueId: string,
  asked: { max: number; leaseSeconds: number },
): Promise<Collected | null> {
  return asAgency(database, client.agency, async (trx) => {
    // Now, and not when it was asked: a lease must not run while its collector waits for a connection.
    const at = now().round('millisecond')
    const until = at.add({ seconds: asked.leaseSeconds })
    const tokens = Array.from({ length: asked.max }, () => newId('lse'))
    const rows = await collectDispatches(trx, queueId, tokens, { at, until })
    if (rows.length === 0) return (await ownsQueue(trx, client.agency, queueId)) ? answerOf(queueId, [], [], until) : null
    const { readable, unreadable } = openContents(keys, rows)
    const againAt = at.add({ minutes: SET_ASIDE_MINUTES })
    const unreadableIds = unreadable.map(({ row }) => row.id)
    await setAside(trx, unreadableIds, at, againAt)
    const detail = { recipient: queueId, purpose: COLLECTION, leasedUntil: until.toString() }
    await record(trx, at, [
      ...readable.map(({ row }) => ({ row, events: [...lapseEvents(queueId, row), collectedEvent(row, client, detail)] })),
      ...unreadable.map(({ row }) => ({ row, events: setAsideEvents(queueId, row, againAt) })),
    ])
    return answerOf(queueId, readable, unreadable, until)
  })
}

/** One that cannot be opened must not keep back what stands behind it: an urgent one leads the queue every time. */
function openContents(keys: Keys, rows: readonly CollectedDispatch[]) {
  const readable: Readable[] = []
  const unreadable: Unreadable[] = []
  for (const row of rows) {
    try {
      const dataKey = openDataKey(keys.ring, row.notification_id, { wrapped: row.wrapped, wrappedBy: row.wrapped_by })
      const content = row.content === null ? '{}' : open(dataKey, `dispatch.content|${row.id}`, row.content).toString('utf8')
      readable.push({ row, content })
    } catch (fault) {
      // Not carried on without a word: it is set aside with an event, and the caller logs it.
      unreadable.push({ row, fault })
    }
  }
  return { readable, unreadable }
}

/** Chains the events to the heads that were locked with the dispatches. */
function record(
  trx: Trx,
  at: Temporal.Instant,
  collected: readonly { row: CollectedDispatch; events: readonly NewEvent[] }[],
): Promise<void> {
  const heads = new Map<string, ChainHead>()
  const chained = collected.flatMap(({ row, events }) =>
    events.map((event) => {
      const { head_seq: seq, head_hash: hash } = row
      const head = heads.get(event.stream) ?? (seq === null || hash === null ? emptyStream : { seq, hash })
      const next = link(head, at, event)
      heads.set(event.stream, next)
      return next
    }),
  )
  return appendCollected(trx, at, chained, heads)
}

/** Asked for again and again while it cannot be opened, it is one thing that happened. */
function setAsideEvents(recipient: string, row: CollectedDispatch, until: Temporal.Instant): NewEvent[] {
  const about = { stream: row.notification_id, dispatch: row.id, actor: 'system' }
  const detail = { recipient, reason: 'content_unreadable', until: until.toString() }
  return [
    ...lapseEvents(recipient, row),
    ...(row.set_aside_until === null ? [{ ...about, kind: 'dispatch set aside', detail }] : []),
  ]
}

function collectedEvent(row: CollectedDispatch, { id: actor }: Client, detail: Record<string, unknown>): NewEvent {
  return { stream: row.notification_id, dispatch: row.id, kind: 'dispatch collected', actor, detail }
}

function lapseEvents(recipient: string, row: CollectedDispatch): NewEvent[] {
  if (row.before === 'released') return []
  const detail = { recipient, leasedUntil: inRfc3339(row.leased_until) }
  return [{ stream: row.notification_id, dispatch: row.id, kind: 'lease expired', actor: 'system', detail }]
}

function answerOf(
  queueId: string,
  readable: readonly Readable[],
  unreadable: readonly Unreadable[],
  until: Temporal.Instant,
): Collected {
  const expiresAt = until.toString()
  const dispatches = readable.map(({ row, content }) => {
    const rest = JSON.stringify({ ...whatIsListed(queueId, row), lease: { token: row.lease_token, expiresAt } })
    return `{"content":${content},"about":${row.about},${rest.slice(1)}`
  })
  return {
    count: readable.length,
    body: `{"dispatches":[${dispatches.join(',')}]}`,
    faults: unreadable.map(({ row, fault }) => rowFault(row.id, fault)),
  }
}

/** What a list says of it, but whom it is about. */
function whatIsListed(recipientId: string, row: CollectedDispatch): Omit<ReturnType<typeof listedOf>, 'about'> {
  return {
    id: row.id,
    recipientId,
    sequence: row.sequence,
    service: row.service,
    kind: row.kind,
    asks: row.asks,
    restricted: row.restricted,
    victimRisk: maySeeVictimRisk(row.service) ? row.victim_risk : null,
    state: 'collected',
    overdue: row.overdue,
    lateOnArrival: row.late_on_arrival,
    releaseAt: inRfc3339(row.release_at),
    dueBy: inRfc3339(row.due_by),
    collectedAt: inRfc3339(row.collected_at),
    deliveredAt: row.delivered_at === null ? null : inRfc3339(row.delivered_at),
    acknowledgedAt: null,
  }
}

/** Postgres's own spelling of a moment in UTC, `2026-03-06 21:10:00+00`, as Temporal would write it. */
function inRfc3339(text: string | null): string {
  return text === null ? '' : `${text.slice(0, 10)}T${text.slice(11, -3)}Z`
}

/** Shows a dispatch's content again. Every reading is recorded with its purpose. @returns null where it is not the agency's */
export function readDispatch({ database, keys, now }: QueueRoom, client: Client, id: string, purpose: string) {
  const at = now()
  return asAgency(database, client.agency, async (trx) => {
    const row = await lockOwnDispatch(trx, id, client.agency)
    // What is held before anybody was told stays unseen, and so does what was given back unread.
    if (!row || (row.state === 'held' && row.return_reason === null) || (!row.changing && isKeptBack(row, at))) return null
    if (row.replaced_by === null && !row.changing) await markRead(trx, row.id, at)
    const detail = { recipient: row.recipient_id, purpose }
    await appendAuditEvents(trx, at, [
      { stream: row.notification_id, kind: 'dispatch disclosed', actor: client.id, dispatch: row.id, detail },
    ])
    return { ...listedOf(row), content: contentOf(keys, row), acknowledgedBy: acknowledgedBy(keys, row) }
  })
}
