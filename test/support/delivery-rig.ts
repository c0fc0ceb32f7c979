import { randomBytes } from 'node:crypto'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { afterAll } from 'vitest'
import { appendAuditEvents } from '../../src/audit/append-audit-events.ts'
import { type Database, type Db, openDatabase } from '../../src/database/connection.ts'
import { newId } from '../../src/database/new-id.ts'
import { newDataKey, readKeyRing, sealJson } from '../../src/database/sealing.ts'
import { type Keys, openServiceKeys } from '../../src/database/service-keys.ts'
import type { Tables } from '../../src/database/tables.ts'
import type { DueRoom } from '../../src/delivery/settle-due.ts'
import { type StoredPlan, storePlans } from '../../src/delivery/store-plans.ts'
import type { RoutingPlan } from '../../src/routing/plan.ts'
import type { PlannedDispatch } from '../../src/words/dispatch.ts'
import type { DispatchId, NotificationId } from '../../src/words/ids.ts'
import type { Channel, Contact, Service } from '../../src/words/recipient.ts'
import { aDatabase } from './database.ts'

/** A recipient as the delivery tests need it. */
export interface RecipientForTests {
  id: string
  channel: Channel
  service?: Service
  agency?: string
  secrets?: string[]
  contacts?: Contact[]
}

/** What the delivery suites share: a database, recipients in it, and plans stored as triage stores them. */
export interface DeliveryRig {
  url: string
  keys: Keys
  /** As `daymark_worker`. */
  worker: Database
  /** As `daymark_app`. */
  app: Database
  /** As the login of DATABASE_URL, for what commands do and no role may. */
  asOwner: <T>(work: (db: Db) => Promise<T>) => Promise<T>
  /** For the due loop's stories. A fault ends them, unless the test hears of it. */
  due: (faulted?: (fault: unknown) => void) => DueRoom
  /** From now on Postgres takes no event of this stream, whatever else is done; null: it takes all again. */
  refuseEventsOf: (stream: string | null) => Promise<void>
  addRecipient: (recipient: RecipientForTests, at: Temporal.Instant) => Promise<void>
  /** Stores one notification with a plan, and returns its id and the ids to ring. */
  store: (
    dispatches: readonly (Partial<PlannedDispatch> & { recipientId: string })[],
    given: { at: Temporal.Instant; victimRisk?: string; plan?: Partial<RoutingPlan> },
  ) => Promise<{ notification: NotificationId; ids: DispatchId[]; ring: DispatchId[] }>
  events: (
    stream: string,
  ) => Promise<{ kind: string; dispatch: string | null; task: string | null; actor: string; body: string }[]>
}

export const FORCE = 'police-zz'

function rethrow(fault: unknown): never {
  throw fault
}

export async function aDeliveryRig(): Promise<DeliveryRig> {
  return aDeliveryRigOn(await aDatabase())
}

/** The same on a database that other processes use too. */
export async function aDeliveryRigOn({ url, daymarkKeys }: { url: string; daymarkKeys: string }): Promise<DeliveryRig> {
  const worker = openDatabase(url, 'daymark_worker', 8)
  const app = openDatabase(url, 'daymark_app', 8)
  rigs.push(worker, app)
  const ring = readKeyRing(daymarkKeys)
  const keys = { ring, service: await openServiceKeys(worker.kysely, ring) }
  const recipients = new Map<string, StoredPlan['recipients'] extends ReadonlyMap<string, infer R> ? R : never>()

  const asOwner: DeliveryRig['asOwner'] = async (work) => {
    const owner = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 1 }) }) })
    try {
      return await work(owner)
    } finally {
      await owner.destroy()
    }
  }

  return {
    url,
    keys,
    worker,
    app,
    asOwner,
    refuseEventsOf: (stream) => asOwner((db) => refuseEvents(db, stream)),
    due: (faulted = rethrow) => ({ db: worker.kysely, keys, faulted }),
    addRecipient: async ({ id, channel, service = 'education_setting', agency = id, secrets = [], contacts = [] }, at) => {
      recipients.set(id, { agency, channel, name: `Recipient ${id}`, contacts })
      await insertRecipient(worker, keys, { id, channel, service, agency, secrets, contacts }, at)
    },
    store: async (dispatches, { at, victimRisk = 'standard', plan = {} }) => {
      const id = newId('ntf')
      const dataKey = newDataKey(ring, id)
      await insertNotification(worker, id, dataKey, at)
      const stored: StoredPlan = {
        notification: { id, force: FORCE, dataKey: dataKey.key },
        victimRisk,
        plan: { tasks: [], notDispatched: [], upkeep: [], dispatches: dispatches.map((one) => aPlanned(one, at)), ...plan },
        deskAgency: (desk) => (desk === 'directory' ? 'operator' : FORCE),
        recipients,
      }
      const ringIds = await worker.kysely.transaction().execute(async (trx) => {
        const { events, ring: toRing } = await storePlans(trx, keys, [stored], at)
        await appendAuditEvents(trx, at, events)
        return toRing
      })
      const rows = await worker.query<{ id: DispatchId }>('select id from dispatch where notification_id = $1 order by id', [id])
      return { notification: id, ids: rows.map((row) => row.id), ring: ringIds }
    },
    events: (stream) =>
      worker.query('select kind, dispatch, task, actor, body from audit_event where stream = $1 order by seq', [stream]),
  }
}

