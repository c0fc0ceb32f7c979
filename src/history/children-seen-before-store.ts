import { CompiledQuery } from 'kysely'
import type { Db } from '../database/connection.ts'
import { open, openDataKey } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import type { AgencyId, NotificationId, PersonRef } from '../words/ids.ts'
import type { Notification } from '../words/notification.ts'
import { type LookedUp, ROWS_PER_KEY_MAX } from './earlier-incidents-store.ts'
import { certainKinds, type PersonKeyKind } from './person-keys.ts'

/** Older ones than the latest five with a child on them are not read: a child is not left off that many in turn unseen. */
const EARLIER_READ_MAX = 5

/** A child of an earlier notification on which a victim or suspect of `of` was a party. */
export interface EarlierChild {
  of: NotificationId
  earlier: NotificationId
  agency: AgencyId
  policeReference: string
  occurredAt: Temporal.Instant
  /** The parties here who were parties there, and who they were there. */
  beside: PersonRef[]
  there: PersonRef[]
  /** Who the child was there. */
  ref: PersonRef
  /** The child's certain keys. */
  keys: Buffer[]
}

/**
 * Only the newest version of a reference counts, and none that was withdrawn: what the force itself took off an earlier
 * notification is not missing from this one.
 */
const EARLIER_CHILDREN = `
  with asked as (
    select of, ref, key, before from unnest($1::text[], $2::text[], $3::bytea[], $4::timestamptz[]) as a (of, ref, key, before)
  ), near as (
    select asked.of, seen.notification_id, array_agg(distinct asked.ref) as beside, array_agg(distinct seen.ref) as there
    from asked cross join lateral (
      select p.notification_id, p.ref from person_key p
      where p.key = asked.key and p.occurred_at < asked.before and p.role in ('victim', 'suspect')
      order by p.occurred_at desc limit ${ROWS_PER_KEY_MAX}) seen
    group by asked.of, seen.notification_id
  ), latest as (
    select near.of, near.beside, near.there, n.id as earlier, n.agency, n.police_reference, n.occurred_at,
      row_number() over (partition by near.of order by n.occurred_at desc, n.id) as nth
    from near join notification this on this.id = near.of join notification n on n.id = near.notification_id
    where n.state in ('received', 'triaged') and (n.agency, n.police_reference) <> (this.agency, this.police_reference)
      and exists (select from person_key c where c.notification_id = n.id and c.role = 'child'))
  select l.of, l.earlier, l.agency, l.police_reference as "policeReference", l.occurred_at as "occurredAt", l.beside, l.there, c.ref,
    array_agg(c.key) as keys, array_agg(c.kind) as kinds
  from latest l join person_key c on c.notification_id = l.earlier and c.role = 'child'
  where l.nth <= ${EARLIER_READ_MAX}
  group by l.of, l.earlier, l.agency, l.police_reference, l.occurred_at, l.beside, l.there, c.ref
  order by l.of, l.occurred_at desc, l.earlier, c.ref`

type Row = EarlierChild & { kinds: PersonKeyKind[] }

/** The children of earlier notifications of the same victims and suspects, newest notification first: one statement a batch. */
export async function findEarlierChildren(db: Db, wanted: readonly LookedUp[]): Promise<EarlierChild[]> {
  const asks = wanted.flatMap((of) =>
    of.people
      .filter(({ role }) => role === 'victim' || role === 'suspect')
      .flatMap(({ ref, keys }) => keys.filter(({ kind }) => certainKinds.has(kind)).map(({ key }) => ({ of, ref, key }))),
  )
  if (asks.length === 0) return []
  const { rows } = await db.executeQuery<Row>(
    CompiledQuery.raw(EARLIER_CHILDREN, [
      asks.map(({ of }) => of.id),
      asks.map(({ ref }) => ref),
      asks.map(({ key }) => key),
      asks.map(({ of }) => of.occurredAt),
    ]),
  )
  return rows.map(({ kinds, ...row }) => ({ ...row, keys: row.keys.filter((_, at) => certain(kinds[at])) }))
}

function certain(kind: PersonKeyKind | undefined): boolean {
  return kind !== undefined && certainKinds.has(kind)
}

const BODIES = `
  select n.id, n.body, k.wrapped, k.wrapped_by from notification n join data_key k on k.notification_id = n.id
  where n.id = any($1) and n.body is not null order by n.id`

/** The people of earlier notifications, opened: one statement a batch. What is erased has none. */
export async function readPeopleOf(
  db: Db,
  keys: Keys,
  ids: readonly NotificationId[],
): Promise<Map<NotificationId, Notification['people']>> {
  if (ids.length === 0) return new Map()
  const { rows } = await db.executeQuery<{ id: NotificationId; body: Buffer; wrapped: Buffer; wrapped_by: string }>(
    CompiledQuery.raw(BODIES, [[...new Set(ids)]]),
  )
  return new Map(
    rows.map(({ id, body, wrapped, wrapped_by: wrappedBy }) => {
      const dataKey = openDataKey(keys.ring, id, { wrapped, wrappedBy })
      const { people }: Notification = JSON.parse(open(dataKey, `notification.body|${id}`, body).toString('utf8'))
      return [id, people]
    }),
  )
}
