import { CompiledQuery } from 'kysely'
import type { Trx } from '../database/connection.ts'
import { newDataKey, sealJson } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import type { AgencyId } from '../words/ids.ts'
import type { Person } from '../words/notification.ts'
import { certainKinds, type Findable, personKeys } from './person-keys.ts'

/** An incident of a force's own from before go-live. It counts as history and dispatches nothing. */
export interface RegisteredIncident {
  policeReference: string
  occurredAt: Temporal.Instant
  people: (Findable & { role: Person['role'] })[]
}

const WRITE = `
  insert into earlier_incident (agency, police_reference, occurred_at, data_key, wrapped_by, sealed, written_at)
  select $1, reference, occurred, data_key, wrapped_by, sealed, $2::timestamptz
  from unnest($3::text[], $4::timestamptz[], $5::bytea[], $6::text[], $7::bytea[]) as x(reference, occurred, data_key, wrapped_by, sealed)
  on conflict (agency, police_reference) do update
  set occurred_at = excluded.occurred_at, data_key = excluded.data_key, wrapped_by = excluded.wrapped_by, sealed = excluded.sealed,
      written_at = excluded.written_at
  returning police_reference, xmax = 0 as is_new`

const FORGET_KEYS = 'delete from earlier_incident_key where agency = $1 and police_reference = any($2)'

const WRITE_KEYS = `
  insert into earlier_incident_key (agency, index_key, key, kind, police_reference, role, occurred_at)
  select $1, $2, key, kind, reference, role, occurred
  from unnest($3::bytea[], $4::text[], $5::text[], $6::text[], $7::timestamptz[]) as x(key, kind, reference, role, occurred)`

/** True for a force, whose history it is: no school, council or clinic, and not the operator. */
export async function keepsOwnHistory(trx: Trx): Promise<boolean> {
  const { rows } = await trx.executeQuery<{ keeps: boolean | null }>(CompiledQuery.raw('select keeps_own_history() as keeps', []))
  return rows[0]?.keeps === true
}

/** Writes incidents whole, their people with them; each reference once. @returns which were new */
export async function writeRegisteredIncidents(
  trx: Trx,
  keys: Keys,
  force: AgencyId,
  incidents: readonly RegisteredIncident[],
  at: Temporal.Instant,
): Promise<ReadonlySet<string>> {
  const references = incidents.map(({ policeReference }) => policeReference)
  const occurred = incidents.map(({ occurredAt }) => occurredAt)
  const sealed = incidents.map(({ policeReference, people }) => {
    const owner = `${force}/${policeReference}`
    const dataKey = newDataKey(keys.ring, owner)
    return { dataKey, sealed: sealJson(dataKey.key, `earlier_incident.sealed|${owner}`, { people }) }
  })
  const { rows } = await trx.executeQuery<{ police_reference: string; is_new: boolean }>(
    CompiledQuery.raw(WRITE, [
      force,
      at,
      references,
      occurred,
      sealed.map(({ dataKey }) => dataKey.wrapped),
      sealed.map(({ dataKey }) => dataKey.wrappedBy),
      sealed.map((one) => one.sealed),
    ]),
  )
  await trx.executeQuery(CompiledQuery.raw(FORGET_KEYS, [force, references]))
  const keyed = incidents.flatMap((incident) => keysOf(keys, force, incident))
  await trx.executeQuery(
    CompiledQuery.raw(WRITE_KEYS, [
      force,
      keys.service.index.id,
      keyed.map(({ key }) => key),
      keyed.map(({ kind }) => kind),
      keyed.map(({ policeReference }) => policeReference),
      keyed.map(({ role }) => role),
      keyed.map(({ occurredAt }) => occurredAt),
    ]),
  )
  return new Set(rows.filter(({ is_new }) => is_new).map(({ police_reference }) => police_reference))
}

/**
 * Makes later notifications of the same people due again, whichever force sent them: they did not know of these incidents.
 * Looking again only adds. @returns how many
 */
export async function wakeNotificationsOfPeople(
  trx: Trx,
  keys: Keys,
  force: AgencyId,
  incidents: readonly RegisteredIncident[],
  lookAgainAt: Temporal.Instant,
): Promise<number> {
  const certain = incidents.flatMap((incident) => keysOf(keys, force, incident)).filter(({ kind }) => certainKinds.has(kind))
  if (certain.length === 0) return 0
  const text = 'select wake_notifications_of_people($1::bytea[], $2::timestamptz[], $3::timestamptz) as woken'
  const parameters = [certain.map(({ key }) => key), certain.map(({ occurredAt }) => occurredAt), lookAgainAt]
  const { rows } = await trx.executeQuery<{ woken: number }>(CompiledQuery.raw(text, parameters))
  return rows[0]?.woken ?? 0
}

function keysOf({ service }: Keys, force: AgencyId, { policeReference, occurredAt, people }: RegisteredIncident) {
  return people.flatMap(({ role, ...person }) =>
    personKeys(service.index.key, person, force).map((key) => ({ ...key, role, policeReference, occurredAt })),
  )
}