const rigs: Database[] = []
afterAll(async () => {
  await Promise.all(rigs.splice(0).map((database) => database.close()))
})

async function refuseEvents(db: Db, stream: string | null): Promise<void> {
  await sql`drop trigger if exists refuses_some on audit_event`.execute(db)
  if (stream === null) return
  const body = sql.raw(`begin if new.stream = '${stream}' then raise exception 'refused'; end if; return new; end`)
  await sql`create or replace function refuses_some() returns trigger language plpgsql as $$ ${body} $$`.execute(db)
  await sql`create trigger refuses_some before insert on audit_event for each row execute function refuses_some()`.execute(db)
}

function aPlanned(given: Partial<PlannedDispatch> & { recipientId: string }, at: Temporal.Instant): PlannedDispatch {
  return {
    kind: 'alert',
    service: 'education_setting',
    about: ['c1'],
    rules: ['school-hears'],
    asks: null,
    restricted: false,
    releaseAt: at,
    dueBy: at.add({ hours: 12 }),
    lateOnArrival: false,
    hold: null,
    content: { child: { givenNames: 'Merrin', familyName: 'Quillfeather' } },
    ...given,
  }
}

async function insertNotification(
  worker: Database,
  id: NotificationId,
  dataKey: { wrapped: Buffer; wrappedBy: string },
  at: Temporal.Instant,
): Promise<void> {
  await worker.kysely
    .insertInto('notification')
    .values({
      id,
      agency: FORCE,
      police_reference: id,
      version: 1,
      authority: 'E99000001',
      occurred_at: at,
      reported_at: at,
      received_at: at,
      received_by: 'cli_force',
      state: 'triaged',
      body_hmac: randomBytes(32),
      body: null,
      next_at: null,
    })
    .execute()
  await worker.kysely
    .insertInto('data_key')
    .values({ notification_id: id, wrapped: dataKey.wrapped, wrapped_by: dataKey.wrappedBy })
    .execute()
}

async function insertRecipient(
  worker: Database,
  keys: Keys,
  recipient: Required<RecipientForTests>,
  at: Temporal.Instant,
): Promise<void> {
  const { id, channel, service, agency, secrets, contacts } = recipient
  const mailbox = channel.kind === 'email' ? { mailbox: channel.address } : {}
  const dataKey = newDataKey(keys.ring, id)
  await worker.kysely
    .insertInto('recipient')
    .values({
      id,
      service,
      name: `Recipient ${id}`,
      agency,
      authorities: ['E99000001'],
      channel: channel.kind,
      url: channel.kind === 'webhook' ? channel.url : null,
      serves: [],
      opens_at: '08:45',
      terms: '[]',
      closed_days: [],
      data_key: dataKey.wrapped,
      wrapped_by: dataKey.wrappedBy,
      sealed: sealJson(dataKey.key, `recipient.sealed|${id}`, { contacts, ...mailbox, secrets }),
      written_at: at,
    })
    .execute()
}
