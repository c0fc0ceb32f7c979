import { CompiledQuery, sql } from 'kysely'
import type { Trx } from '../database/connection.ts'
import { type KeyRing, newDataKey, type WrappedKey } from '../database/sealing.ts'
import type { DispatchId, NotificationId } from '../words/ids.ts'
import type { Channel, Contact, Recipient, Service } from '../words/recipient.ts'
import { channelOf } from './find-recipients-store.ts'
import { openColumns, type RecipientRow } from './recipient-row.ts'
import { openRecipient, openRecipientKey, type RecipientSecrets, sealRecipient } from './recipient-secrets.ts'

/** Everything about a recipient that somebody writes. */
export interface RecipientEntry {
  service: Service
  name: string
  agency: string
  authorities: string[]
  urn?: string | undefined
  odsCode?: string | undefined
  successorId?: string | undefined
  /** The day a school closed, YYYY-MM-DD. */
  closedOn?: string | undefined
  channel: Channel
  contacts: Contact[]
  serves: Recipient['serves']
  hours?: unknown
  outOfHours?: RecipientSecrets['outOfHours'] | undefined
  opensAt: string
  terms: [string, string][]
  closedDays: string[]
}

export interface StoredRecipient {
  entry: RecipientEntry
  /** Webhook secrets, newest first. */
  secrets: string[]
  disabled: boolean
  writtenAt: Temporal.Instant
  /** The row's own data key: kept as long as the row, because tasks about the recipient are sealed with it. */
  dataKey: Buffer
}

const READ = `
  select ${openColumns('r.')}, r.disabled_at, r.written_at, s.data_key, s.wrapped_by, s.sealed
  from recipient r cross join lateral recipient_sealed(r.id) s where r.id = $1`

interface Row extends RecipientRow {
  disabled_at: Temporal.Instant | null
  written_at: Temporal.Instant
}

/** A recipient of the agency this transaction acts for; the operator's are all. Null for any other. */
export async function readOwnRecipient(trx: Trx, ring: KeyRing, id: string): Promise<StoredRecipient | null> {
  const { rows } = await trx.executeQuery<Row>(CompiledQuery.raw(READ, [id]))
  const [row] = rows
  return row ? storedOf(ring, id, row) : null
}

/** The same, held until the transaction ends; dispatches to it may be planned meanwhile. */
export async function lockOwnRecipient(trx: Trx, ring: KeyRing, id: string): Promise<StoredRecipient | null> {
  await trx.selectFrom('recipient').select('id').where('id', '=', id).forNoKeyUpdate().execute()
  return readOwnRecipient(trx, ring, id)
}

/** One to be added. */
export interface NewRecipient {
  id: string
  entry: RecipientEntry
  secrets: string[]
}

/** Adds recipients in one statement. @returns the ids of those added; the others were there already */
export async function insertRecipients(
  trx: Trx,
  ring: KeyRing,
  recipients: readonly NewRecipient[],
  at: Temporal.Instant,
): Promise<Set<string>> {
  if (recipients.length === 0) return new Set()
  const rows = recipients.map(({ id, entry, secrets }) => {
    const { key, wrapped, wrappedBy }: WrappedKey & { key: Buffer } = newDataKey(ring, id)
    const sealed = sealRecipient(key, id, secretsOf(entry, secrets))
    return { id, ...columnsOf(entry), data_key: wrapped, wrapped_by: wrappedBy, sealed, written_at: at }
  })
  const added = await trx
    .insertInto('recipient')
    .values(rows)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .execute()
  return new Set(added.map(({ id }) => id))
}

/** Writes a locked recipient again. `reachableAgain` clears that its address was gone. */
export async function updateRecipient(
  trx: Trx,
  recipient: { id: string; entry: RecipientEntry; secrets: string[]; dataKey: Buffer; reachableAgain: boolean },
  at: Temporal.Instant,
): Promise<void> {
  const { id, entry, secrets, dataKey, reachableAgain } = recipient
  const { numUpdatedRows } = await trx
    .updateTable('recipient')
    .set({
      ...columnsOf(entry),
      sealed: sealRecipient(dataKey, id, secretsOf(entry, secrets)),
      written_at: at,
      ...(reachableAgain ? { disabled_at: null } : {}),
    })
    .where('id', '=', id)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) throw new Error('A recipient that was locked could not be written')
}

