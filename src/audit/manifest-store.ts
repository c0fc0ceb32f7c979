import { CompiledQuery } from 'kysely'
import type { Db } from '../database/connection.ts'

type Instant = Temporal.Instant

/** A force's manifest of one day, where it differs from what came. References only. */
export interface ManifestDifference {
  agency: string
  /** `YYYY-MM-DD`, Europe/London. */
  day: string
  putAt: Instant
  notReceived: readonly string[]
  notListed: readonly string[]
}

/**
 * A day's differences: what was listed and never came, and what first came on that day (Europe/London) and no list near it names. The
 * second is only asked from the next noon on: until then a force may still add to its list, or name it on the next day's.
 */
export const DIFFERENCES = `
  select m.agency, m.day, m.put_at as "putAt",
    array(select reference from unnest(m.police_references) as listed (reference)
      where not exists (select from notification n where n.agency = m.agency and n.police_reference = reference)
      order by reference) as "notReceived",
    array(select distinct n.police_reference from notification n
      where n.agency = m.agency and n.received_at >= m.day::timestamp at time zone 'Europe/London'
        and n.received_at < (m.day + 1)::timestamp at time zone 'Europe/London'
        and $1::timestamptz at time zone 'Europe/London' >= (m.day + 1)::timestamp + interval '12 hours'
        and not exists (select from notification before where before.agency = n.agency and before.police_reference = n.police_reference
          and before.received_at < n.received_at)
        and not exists (select from manifest near where near.agency = m.agency and near.day between m.day - 1 and m.day + 1
          and n.police_reference = any(near.police_references))
      order by n.police_reference) as "notListed"
  from manifest m`

const BETWEEN = `
  select agency, day, "putAt", "notReceived", "notListed" from (${DIFFERENCES}
    where m.day >= ($2::timestamptz at time zone 'Europe/London')::date and m.day <= ($3::timestamptz at time zone 'Europe/London')::date) d
  where cardinality("notReceived") + cardinality("notListed") > 0 order by agency, day limit 1000`

/** Every manifest of those days that differs from what came, as it is now. What this connection's role may see of them. */
export async function differingManifests(
  db: Db,
  window: { from: Instant; to: Instant; at: Instant },
): Promise<ManifestDifference[]> {
  const { at, from, to } = window
  return (await db.executeQuery<ManifestDifference>(CompiledQuery.raw(BETWEEN, [at, from, to]))).rows
}
