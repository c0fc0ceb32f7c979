import { type Client, OPERATOR } from '../access/scopes.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import type { NewEvent } from '../audit/chain.ts'
import type { Trx } from '../database/connection.ts'
import type { KeyRing } from '../database/sealing.ts'
import type { Channel } from '../words/recipient.ts'
import type { RecipientBody } from './recipient-body.ts'
import { differing, entryOf, OPERATOR_FIELDS, ownEntryOf } from './recipient-entry.ts'
import {
  insertRecipients,
  lockOwnRecipient,
  lookAgainAtDispatchesTo,
  type MovedDispatch,
  moveWaitingDispatches,
  type NewRecipient,
  type RecipientEntry,
  type StoredRecipient,
  updateRecipient,
  wakeNotificationsAwaitingDirectory,
} from './recipient-store.ts'
import { newSigningSecret } from './signing-secret.ts'

/** One recipient to write. */
export interface Put {
  id: string
  body: RecipientBody
}

/** What somebody else knows of a recipient, such as a register of schools. Everything it does not know stays as it is. The operator's alone. */
export interface Amendment {
  id: string
  /** As which it is added where it is not there yet; null: then there is nothing to write. */
  body: RecipientBody | null
  /** It was not there a moment ago. */
  isUnknown: boolean
  amended: (stored: RecipientEntry) => RecipientEntry
}

/** What came of one. `secret` is told here and never again. */
export type Written =
  | { kind: 'added'; secret?: string | undefined }
  | { kind: 'changed'; secret?: string | undefined }
  | { kind: 'as it was' }
  | { kind: 'not yours' }
  | { kind: "the operator's"; fields: readonly string[] }

/** Who writes, when, and when triage should look again for those it could not find. */
export interface Writing {
  client: Client
  at: Temporal.Instant
  lookAgainAt: Temporal.Instant
}

/**
 * Writes recipients in one transaction, each with an event that names what changed and never what it says. Whoever can
 * newly be told makes the notifications that waited for somebody due again; what waits for one that has another agency or
 * channel now goes with it; and where somebody else may read it now, what nobody has seen is held back and looked at again.
 */
export async function writeRecipients(
  trx: Trx,
  ring: KeyRing,
  puts: readonly (Put | Amendment)[],
  writing: Writing,
): Promise<Written[]> {
  const written: Written[] = []
  const events: NewEvent[] = []
  const moved: string[] = []
  const readElsewhere: string[] = []
  const agencies = new Set<string>()
  let reachesNew = false
  const added = await addUnknown(trx, ring, puts, writing)
  for (const [index, put] of puts.entries()) {
    const one = added.get(index) ?? (await writeRecipient(trx, ring, put, writing))
    written.push(one.written)
    if (one.event) events.push(one.event)
    if (one.moves) moved.push(put.id)
    if (one.readers) readElsewhere.push(put.id)
    for (const agency of one.readers?.agencies ?? []) agencies.add(agency)
    reachesNew ||= one.reachesNew
  }
  await lookAgainAtDispatchesTo(trx, { recipients: readElsewhere, agencies: [...agencies] }, writing.at)
  // Notifications, dispatches, streams, as triage locks them: the other way round the two would wait for each other.
  if (reachesNew) await wakeNotificationsAwaitingDirectory(trx, writing.lookAgainAt)
  events.push(...movedEvents(await moveWaitingDispatches(trx, moved, writing.at), writing.client))
  await appendAuditEvents(trx, writing.at, events)
  return written
}

interface One {
  written: Written
  event?: NewEvent
  reachesNew: boolean
  /** It has another agency or channel than what waits for it was planned for. */
  moves: boolean
  /** Others may read now what is sent there: and at every door of these agencies, whose people an employer names. */
  readers?: { agencies: string[] } | undefined
}

/** By which somebody in a notification is known to work there (contract §1, `employer`); a contact is one by name. */
const EMPLOYER_FIELDS: readonly string[] = ['name', 'agency', 'urn', 'odsCode', 'successorId']

const refused = (written: Written): One => ({ written, reachesNew: false, moves: false })

async function writeRecipient(trx: Trx, ring: KeyRing, put: Put | Amendment, writing: Writing): Promise<One> {
  const { client, at } = writing
  const isOperator = client.agency === OPERATOR
  const stored = await lockOwnRecipient(trx, ring, put.id)
  if (stored) return changeRecipient(trx, put, stored, writing)
  if (!isOperator || put.body === null) return refused({ kind: 'not yours' })
  const fresh = newRecipient(put.id, put.body)
  // Somebody else added it just now: their commit is waited for, and this is then a change.
  if (!(await insertRecipients(trx, ring, [fresh], at)).has(put.id)) return writeRecipient(trx, ring, put, writing)
  return wasAdded(fresh, client)
}

