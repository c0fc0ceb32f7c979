import { CompiledQuery } from 'kysely'
import type { Db } from '../database/connection.ts'
import type { KeyRing } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import type { Channel, Recipient, WeekHours } from '../words/recipient.ts'
import { openColumns, type RecipientRow } from './recipient-row.ts'
import { openRecipient, type RecipientSecrets } from './recipient-secrets.ts'

/** By what a batch of notifications names those who might be told. */
export interface WantedRecipients {
  authorities: readonly string[]
  urns: readonly string[]
  odsCodes: readonly string[]
  ids: readonly string[]
}

/** A school that closed into another that closed …: no real chain is this long. */
const SUCCESSORS_MAX = 5
/** More for one batch means that the directory is wrong, and a cut list would leave somebody untold in silence. */
const FOUND_MAX = 20_000

/** Schools are told by their URN alone, so that a county's hundreds are not read for each of its notifications. */
const FIND = `
  with recursive named as (
    select id, successor_id, out_of_hours_recipient, 0 as step from recipient where authorities && $1::text[] and service <> 'education_setting'
    union select id, successor_id, out_of_hours_recipient, 0 from recipient where urn = any($2::text[])
    union select id, successor_id, out_of_hours_recipient, 0 from recipient where ods_code = any($3::text[])
    union select id, successor_id, out_of_hours_recipient, 0 from recipient where id = any($4::text[])
  ), chain as (
    select id, successor_id, out_of_hours_recipient, step from named
    union select r.id, r.successor_id, r.out_of_hours_recipient, c.step + 1 from chain c
      join recipient r on r.id in (c.successor_id, c.out_of_hours_recipient) where c.step < ${SUCCESSORS_MAX}
  )
  select id, ${openColumns()}, not route_open(disabled_at, suspended_until, $5) as closed, data_key, wrapped_by, sealed
  from recipient where id in (select id from chain) order by id limit ${FOUND_MAX}`

interface Row extends RecipientRow {
  id: string
  hours: WeekHours | string | null
  closed: boolean
}

/** Everyone a whole batch of notifications could have to tell, with those who succeeded closed schools or stand in out of hours. For the worker's role. */
export async function findRecipients(db: Db, keys: Keys, wanted: WantedRecipients, at: Temporal.Instant): Promise<Recipient[]> {
  const { rows } = await db.executeQuery<Row>(
    CompiledQuery.raw(FIND, [wanted.authorities, wanted.urns, wanted.odsCodes, wanted.ids, at]),
  )
  if (rows.length === FOUND_MAX) throw new Error(`One batch names ${FOUND_MAX} recipients or more; the directory cannot be right`)
  return rows.map((row) => recipientOf(row, secretsOrNull(keys.ring, row)))
}

/** One damaged entry must not stop triage for its whole authority: it is out of reach, and a person is asked about it. */
function secretsOrNull(ring: KeyRing, row: Row): RecipientSecrets | null {
  try {
    return remembered(ring, row)
  } catch {
    return null
  }
}

function recipientOf(row: Row, secrets: RecipientSecrets | null): Recipient {
  return {
    id: row.id,
    service: row.service,
    name: row.name,
    agency: row.agency,
    authorities: row.authorities,
    ...(row.urn === null ? {} : { urn: row.urn }),
    ...(row.ods_code === null ? {} : { odsCode: row.ods_code }),
    ...(row.successor_id === null ? {} : { successorId: row.successor_id }),
    ...(row.closed_on === null ? {} : { closedOn: row.closed_on }),
    channel: channelOf(row.channel, row.url, secrets),
    contacts: secrets?.contacts ?? [],
    serves: row.serves,
    ...(row.hours === null || typeof row.hours === 'string' ? {} : { hours: row.hours }),
    ...(secrets?.outOfHours === undefined ? {} : { outOfHours: secrets.outOfHours }),
    calendar: { opensAt: row.opens_at, terms: row.terms, closedDays: row.closed_days },
    disabled: row.closed || row.closed_on !== null || secrets === null,
  }
}

/** The channel in the field's words, from its column and the sealed mailbox. */
export function channelOf(kind: Channel['kind'], url: string | null, secrets: RecipientSecrets | null): Channel {
  if (kind === 'webhook') return { kind, url: url ?? '' }
  if (kind === 'email') return { kind, address: secrets?.mailbox ?? '' }
  return { kind }
}

const REMEMBERED_MAX = 20_000
const TAG_AND_NONCE_BYTES = 28
/** Opened once a process and writing: opening two keys for everyone in every batch would cost more than the rulings. */
const opened = new Map<string, { seal: Buffer; secrets: RecipientSecrets }>()

/** What was sealed is known again by its nonce and tag, which no two sealings share. */
function remembered(ring: KeyRing, row: Row): RecipientSecrets {
  const seal = row.sealed.subarray(0, TAG_AND_NONCE_BYTES)
  const known = opened.get(row.id)
  if (known?.seal.equals(seal)) return known.secrets
  const secrets = openRecipient(ring, row.id, row)
  if (opened.size >= REMEMBERED_MAX) opened.clear()
  opened.set(row.id, { seal: Buffer.from(seal), secrets })
  return secrets
}
