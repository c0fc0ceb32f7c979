import { CompiledQuery } from 'kysely'
import { DIFFERENCES, type ManifestDifference } from '../audit/manifest-store.ts'
import type { Db } from '../database/connection.ts'
import type { WeekHours } from '../words/recipient.ts'
import type { Floor, ForceTraffic, Measured, Suspension, WaitingQueue } from './signs.ts'

type Instant = Temporal.Instant

/** One force after another by the index, and of each only four weeks: years of notifications are never read. */
const FORCES = `
  with recursive force as (
    select min(agency) as agency from notification
    union all select (select min(n.agency) from notification n where n.agency > f.agency) from force f where f.agency is not null),
  last as (
    select f.agency, (select max(n.received_at) from notification n where n.agency = f.agency and n.received_at <= $1::timestamptz) as at
    from force f where f.agency is not null)
  select l.agency, l.at as "lastAt", w.count::int as count, w.longest as "longestGapMs"
  from last l cross join lateral (
    select count(*) as count, coalesce(max(extract(epoch from gap)) * 1000, 0)::float8 as longest from (
      select n.received_at - lag(n.received_at) over (order by n.received_at) as gap from notification n
      where n.agency = l.agency and n.received_at > l.at - interval '28 days' and n.received_at <= l.at) gaps) w
  where l.at is not null limit 1000`

const FLOORS = `
  select e.agency, nullif(e.authority, '') as authority, e.at_least as "atLeast", e.within_hours as "withinHours", e.set_at as "setAt",
    (select count(*)::int from (select from notification n where n.agency = e.agency
      and n.received_at > $1::timestamptz - make_interval(hours => e.within_hours) and n.received_at <= $1::timestamptz
      and (e.authority = '' or n.authority = e.authority) limit e.at_least) came) as came
  from expected_traffic e order by e.agency, e.authority limit 1000`

const QUEUES = `
  select r.id as "recipientId", r.agency, r.name, case when jsonb_typeof(r.hours) = 'object' then r.hours end as hours,
    w.waiting, w.oldest as "oldestAt"
  from recipient r cross join lateral (
    select count(*)::int as waiting, min(old.release_at) as oldest from (
      select d.release_at from dispatch d
      where d.recipient_id = r.id and d.state = 'released' and d.release_at <= $1::timestamptz - interval '24 hours' limit 1000) old) w
  where r.channel = 'pull_queue' and w.waiting > 0
    and not exists (select from dispatch c where c.recipient_id = r.id and c.collected_at > $1::timestamptz - interval '24 hours')
  order by r.id limit 1000`

const SUSPENDED = `
  select id as "recipientId", agency, name, suspended_until as until from recipient where suspended_until > $1::timestamptz order by id limit 1000`

/** What was sent a moment before the list may still be on its way. */
const MANIFESTS = `${DIFFERENCES}
  where m.day > ($1::timestamptz at time zone 'Europe/London')::date - 14 and m.put_at <= $1::timestamptz - interval '15 minutes' order by m.agency, m.day limit 1000`

/** From noon on yesterday's manifest is late. Only a force that has sent one lately is asked. */
const WITHOUT = `
  select distinct m.agency, (($1::timestamptz at time zone 'Europe/London')::date - 1)::date as day from manifest m
  where m.day > ($1::timestamptz at time zone 'Europe/London')::date - 15 and extract(hour from $1::timestamptz at time zone 'Europe/London') >= 12
    and not exists (select from manifest y where y.agency = m.agency and y.day = ($1::timestamptz at time zone 'Europe/London')::date - 1)
  order by m.agency limit 1000`

/** Measures everything that is watched, as it is at that moment. For the worker's role. */
export async function measure(db: Db, at: Instant): Promise<Measured> {
  const read = async <Row>(text: string) => (await db.executeQuery<Row>(CompiledQuery.raw(text, [at]))).rows
  return {
    forces: await read<ForceTraffic>(FORCES),
    floors: await read<Floor>(FLOORS),
    queues: await read<Omit<WaitingQueue, 'hours'> & { hours: WeekHours | null }>(QUEUES),
    suspended: await read<Suspension>(SUSPENDED),
    manifests: await read<ManifestDifference>(MANIFESTS),
    withoutManifest: await read<{ agency: string; day: string }>(WITHOUT),
  }
}
