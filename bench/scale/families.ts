/**
 * Families that are known already, stored through the product's own door: their earlier notifications open, and are found by
 * keys that follow from their names. What is stored beside them in SQL is nobody they know.
 */
import type { Database } from '../../src/database/connection.ts'
import { newDataKey, sealJson } from '../../src/database/sealing.ts'
import type { Keys } from '../../src/database/service-keys.ts'
import { type Accepted, accept } from '../../src/intake/accept-store.ts'
import { prepare } from '../../src/intake/receive-notification.ts'
import type { NotificationId } from '../../src/words/ids.ts'
import type { Notification, Person } from '../../src/words/notification.ts'
import { AUTHORITY, aNotification, SCHOOLS, schoolUrn } from '../notifications.ts'

export const FORCE = 'police-bench'
const DAYS_BETWEEN = 25

/** The databases of a scale figure, by role, with what opens what is sealed in them. */
export interface OpenStore {
  owner: Database
  intake: Database
  worker: Database
  keys: Keys
}

/** How often a family was reported before: mostly once, twice or three times; every tenth a dozen times. */
const timesBefore = (family: number) => (family % 10 === 0 ? 12 : 1 + (family % 3))

/** Stores what was reported of these families before `at`, as triaged. */
export async function storeEarlier(store: OpenStore, families: readonly number[], at: Temporal.Instant): Promise<void> {
  const earlier = families.flatMap((family) =>
    Array.from({ length: timesBefore(family) }, (_, before) => anEarlier(family, before + 1, at)),
  )
  const ids = await receive(store, earlier, at)
  await store.owner.query(
    `update notification set state = 'triaged', triaged_at = received_at, next_at = null, hinted_until = null
     where id = any($1) and state = 'received'`,
    [ids],
  )
}

/** Receives what is reported of these families now. @returns the ids, which are due for triage */
export function receiveNew(store: OpenStore, families: readonly number[], at: Temporal.Instant): Promise<NotificationId[]> {
  return receive(
    store,
    families.map((family) => aNotification(family, at)),
    at,
  )
}

async function receive({ intake, keys }: OpenStore, notifications: readonly Notification[], at: Temporal.Instant) {
  const client = { id: 'cli_bench', agency: FORCE }
  const accepted: Accepted[] = notifications.map((notification) =>
    prepare({ keys, now: () => at }, { client, notification, idempotencyKey: null }),
  )
  if (!(await accept(intake, accepted))) throw new Error('A notification of the bench was there already')
  return accepted.map(({ id }) => id)
}

/** In every fifth family a child was there who is not mentioned now: triage opens the old notification to say who. */
function anEarlier(family: number, before: number, at: Temporal.Instant): Notification {
  const now = aNotification(family, at)
  const reportedAt = at.subtract({ hours: 24 * DAYS_BETWEEN * before })
  const occurredAt = reportedAt.subtract({ minutes: 20 }).toString()
  return {
    ...now,
    policeReference: `${now.policeReference}-${before}`,
    incident: { ...now.incident, occurredAt, reportedAt: reportedAt.toString() },
    people: family % 5 === 0 ? [...now.people, ...now.people.filter(({ ref }) => ref === 'c1').map(sister)] : now.people,
  }
}

const sister = ({ upn: _, ...child }: Person): Person => ({ ...child, ref: 'c3', givenNames: 'Wenna' })

/** The services and schools that the families of the bench are told to, and since when the force's history is whole. */
export async function storeDirectory({ owner, keys }: OpenStore, at: Temporal.Instant): Promise<void> {
  const services = ['childrens_social_care', 'education_authority', 'health', 'marac', 'idva', 'police_child_protection']
  const schools = Array.from({ length: SCHOOLS }, (_, index) => schoolUrn(index))
  const recipients = [
    ...services.map((service) => ({ id: `bench-${service}`, service, authorities: [AUTHORITY], urn: null })),
    ...schools.map((urn) => ({ id: `school-${urn}`, service: 'education_setting', authorities: [AUTHORITY], urn })),
  ]
  for (const { id, service, authorities, urn } of recipients) {
    const key = newDataKey(keys.ring, id)
    const sealed = sealJson(key.key, `recipient.sealed|${id}`, { contacts: [], secrets: [] })
    await owner.query(
      `insert into recipient (id, service, name, agency, authorities, urn, channel, data_key, wrapped_by, sealed, written_at)
       values ($1, $2, $1, $1, $3, $4, 'pull_queue', $5, $6, $7, $8)`,
      [id, service, authorities, urn, key.wrapped, key.wrappedBy, sealed, at.subtract({ hours: 24 })],
    )
  }
  await owner.query('insert into force_history (agency, complete_from, set_at) values ($1, $2, $3)', [
    FORCE,
    at.subtract({ hours: 24 * 365 * 5 }),
    at,
  ])
}
