import { CompiledQuery, sql } from 'kysely'
import type { Db, Trx } from '../database/connection.ts'
import type { WrappedKey } from '../database/sealing.ts'
import { ROWS_PER_KEY_MAX } from '../history/earlier-incidents-store.ts'
import type { NotificationId, RestrictionId } from '../words/ids.ts'
import type { Restriction } from '../words/notification.ts'

type Instant = Temporal.Instant

/** A restriction as a look-up found it, still sealed. */
export interface FoundRestriction {
  /** Which of the keys asked for found it, counted from 1; 0 where it is the notification's own, or another version's. */
  asked: number
  id: RestrictionId
  notification_id: NotificationId
  number: number
  agency: string
  police_reference: string
  kind: Restriction['kind']
  sealed: Buffer
  says: Buffer
  lifted: boolean
  wrapped: Buffer | null
  wrapped_by: string | null
}

// Only what is living has keys. Of the notification's own reference the lifted ones are wanted too: its body states them still.
const FIND = `
  with asked as (select * from unnest($1::bytea[]) with ordinality as asked (key, number)),
  found as (
    select asked.number::int as asked, seen.id from asked cross join lateral (
      select k.restriction_id as id from restriction_key k where k.key = asked.key order by k.restriction_id desc limit ${ROWS_PER_KEY_MAX}) seen
    union all
    select 0, r.id from (select distinct own.agency, own.reference from unnest($2::text[], $3::text[]) as own (agency, reference)) own
    join notification n on n.agency = own.agency and n.police_reference = own.reference join restriction r on r.notification_id = n.id)
  select found.asked, r.id, r.notification_id, r.number, r.agency, n.police_reference, r.kind, r.sealed, r.says,
    r.lifted_at is not null as lifted, d.wrapped, d.wrapped_by
  from found join restriction r on r.id = found.id join notification n on n.id = r.notification_id
    left join data_key d on d.notification_id = r.notification_id
  order by r.id desc, found.asked`

/** Restrictions that bind whoever has these keys, and those of these references, newest first. For the worker's role. */
export async function findRestrictions(
  db: Db,
  keys: readonly Buffer[],
  references: readonly { agency: string; policeReference: string }[],
): Promise<FoundRestriction[]> {
  const values = [keys, references.map(({ agency }) => agency), references.map(({ policeReference }) => policeReference)]
  return (await db.executeQuery<FoundRestriction>(CompiledQuery.raw(FIND, values))).rows
}

/**
 * Has whatever was planned about the people of these notifications' restrictions looked at again, once a restriction; waits for
 * a triage of theirs that is under way.
 * @param triagedNow knows of them already
 */
export async function spreadRestrictions(
  trx: Trx,
  statedBy: readonly NotificationId[],
  triagedNow: readonly NotificationId[],
  at: Instant,
): Promise<void> {
  if (statedBy.length === 0) return
  await trx.executeQuery(CompiledQuery.raw('select spread_restrictions($1, $2, $3)', [statedBy, triagedNow, at]))
}

/** A restriction as its own force may see it. */
export interface OwnRestriction {
  id: RestrictionId
  notification: NotificationId
  policeReference: string
  version: number
  kind: Restriction['kind']
  sealed: Buffer
  imposedBy: string
  imposedAt: Instant
  liftedBy: string | null
  liftedAt: Instant | null
  /** Null where its key is gone: nobody can read any more what it said. */
  key: WrappedKey | null
}

/** More than one reference can have: 100 a notification, and some versions. */
const LISTED_MAX = 1_000

/** The restrictions that an agency imposed under one police reference, or one of them by its id; oldest first. */
export async function readOwnRestrictions(
  trx: Trx,
  wanted: { policeReference: string } | { notification: string } | { id: string },
): Promise<OwnRestriction[]> {
  const query = trx
    .selectFrom('restriction')
    .innerJoin('notification', 'notification.id', 'restriction.notification_id')
    .leftJoin('data_key', 'data_key.notification_id', 'restriction.notification_id')
    .select(['restriction.id', 'restriction.notification_id', 'police_reference', 'version', 'kind', 'sealed', 'imposed_by'])
    .select(['imposed_at', 'lifted_by', 'lifted_at', 'wrapped', 'wrapped_by'])
  const only =
    'id' in wanted
      ? query.where(sql<string>`restriction.id`, '=', wanted.id)
      : 'notification' in wanted
        ? query.where(sql<string>`restriction.notification_id`, '=', wanted.notification)
        : query.where('police_reference', '=', wanted.policeReference)
  const rows = await only.orderBy('restriction.id').limit(LISTED_MAX).execute()
  return rows.map((row) => ({
    id: row.id,
    notification: row.notification_id,
    policeReference: row.police_reference,
    version: row.version,
    kind: row.kind,
    sealed: row.sealed,
    imposedBy: row.imposed_by,
    imposedAt: row.imposed_at,
    liftedBy: row.lifted_by,
    liftedAt: row.lifted_at,
    key: row.wrapped && row.wrapped_by ? { wrapped: row.wrapped, wrappedBy: row.wrapped_by } : null,
  }))
}

/** @returns false where it is another force's, is not there, or was lifted before */
export async function liftRestriction(
  trx: Trx,
  id: RestrictionId,
  lifting: { at: Instant; by: string; reason: Buffer },
): Promise<boolean> {
  const { at, by, reason } = lifting
  const { rows } = await trx.executeQuery<{ done: boolean }>(
    CompiledQuery.raw('select lift_restriction($1, $2, $3, $4) as done', [id, at, by, reason]),
  )
  return rows[0]?.done === true
}
