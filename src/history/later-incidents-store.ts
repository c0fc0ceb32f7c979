import { CompiledQuery } from 'kysely'
import type { Db } from '../database/connection.ts'
import type { NotificationId } from '../words/ids.ts'
import { type LookedUp, ROWS_PER_KEY_MAX } from './earlier-incidents-store.ts'
import { certainKinds } from './person-keys.ts'

/** As far ahead as an earlier incident can still count for one that was reported late. */
const LOOKED_AHEAD_MONTHS = 13

/**
 * Oldest first and no more than 50 a key: whatever lies behind fifty later incidents of one person already had fifty to
 * count. Keys are stored when a notification is received, so only one triaged before this one came can have missed it; the
 * minute is for what was on its way to being stored. One that is being triaged at this very moment still reads as received.
 */
const LATER = `
  select distinct n.id
  from unnest($1::bytea[], $2::timestamptz[], $3::timestamptz[], $4::text[]) as asked (key, after, until, id)
  join notification this on this.id = asked.id
  cross join lateral (
    select p.notification_id from person_key p
    where p.key = asked.key and p.role <> 'other_adult' and p.occurred_at > asked.after and p.occurred_at <= asked.until
    order by p.occurred_at limit ${ROWS_PER_KEY_MAX}) seen
  join notification n on n.id = seen.notification_id
  where (n.state = 'received' or n.state = 'triaged' and n.triaged_at < this.received_at + interval '1 minute')
    and (n.agency, n.police_reference) <> (this.agency, this.police_reference)
  order by n.id`

/**
 * Notifications triaged already, or just now, whose incident is later than one of `triaged` and shares a person with it by a certain key:
 * they did not know of it and become due again. Ask only the first time a notification is triaged, and not for one that is
 * itself due again: nothing about it is new to the later ones, and asking would pass the work along for ever.
 */
export async function findLaterTriaged(db: Db, triaged: readonly LookedUp[]): Promise<NotificationId[]> {
  const asks = triaged.flatMap((of) =>
    of.people.flatMap(({ keys }) => keys.filter(({ kind }) => certainKinds.has(kind)).map(({ key }) => ({ of, key }))),
  )
  if (asks.length === 0) return []
  const { rows } = await db.executeQuery<{ id: NotificationId }>(
    CompiledQuery.raw(LATER, [
      asks.map(({ key }) => key),
      asks.map(({ of }) => of.occurredAt),
      asks.map(({ of }) => monthsAfter(of.occurredAt, LOOKED_AHEAD_MONTHS)),
      asks.map(({ of }) => of.id),
    ]),
  )
  const asked = new Set(triaged.map(({ id }) => id))
  return rows.map(({ id }) => id).filter((id) => !asked.has(id))
}

function monthsAfter(moment: Temporal.Instant, months: number): Temporal.Instant {
  return moment.toZonedDateTimeISO('Europe/London').add({ months }).toInstant()
}