/** Makes triage due again for notifications that wait for somebody to be found in the directory, and are not two weeks old; it can only tell more. */
export async function wakeNotificationsAwaitingDirectory(trx: Trx, at: Temporal.Instant): Promise<number> {
  const { rows } = await sql<{ woken: number }>`select wake_notifications_awaiting_directory(${at}) as woken`.execute(trx)
  return rows[0]?.woken ?? 0
}

/**
 * Holds back what nobody has seen of what was planned for these recipients, and for any of these agencies, and makes triage due
 * for it: who works there or is a contact may have changed. Waits for triage under way, so call it before anything is locked
 * that triage locks.
 */
export async function lookAgainAtDispatchesTo(
  trx: Trx,
  { recipients, agencies }: { recipients: readonly string[]; agencies: readonly string[] },
  at: Temporal.Instant,
): Promise<void> {
  if (recipients.length === 0) return
  await trx.executeQuery(CompiledQuery.raw('select look_again_at_dispatches_to($1, $2, $3)', [recipients, agencies, at]))
}

/** A dispatch that waits, and whose it was and is. */
export interface MovedDispatch {
  id: DispatchId
  notification_id: NotificationId
  recipient_id: string
  before: string
  after: string
}

/** What waits for recipients follows them: it is their new agency's from now, and the due loop takes up their new channel. */
export async function moveWaitingDispatches(trx: Trx, ids: readonly string[], at: Temporal.Instant): Promise<MovedDispatch[]> {
  if (ids.length === 0) return []
  const text = 'select id, notification_id, recipient_id, before, after from move_waiting_dispatches($1, $2)'
  return (await trx.executeQuery<MovedDispatch>(CompiledQuery.raw(text, [ids, at]))).rows
}

function storedOf(ring: KeyRing, id: string, row: Row): StoredRecipient {
  const opened = openRecipient(ring, id, row)
  return {
    entry: {
      service: row.service,
      name: row.name,
      agency: row.agency,
      authorities: row.authorities,
      urn: row.urn ?? undefined,
      odsCode: row.ods_code ?? undefined,
      successorId: row.successor_id ?? undefined,
      closedOn: row.closed_on ?? undefined,
      channel: channelOf(row.channel, row.url, opened),
      contacts: opened.contacts,
      serves: row.serves,
      hours: row.hours ?? undefined,
      outOfHours: opened.outOfHours,
      opensAt: row.opens_at,
      terms: row.terms,
      closedDays: row.closed_days,
    },
    secrets: opened.secrets,
    disabled: row.disabled_at !== null,
    writtenAt: row.written_at,
    dataKey: openRecipientKey(ring, id, row),
  }
}

function columnsOf(entry: RecipientEntry) {
  return {
    service: entry.service,
    name: entry.name,
    agency: entry.agency,
    authorities: entry.authorities,
    urn: entry.urn ?? null,
    ods_code: entry.odsCode ?? null,
    successor_id: entry.successorId ?? null,
    closed_on: entry.closedOn ?? null,
    channel: entry.channel.kind,
    // Null where none is known: whoever sends looks for that, and has a person asked.
    url: entry.channel.kind === 'webhook' && entry.channel.url !== '' ? entry.channel.url : null,
    serves: entry.serves,
    hours: entry.hours === undefined ? null : JSON.stringify(entry.hours),
    out_of_hours_recipient: entry.outOfHours?.recipientId ?? null,
    opens_at: entry.opensAt,
    terms: JSON.stringify(entry.terms),
    closed_days: entry.closedDays,
  }
}

function secretsOf(entry: RecipientEntry, secrets: string[]): RecipientSecrets {
  return {
    contacts: entry.contacts,
    ...(entry.channel.kind === 'email' ? { mailbox: entry.channel.address } : {}),
    ...(entry.outOfHours ? { outOfHours: entry.outOfHours } : {}),
    secrets,
  }
}
