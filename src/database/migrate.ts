import { readdir, readFile } from 'node:fs/promises'
import { runMigrations } from 'bullmq'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import pg from 'pg'
import { readKeyRing } from './sealing.ts'
import { makeServiceKeys } from './service-keys.ts'
import type { Tables } from './tables.ts'

/** The schema BullMQ's Postgres backend keeps its own tables in, apart from ours. */
export const QUEUE_SCHEMA = 'bullmq'

/** Any number will do; it only has to be ours. Closing the connection gives the turn back. */
const MIGRATION_TURN = 20_251_107

const folder = new URL('../../migrations/', import.meta.url)

/**
 * Brings a database up to date: our tables and roles, BullMQ's own tables for its Postgres backend, and the service's
 * random keys. It may run twice, and by two processes at once; the second waits for the first. Only this does DDL.
 */
export async function migrate(databaseUrl: string, daymarkKeys: string): Promise<void> {
  const ring = readKeyRing(daymarkKeys)
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 3, application_name: 'daymark migrate' })
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  const turn = await pool.connect()
  try {
    await turn.query('select pg_advisory_lock($1)', [MIGRATION_TURN])
    const { error } = await new Migrator({ db, provider: { getMigrations: readMigrations } }).migrateToLatest()
    if (error) throw error
    await migrateQueue(pool)
    const { rows } = await sql<{
      at: string
    }>`select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at`.execute(db)
    await makeServiceKeys(db, ring, Temporal.Instant.from(rows[0]?.at ?? ''))
  } finally {
    turn.release(true)
    await db.destroy()
  }
}

/** True when every migration of this build has run; readiness asks. */
export async function schemaIsCurrent(query: (text: string) => Promise<{ name: string }[]>): Promise<boolean> {
  const ran = new Set((await query('select name from kysely_migration order by name limit 1000')).map(({ name }) => name))
  return (await migrationNames()).every((name) => ran.has(name))
}

async function migrateQueue(pool: pg.Pool): Promise<void> {
  const client = await pool.connect()
  try {
    await runMigrations(client, QUEUE_SCHEMA)
    await client.query(`
      -- BullMQ makes a sequence for each queue when it is first used: in its own schema, and nowhere else.
      grant usage, create on schema ${QUEUE_SCHEMA} to daymark_queue;
      grant select, insert, update, delete on all tables in schema ${QUEUE_SCHEMA} to daymark_queue;
      grant usage, select, update on all sequences in schema ${QUEUE_SCHEMA} to daymark_queue;
      grant execute on all functions in schema ${QUEUE_SCHEMA} to daymark_queue;
      grant select on kysely_migration to daymark_app, daymark_worker`)
  } finally {
    client.release()
  }
}

async function migrationNames(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
}

async function readMigrations(): Promise<Record<string, Migration>> {
  const migrations: Record<string, Migration> = {}
  for (const name of await migrationNames()) {
    const text = await readFile(new URL(name, folder), 'utf8')
    migrations[name] = { up: async (db) => void (await sql.raw(text).execute(db)) }
  }
  return migrations
}
