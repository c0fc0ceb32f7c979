import { CompiledQuery } from 'kysely'
import type { Database } from '../../database/connection.ts'
import { newId } from '../../database/new-id.ts'
import type { DispatchId } from '../../words/ids.ts'
import { type LinkFor, linkExpiry } from './links.ts'

const INSERT = `
  insert into link (id, dispatch_id, recipient_id, contact, issued_at, expires_at)
  select id, $2, $3, $4, $5, $6 from unnest($1::text[]) as made (id)`

/** Makes a link for each of some mails about one dispatch, before any is sent: one that is not written down opens nothing. */
export async function issueLinks(
  database: Database,
  about: { dispatchId: DispatchId; recipientId: string; contact: LinkFor['contact']; dueBy: Temporal.Instant; count: number },
  at: Temporal.Instant,
): Promise<LinkFor[]> {
  const { dispatchId, recipientId, contact, dueBy, count } = about
  const expiresAt = linkExpiry(dueBy, at)
  const links = Array.from({ length: count }, () => ({ id: newId('lnk'), dispatchId, recipientId, contact, expiresAt }))
  const ids = links.map(({ id }) => id)
  await database.kysely.executeQuery(CompiledQuery.raw(INSERT, [ids, dispatchId, recipientId, contact, at, expiresAt]))
  return links
}
