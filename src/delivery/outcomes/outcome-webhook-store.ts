import { CompiledQuery } from 'kysely'
import type { Trx } from '../../database/connection.ts'
import { type KeyRing, newDataKey, openDataKey, openJson, sealJson, type WrappedKey } from '../../database/sealing.ts'

/** Where a force hears of outcomes. */
export interface OutcomeWebhook {
  agency: string
  url: string
  /** `whsec_…`, newest first; every one signs. */
  secrets: string[]
}

interface Row {
  url: string
  data_key: Buffer
  wrapped_by: string
  sealed: Buffer
}

const LOCK = 'select url, data_key, wrapped_by, sealed from outcome_webhook where agency = $1 for update'

/** The webhook of a force, locked; null where it has none. */
export async function lockOutcomeWebhook(trx: Trx, ring: KeyRing, agency: string): Promise<OutcomeWebhook | null> {
  const [row] = (await trx.executeQuery<Row>(CompiledQuery.raw(LOCK, [agency]))).rows
  return row ? { agency, url: row.url, secrets: openSecrets(ring, agency, row) } : null
}

const PUT = `
  insert into outcome_webhook (agency, url, data_key, wrapped_by, sealed, written_at, written_by) values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (agency) do update set url = excluded.url, data_key = excluded.data_key, wrapped_by = excluded.wrapped_by, sealed = excluded.sealed,
    written_at = excluded.written_at, written_by = excluded.written_by, disabled_at = null`

/** Writes it, with a key of its own each time. One that was disabled is called again. */
export async function putOutcomeWebhook(
  trx: Trx,
  ring: KeyRing,
  { agency, url, secrets }: OutcomeWebhook,
  by: { actor: string; at: Temporal.Instant },
): Promise<void> {
  const { key, wrapped, wrappedBy } = newDataKey(ring, ownerOf(agency))
  const sealed = sealJson(key, placeOf(agency), secrets)
  await trx.executeQuery(CompiledQuery.raw(PUT, [agency, url, wrapped, wrappedBy, sealed, by.at, by.actor]))
}

/** Opens what its calls are signed with. */
export function openSecrets(ring: KeyRing, agency: string, row: Omit<Row, 'url'>): string[] {
  const stored: WrappedKey = { wrapped: row.data_key, wrappedBy: row.wrapped_by }
  return openJson(openDataKey(ring, ownerOf(agency), stored), placeOf(agency), row.sealed)
}

const ownerOf = (agency: string) => `outcome_webhook:${agency}`
const placeOf = (agency: string) => `outcome_webhook.sealed|${agency}`
