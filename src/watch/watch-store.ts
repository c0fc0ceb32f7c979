import { CompiledQuery } from 'kysely'
import { DIFFERENCES } from '../audit/manifest-store.ts'
import type { Trx } from '../database/connection.ts'
import type { AlarmKind } from '../words/alarm.ts'

type Instant = Temporal.Instant

/** A day's manifest beside what came. */
export interface Reconciled {
  day: string
  putAt: Instant
  listed: number
  notReceived: string[]
  notListed: string[]
}

const PUT_MANIFEST = `
  insert into manifest (agency, day, police_references, put_at, put_by) values ($1, $2, $3, $4, $5)
  on conflict (agency, day) do update set police_references = excluded.police_references, put_at = excluded.put_at, put_by = excluded.put_by
  where manifest.police_references <> excluded.police_references
  returning (xmax = 0) as fresh`

/** @returns what became of the day's manifest; the same list again changes nothing, not even when it was put */
export async function putManifest(
  trx: Trx,
  manifest: { agency: string; day: string; references: readonly string[]; by: string },
  at: Instant,
): Promise<'added' | 'changed' | 'as it was'> {
  const { agency, day, references, by } = manifest
  const { rows } = await trx.executeQuery<{ fresh: boolean }>(
    CompiledQuery.raw(PUT_MANIFEST, [agency, day, [...references].sort(), at, by]),
  )
  const [row] = rows
  return row === undefined ? 'as it was' : row.fresh ? 'added' : 'changed'
}

/** The manifest of a day and where it differs from what came; null where none was put. */
export async function reconcile(trx: Trx, agency: string, day: string, at: Instant): Promise<Reconciled | null> {
  const text = `select d.day, d."putAt", d."notReceived", d."notListed",
      (select cardinality(police_references) from manifest where agency = d.agency and day = d.day) as listed
    from (${DIFFERENCES} where m.agency = $2 and m.day = $3) d`
  const { rows } = await trx.executeQuery<Reconciled>(CompiledQuery.raw(text, [at, agency, day]))
  return rows[0] ?? null
}

/** What is expected of a force, or of it in one authority. */
export interface ExpectedTraffic {
  authority?: string | undefined
  atLeast: number
  withinHours: number
}

const EXPECT = `
  insert into expected_traffic (agency, authority, at_least, within_hours, set_at, set_by)
  select $1, authority, at_least, within_hours, $5, $6 from unnest($2::text[], $3::int[], $4::int[]) as e (authority, at_least, within_hours)
  on conflict (agency, authority) do update set at_least = excluded.at_least, within_hours = excluded.within_hours,
    set_at = excluded.set_at, set_by = excluded.set_by
  where (expected_traffic.at_least, expected_traffic.within_hours) is distinct from (excluded.at_least, excluded.within_hours)`

/** Puts what is expected of a force whole: what is not named any more is not expected any more. */
export async function expectTraffic(
  trx: Trx,
  expected: { agency: string; floors: readonly ExpectedTraffic[]; by: string },
  at: Instant,
): Promise<void> {
  const { agency, floors, by } = expected
  const authorities = floors.map(({ authority }) => authority ?? '')
  await trx.executeQuery(
    CompiledQuery.raw('delete from expected_traffic where agency = $1 and authority <> all($2::text[])', [agency, authorities]),
  )
  await trx.executeQuery(
    CompiledQuery.raw(EXPECT, [
      agency,
      authorities,
      floors.map(({ atLeast }) => atLeast),
      floors.map(({ withinHours }) => withinHours),
      at,
      by,
    ]),
  )
}

/** An alarm as its agency and the operator read it. */
export interface AlarmRead {
  id: string
  kind: AlarmKind
  agency: string
  authority: string | null
  recipientId: string | null
  day: string | null
  since: Instant
  raisedAt: Instant
  endedAt: Instant | null
  task: string | null
}

/** The alarms this transaction's agency may see, newest first: those that stand, or also those that ended since. */
export async function readAlarms(trx: Trx, endedSince: Instant | null, limit: number): Promise<AlarmRead[]> {
  const text = `select a.id, a.kind, a.agency, a.authority, a.recipient_id as "recipientId", a.day, a.since, a.raised_at as "raisedAt",
      a.ended_at as "endedAt", (select t.id from task t where t.alarm_id = a.id) as task
    from alarm a where a.ended_at is null or a.ended_at >= $1 order by a.raised_at desc, a.id desc limit $2`
  return (await trx.executeQuery<AlarmRead>(CompiledQuery.raw(text, [endedSince, limit]))).rows
}
