import { openDatabase } from '../../src/database/connection.ts'
import { newId } from '../../src/database/new-id.ts'
import { readKeyRing } from '../../src/database/sealing.ts'
import { type Keys, openServiceKeys } from '../../src/database/service-keys.ts'
import type { LookedUp } from '../../src/history/earlier-incidents-store.ts'
import { keysOfPeople, keysToKeep } from '../../src/history/keys-of-people.ts'
import type { NotificationId } from '../../src/words/ids.ts'
import type { Notification, Person } from '../../src/words/notification.ts'
import { aDatabase } from './database.ts'

/** A test file's own database, open by every role, with its keys. */
export async function anOpenDatabase() {
  const { url, daymarkKeys } = await aDatabase()
  const worker = openDatabase(url, 'daymark_worker', 3)
  const app = openDatabase(url, 'daymark_app', 3)
  const intake = openDatabase(url, 'daymark_intake', 3)
  // The login itself, for what only the operator's own commands or a hostile hand would do.
  const owner = openDatabase(url, null, 2)
  const ring = readKeyRing(daymarkKeys)
  const keys: Keys = { ring, service: await openServiceKeys(worker.kysely, ring) }
  const close = () => Promise.all([worker, app, intake, owner].map((opened) => opened.close()))
  return { url, worker, app, intake, owner, keys, close }
}

export type OpenDatabase = Awaited<ReturnType<typeof anOpenDatabase>>

/** What a test may say of a stored notification; the rest is dull. */
export interface Stored {
  agency?: string
  reference: string
  version?: number
  occurredAt: string
  /** When police were told: the incident's own moment unless the test says otherwise. */
  reportedAt?: string
  people: readonly Person[]
  state?: 'received' | 'triaged' | 'superseded' | 'withdrawn'
  triagedAt?: string
}

/** Stores a notification and its person keys as intake would, with a body that cannot be opened. */
export async function storeNotification(
  database: OpenDatabase,
  stored: Stored,
): Promise<LookedUp & { notification: Notification }> {
  const { agency = 'police-derbyshire', reference, version = 1, occurredAt, reportedAt = occurredAt, state = 'received' } = stored
  const id: NotificationId = newId('ntf')
  const notification: Notification = {
    policeReference: reference,
    version,
    incident: { occurredAt, reportedAt, localAuthority: 'E06000015' },
    people: [...stored.people],
  }
  const times = { occurred_at: Temporal.Instant.from(occurredAt), reported_at: Temporal.Instant.from(reportedAt) }
  await database.intake.kysely
    .insertInto('notification')
    .values({
      id,
      agency,
      police_reference: reference,
      version,
      authority: 'E06000015',
      ...times,
      received_at: times.reported_at,
      received_by: 'cli_test',
      state,
      body_hmac: Buffer.alloc(32),
      body: null,
      next_at: state === 'received' ? times.reported_at : null,
      triaged_at: stored.triagedAt ? Temporal.Instant.from(stored.triagedAt) : null,
    })
    .execute()
  const people = keysOfPeople(database.keys.service.index.key, notification, agency)
  const rows = keysToKeep(database.keys.service.index.key, notification, agency)
  if (rows.length > 0) {
    await database.intake.kysely
      .insertInto('person_key')
      .values(
        rows.map((row) => ({
          ...row,
          index_key: database.keys.service.index.id,
          notification_id: id,
          occurred_at: times.occurred_at,
        })),
      )
      .execute()
  }
  return {
    id,
    agency,
    policeReference: reference,
    occurredAt: times.occurred_at,
    reportedAt: times.reported_at,
    people,
    notification,
  }
}