/** Those that were not there when somebody looked, in one statement: a register may bring tens of thousands. By their place in `puts`. */
async function addUnknown(trx: Trx, ring: KeyRing, puts: readonly (Put | Amendment)[], { client, at }: Writing) {
  const fresh = new Map<string, { index: number; recipient: NewRecipient }>()
  for (const [index, put] of puts.entries()) {
    const isUnknown = 'amended' in put && put.isUnknown && client.agency === OPERATOR && !fresh.has(put.id)
    if (isUnknown && put.body !== null) fresh.set(put.id, { index, recipient: newRecipient(put.id, put.body) })
  }
  // In one order, so that two who add the same do not wait for each other.
  const recipients = [...fresh.values()].sort((one, other) => (one.recipient.id < other.recipient.id ? -1 : 1))
  const added = await insertRecipients(
    trx,
    ring,
    recipients.map(({ recipient }) => recipient),
    at,
  )
  const stand = recipients.filter(({ recipient }) => added.has(recipient.id))
  return new Map(stand.map(({ index, recipient }) => [index, wasAdded(recipient, client)]))
}

function newRecipient(id: string, body: RecipientBody): NewRecipient {
  const entry = entryOf(id, body)
  return { id, entry, secrets: isCalled(entry.channel) ? [newSigningSecret()] : [] }
}

function wasAdded({ id, entry, secrets: [secret] }: NewRecipient, client: Client): One {
  const event = eventOf(id, client, 'recipient added', { fields: differing({}, entry) })
  return { written: { kind: 'added', secret }, event, reachesNew: true, moves: false }
}

async function changeRecipient(trx: Trx, put: Put | Amendment, stored: StoredRecipient, { client, at }: Writing): Promise<One> {
  const isOperator = client.agency === OPERATOR
  const entry = entryAfter(put, stored.entry, isOperator)
  const fields = differing(stored.entry, entry)
  const operators = fields.filter((field) => OPERATOR_FIELDS.some((name) => name === field))
  if (!isOperator && operators.length > 0) return refused({ kind: "the operator's", fields: operators })
  // Who writes a disabled recipient again, even as it was, says that its address is mended.
  const reachableAgain = isOperator && stored.disabled && !('amended' in put)
  if (fields.length === 0 && !reachableAgain) return refused({ kind: 'as it was' })
  const isWebhook = entry.channel.kind === 'webhook'
  const secret = isCalled(entry.channel) && stored.secrets.length === 0 ? newSigningSecret() : undefined
  const kept = isWebhook ? stored.secrets : []
  const secrets = secret ? [secret] : kept
  await updateRecipient(trx, { id: put.id, entry, secrets, dataKey: stored.dataKey, reachableAgain }, at)
  const detail = { fields, ...(reachableAgain ? { reachableAgain } : {}) }
  return {
    written: { kind: 'changed', secret },
    event: eventOf(put.id, client, 'recipient changed', detail),
    reachesNew: operators.length > 0,
    readers: newReaders(fields, stored.entry, entry),
    moves: entry.agency !== stored.entry.agency || entry.channel.kind !== stored.entry.channel.kind,
  }
}

function newReaders(fields: readonly string[], before: RecipientEntry, after: RecipientEntry): One['readers'] {
  if (fields.some((field) => EMPLOYER_FIELDS.includes(field))) return { agencies: [before.agency, after.agency] }
  return fields.includes('contacts') ? { agencies: [] } : undefined
}

/** A webhook whose address is not known yet has no secret: whoever gives the address is told it. */
const isCalled = (channel: Channel) => channel.kind === 'webhook' && channel.url !== ''

function entryAfter(put: Put | Amendment, stored: RecipientEntry, isOperator: boolean): RecipientEntry {
  if ('amended' in put) return put.amended(stored)
  return isOperator ? entryOf(put.id, put.body) : ownEntryOf(put.body, stored)
}

/** Whose each was and is: from then on another agency may see it. */
function movedEvents(moved: readonly MovedDispatch[], { id: actor }: Client): NewEvent[] {
  return moved
    .filter(({ before, after }) => before !== after)
    .map(({ id: dispatch, notification_id: stream, recipient_id: recipient, before: from, after: to }) => ({
      stream,
      kind: 'dispatch moved',
      actor,
      dispatch,
      detail: { recipient, from, to },
    }))
}

function eventOf(id: string, { id: actor }: Client, kind: string, detail: Record<string, unknown>): NewEvent {
  return { stream: `recipient:${id}`, kind, actor, detail }
}
