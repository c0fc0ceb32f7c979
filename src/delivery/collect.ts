import type { Client } from '../access/scopes.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import type { NewEvent } from '../audit/chain.ts'
import { asAgency } from '../database/connection.ts'
import { newId } from '../database/new-id.ts'
import type { Keys } from '../database/service-keys.ts'
import { acknowledgedBy, type QueueRoom } from './acknowledge.ts'
import { contentOf, listedOf } from './queue-bodies.ts'
import { type CollectedDispatch, collectDispatches, lockOwnDispatch, ownsQueue, setAside } from './queue-store.ts'
import { rowFault } from './row-fault.ts'

/** Contract §4: what a disclosure by collecting is for. */
const COLLECTION = 'collection'
/** How long one whose content cannot be opened is left out, so that what stands behind it is given. */
const SET_ASIDE_MINUTES = 15

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
) {
  const at = now().round('millisecond')
  const until = at.add({ seconds: asked.leaseSeconds })
  return asAgency(database, client.agency, async (trx) => {
    if (!(await ownsQueue(trx, client.agency, queueId))) return null
    const tokens = Array.from({ length: asked.max }, () => newId('lse'))
    const rows = await collectDispatches(trx, { id: queueId, agency: client.agency }, tokens, { at, until })
    const { readable, unreadable } = openContents(keys, rows)
    const againAt = at.add({ minutes: SET_ASIDE_MINUTES })
    await setAside(
      trx,
      unreadable.map(({ row }) => row.id),
      at,
      againAt,
    )
    await appendAuditEvents(trx, at, [
      ...readable.flatMap(({ row }) => collectionEvents(row, client, until)),
      ...unreadable.flatMap(({ row }) => setAsideEvents(row, againAt)),
    ])
    const dispatches = readable.map(({ row, content }) => ({
      ...listedOf(row),
      content,
      lease: { token: row.lease_token, expiresAt: until.toString() },
    }))
    return { dispatches, faults: unreadable.map(({ row, fault }) => rowFault(row.id, fault)) }
  })
}

/** One that cannot be opened must not keep back what stands behind it: an urgent one leads the queue every time. */
function openContents(keys: Keys, rows: readonly CollectedDispatch[]) {
  const readable: { row: CollectedDispatch; content: Record<string, unknown> }[] = []
  const unreadable: { row: CollectedDispatch; fault: unknown }[] = []
  for (const row of rows) {
    try {
      readable.push({ row, content: contentOf(keys, row) })
    } catch (fault) {
      // Not carried on without a word: it is set aside with an event, and the caller logs it.
      unreadable.push({ row, fault })
    }
  }
  return { readable, unreadable }
}

/** Asked for again and again while it cannot be opened, it is one thing that happened. */
function setAsideEvents(row: CollectedDispatch, until: Temporal.Instant): NewEvent[] {
  const about = { stream: row.notification_id, dispatch: row.id, actor: 'system' }
  const recipient = row.recipient_id
  const lapsed = { ...about, kind: 'lease expired', detail: { recipient, leasedUntil: row.leased_until?.toString() } }
  const detail = { recipient, reason: 'content_unreadable', until: until.toString() }
  return [
    ...(row.before === 'collected' ? [lapsed] : []),
    ...(row.set_aside_until === null ? [{ ...about, kind: 'dispatch set aside', detail }] : []),
  ]
}

function collectionEvents(row: CollectedDispatch, client: Client, until: Temporal.Instant): NewEvent[] {
  const about = { stream: row.notification_id, dispatch: row.id }
  const recipient = row.recipient_id
  const collected: NewEvent = {
    ...about,
    kind: 'dispatch collected',
    actor: client.id,
    detail: { recipient, purpose: COLLECTION, leasedUntil: until.toString() },
  }
  if (row.before === 'released') return [collected]
  const lapsed = { recipient, leasedUntil: row.leased_until?.toString() }
  return [{ ...about, kind: 'lease expired', actor: 'system', detail: lapsed }, collected]
}

/** Shows a dispatch's content again. Every reading is recorded with its purpose. @returns null where it is not the agency's */
export function readDispatch({ database, keys, now }: QueueRoom, client: Client, id: string, purpose: string) {
  const at = now()
  return asAgency(database, client.agency, async (trx) => {
    const row = await lockOwnDispatch(trx, id, client.agency)
    // What is held before anybody was told stays unseen; what its own recipient gave back it has seen already.
    if (!row || (row.state === 'held' && row.return_reason === null)) return null
    const detail = { recipient: row.recipient_id, purpose }
    await appendAuditEvents(trx, at, [
      { stream: row.notification_id, kind: 'dispatch disclosed', actor: client.id, dispatch: row.id, detail },
    ])
    return { ...listedOf(row), content: contentOf(keys, row), acknowledgedBy: acknowledgedBy(keys, row) }
  })
}
