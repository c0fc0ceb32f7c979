import canonicalize from 'canonicalize'
import { type Client, OPERATOR } from '../access/scopes.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import type { NewEvent } from '../audit/chain.ts'
import type { Trx } from '../database/connection.ts'
import type { KeyRing } from '../database/sealing.ts'
import type { RecipientBody } from './recipient-body.ts'
import {
  insertRecipient,
  lockOwnRecipient,
  lookAgainAtDispatchesTo,
  type MovedDispatch,
  moveWaitingDispatches,
  type RecipientEntry,
  type StoredRecipient,
  updateRecipient,
  wakeNotificationsAwaitingDirectory,
} from './recipient-store.ts'
import { newSigningSecret } from './signing-secret.ts'

const OPENS_AT = '08:45'

/** What an agency may change about its own recipient (contract §1); everything else is the operator's. */
const OWN_FIELDS = ['contacts', 'hours', 'outOfHours', 'opensAt', 'terms', 'closedDays'] as const
const OPERATOR_FIELDS = [
  'service',
  'name',
  'agency',
  'authorities',
  'urn',
  'odsCode',
  'successorId',
  'channel',
  'serves',
] as const satisfies readonly (keyof RecipientEntry)[]

/** One recipient to write. */
export interface Put {
  id: string
  body: RecipientBody
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
export async function writeRecipients(trx: Trx, ring: KeyRing, puts: readonly Put[], writing: Writing): Promise<Written[]> {
  const written: Written[] = []
  const events: NewEvent[] = []
  const moved: string[] = []
  const readElsewhere: string[] = []
  const agencies = new Set<string>()
  let reachesNew = false
  for (const put of puts) {
    const one = await writeRecipient(trx, ring, put, writing)
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

async function writeRecipient(trx: Trx, ring: KeyRing, put: Put, writing: Writing): Promise<One> {
  const { client, at } = writing
  const isOperator = client.agency === OPERATOR
  const stored = await lockOwnRecipient(trx, ring, put.id)
  if (stored) return changeRecipient(trx, put, stored, writing)
  if (!isOperator) return refused({ kind: 'not yours' })
  const entry = entryOf(put)
  const secret = entry.channel.kind === 'webhook' ? newSigningSecret() : undefined
  // Somebody else added it just now: their commit is waited for, and this is then a change.
  if (!(await insertRecipient(trx, ring, { id: put.id, entry, secrets: secret ? [secret] : [] }, at))) {
    return writeRecipient(trx, ring, put, writing)
  }
  const fields = differing({}, entry)
  const event = eventOf(put.id, client, 'recipient added', { fields })
  return { written: { kind: 'added', secret }, event, reachesNew: true, moves: false }
}

async function changeRecipient(trx: Trx, put: Put, stored: StoredRecipient, { client, at }: Writing): Promise<One> {
  const isOperator = client.agency === OPERATOR
  const entry = isOperator ? entryOf(put) : ownEntryOf(put, stored.entry)
  const fields = differing(stored.entry, entry)
  const operators = fields.filter((field) => OPERATOR_FIELDS.some((name) => name === field))
  if (!isOperator && operators.length > 0) return refused({ kind: "the operator's", fields: operators })
  // Who writes a disabled recipient again, even as it was, says that its address is mended.
  const reachableAgain = isOperator && stored.disabled
  if (fields.length === 0 && !reachableAgain) return refused({ kind: 'as it was' })
  const isWebhook = entry.channel.kind === 'webhook'
  const secret = isWebhook && stored.secrets.length === 0 ? newSigningSecret() : undefined
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

/** A recipient put whole: what is left out is empty again. */
function entryOf({ id, body }: Put): RecipientEntry {
  return {
    ...body,
    agency: body.agency ?? id,
    authorities: body.authorities ?? [],
    serves: body.serves ?? [],
    ...ownPartOf(body),
  }
}

/** The same by its own agency: what is the operator's may be left out, and then stays. */
function ownEntryOf({ body }: Put, stored: RecipientEntry): RecipientEntry {
  return {
    ...ownPartOf(body),
    service: body.service,
    name: body.name,
    channel: body.channel,
    agency: body.agency ?? stored.agency,
    authorities: body.authorities ?? stored.authorities,
    urn: body.urn ?? stored.urn,
    odsCode: body.odsCode ?? stored.odsCode,
    successorId: body.successorId ?? stored.successorId,
    serves: body.serves ?? stored.serves,
  }
}

function ownPartOf({ contacts, hours, outOfHours, opensAt, terms, closedDays }: RecipientBody) {
  return {
    contacts: contacts ?? [],
    hours,
    outOfHours,
    opensAt: opensAt ?? OPENS_AT,
    terms: terms ?? [],
    closedDays: closedDays ?? [],
  }
}

/** The names of the fields that say something else now. */
function differing(before: Partial<RecipientEntry>, after: RecipientEntry): string[] {
  return [...OPERATOR_FIELDS, ...OWN_FIELDS].filter((field) => canonicalize(before[field]) !== canonicalize(after[field]))
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
